#ifndef PS_ESP_RETRY_H
#define PS_ESP_RETRY_H

// How long to wait before a request is sent again, and when to give up.

#include "net/http.h"

enum {
    PS_RETRY_TRIES_MAX = 6, // of one request
    PS_RETRY_HINT_S_MAX = 120, // an ESP that wants more is out of reach
    PS_RETRY_BUDGET_MS = 5 * 60 * 1000, // of all waiting for one source
    PS_RETRY_FIRST_MS = 1000, // doubled with each try
    PS_RETRY_LONGEST_MS = 60000
};

// What a header says of waiting: seconds (fractions too), a time since 1970, or an HTTP date; -1 when it says nothing.
double ps_retry_hint_s(const char *value, double now_s);

// What a reply asks for, in seconds; 0 when nothing.
double ps_retry_asked_s(const ps_http_reply *reply, double now_s);

typedef struct ps_retry {
    unsigned tries; // of this request, all failed
    uint64_t waited_ms; // for this source so far
    uint32_t first_ms; // 0: PS_RETRY_FIRST_MS
} ps_retry;

// How long to wait now: the larger of what the reply asked for and a random part of a time that doubles with each try.
// `random` is any number. False: give up.
bool ps_retry_wait_ms(const ps_retry *retry, double asked_s, uint16_t random, uint32_t *out_ms);

// After a reply that is fine but says that it was the last one for now: how long to hold back; 0 when not.
uint32_t ps_retry_pause_ms(const ps_http_reply *reply, double now_s);

#endif
