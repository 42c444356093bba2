#ifndef PS_NET_CURL_H
#define PS_NET_CURL_H

// libcurl, loaded when something is first asked by HTTP: it brings 25 other libraries, which take 4 MiB and 5 of the 8
// ms in which the program starts, and most runs ask nobody.

#include <curl/curl.h>

#include "presend/status.h"

// What presend calls of it, by the names without `curl_`.
#define PS_CURL_CALLS(call)                                                                                            \
    call(easy_cleanup) call(easy_getinfo) call(easy_header) call(easy_init) call(easy_reset) call(easy_setopt)         \
        call(easy_strerror) call(free) call(getdate) call(global_cleanup) call(global_init) call(multi_add_handle)     \
            call(multi_cleanup) call(multi_info_read) call(multi_init) call(multi_perform) call(multi_poll)            \
                call(multi_remove_handle) call(multi_setopt) call(multi_strerror) call(slist_append)                   \
                    call(slist_free_all) call(url) call(url_cleanup) call(url_get) call(url_set)

typedef struct ps_curl {
#define PS_CURL_CALL(name) __typeof__(curl_##name) *name;
    PS_CURL_CALLS(PS_CURL_CALL)
#undef PS_CURL_CALL
} ps_curl;

// The same for ever, once it is loaded. PS_RETRY, where it cannot be; `out` is then untouched. Safe on any thread.
ps_status ps_curl_load(const ps_curl **out, ps_error *err);

#endif
