#ifndef PS_ESP_REPLY_H
#define PS_ESP_REPLY_H

// What a reply means before anybody reads it: take it, ask again, or give up with which error.

#include "esp/client_state.h"
#include "net/http.h"

typedef struct ps_reply_verdict {
    enum { PS_REPLY_TAKE, PS_REPLY_RETRY, PS_REPLY_FAIL } action;
    ps_status status; // of a failure, or when all tries are used up
    bool about_request; // a 4xx that is neither about credentials nor about the rate
} ps_reply_verdict;

void ps_reply_judge(const ps_client *client, const ps_http_reply *reply, ps_reply_verdict *out);

// The error of a reply that is not taken. `what` says what was asked for: "its list 'bounces'". Of the reply's text at
// most 200 bytes are shown, without addresses, and none when a key is in it.
ps_status ps_reply_error(const ps_client *client, const ps_http_reply *reply, ps_status status, const char *what,
                         ps_error *err);

#endif
