#ifndef PS_NET_HTTP_H
#define PS_NET_HTTP_H

// HTTP requests, many at once in the caller's thread. http.c and curl.c are the only files that know libcurl.
//
// What no caller can change: certificates and host names are checked, TLS is 1.2 or later, redirects are not followed,
// plain http goes to loopback addresses only, and nothing is taken from the environment: no proxy, no .netrc.

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "presend/span.h"
#include "presend/status.h"

enum {
    PS_HTTP_CONNECT_MS = 10000,
    PS_HTTP_REQUEST_MS = 60000,
    PS_HTTP_SLOW_BYTES_S = 1024, // a reply that is slower than this
    PS_HTTP_SLOW_S = 30, // for so long is given up
    PS_HTTP_HEADERS_BYTES_MAX = 256 << 10,
    PS_HTTP_REPLY_BYTES_MAX = 64 << 20, // unpacked; the biggest page of 10,000 entries has 3 MiB
    PS_HTTP_HOST_CONNECTIONS_MAX = 8,
    PS_HTTP_PROBLEM_SIZE = 1024
};

typedef struct ps_http ps_http;

ps_status ps_http_open(ps_http **out, ps_error *err);
// No more connections to one host than that; PS_HTTP_HOST_CONNECTIONS_MAX without it.
void ps_http_bound_connections(ps_http *http, unsigned count);

void ps_http_close(ps_http *http); // ends what is under way without calling `done`; NULL is fine

typedef struct ps_http_header {
    const char *name;
    ps_span value; // one line; may be a secret
} ps_http_header;

// How a request ended. What is worth another try says ps_http_can_retry().
typedef enum ps_http_outcome {
    PS_HTTP_REPLIED, // a whole reply, of whatever status
    PS_HTTP_UNREACHABLE, // no address, no connection, or it was reset
    PS_HTTP_TIMEOUT, // or too slow
    PS_HTTP_CUT, // the reply ended before its end, or cannot be unpacked
    PS_HTTP_UNTRUSTED, // TLS: certificate, host name or version
    PS_HTTP_TOO_LARGE,
    PS_HTTP_REFUSED, // a URL that is not asked: another scheme, plain http to elsewhere
    PS_HTTP_NO_MEMORY
} ps_http_outcome;

typedef struct ps_http_reply {
    ps_http_outcome outcome;
    int status;
    ps_span body; // decoded
    const char *problem; // what went wrong, for people, or ""; nothing of the request but host and port
    uint64_t received_bytes; // on the wire
    const char *peer; // the address of the other end; "" or NULL: there was none
    uint16_t port; // this end of the connection; 0: there was none
    bool multiplexed; // by HTTP/2: one connection carries many requests at once
    void *handle; // for ps_http_reply_header()
} ps_http_reply;

// The reply lives until this returns. New requests may be started from here.
typedef void ps_http_done(void *context, const ps_http_reply *reply);

typedef struct ps_http_request {
    const char *method; // GET, POST, DELETE
    const char *url; // sent as it stands; never with a secret in it
    const ps_http_header *headers;
    size_t headers_count;
    ps_span body; // for POST; may hold a secret
    const char *ca_file; // certificates beside the system's; NULL: none
    const char *proxy; // NULL: none
    uint32_t timeout_ms; // 0: PS_HTTP_REQUEST_MS
    size_t reply_bytes_max; // 0: PS_HTTP_REPLY_BYTES_MAX
    bool multiplex; // rather waits for room on a connection that is there than opens another one
    ps_http_done *done;
    void *context;
} ps_http_request;

// Everything of the request is copied. PS_RETRY without memory; whatever else can go wrong is said to `done`.
ps_status ps_http_start(ps_http *http, const ps_http_request *request, ps_error *err);

// Waits for up to `timeout_ms` and moves everything on; `done` is called from here.
ps_status ps_http_wait(ps_http *http, uint32_t timeout_ms, ps_error *err);

size_t ps_http_running(const ps_http *http);

// The last header of that name, or NULL. Names are compared without case.
const char *ps_http_reply_header(const ps_http_reply *reply, const char *name);

bool ps_http_can_retry(const ps_http_reply *reply); // as it ended; of statuses: 408, 425, 429, 500, 502, 503, 504

// The host of a URL is a loopback address (or localhost, which libcurl never looks up).
bool ps_http_is_loopback(const char *url);

// A whole URL that a request may go to: https, or http to loopback; without a user's name, a fragment or a template.
bool ps_http_is_askable(const char *url);

// Everything but A-Z a-z 0-9 - . _ ~ as %XX (RFC 3986 section 2.3), so that no `+`, `/` or `?` changes what is meant.
void ps_http_add_encoded(ps_buf *out, ps_span text);

// The system's time in an HTTP date (RFC 9110 section 5.6.7), in seconds since 1970; -1 when it is none.
int64_t ps_http_date(const char *text);

#endif
