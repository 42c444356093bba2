#ifndef PS_NET_DOH_H
#define PS_NET_DOH_H

// DNS over HTTPS (RFC 8484): questions to one resolver by POST, many at once on few connections. Its host name is
// looked up by the system, through libcurl; its certificate is checked. Knows nothing of who is asked when.

#include <stdbool.h>
#include <stdint.h>

#include "presend/span.h"
#include "presend/status.h"

enum {
    PS_DOH_CONNECTIONS = 4,
    PS_DOH_STREAMS = 100, // on each: what libcurl asks for, and what RFC 9113 wants servers to allow at least
    PS_DOH_IN_FLIGHT_MAX = PS_DOH_CONNECTIONS * PS_DOH_STREAMS,
    PS_DOH_TIMEOUT_MS =
        5000 // nothing gets lost on the way: who is silent for so long is waiting for others, or is dead
};

typedef struct ps_doh ps_doh;

typedef enum ps_doh_end {
    PS_DOH_MESSAGE, // that claims to be DNS
    PS_DOH_LATE, // nothing in time
    PS_DOH_BROKEN, // no connection, no trust, or it ended early
    PS_DOH_BUSY, // too many requests (429)
    PS_DOH_FAILED, // 5xx
    PS_DOH_WRONG_STATUS, // any other but 200
    PS_DOH_WRONG_BODY // something else than DNS
} ps_doh_end;

typedef struct ps_doh_reply {
    ps_doh_end end;
    ps_span message;
    const char *peer; // the resolver's address, or NULL
    uint32_t wait_s; // what the resolver asks for (Retry-After); 0: nothing
    bool multiplexed; // the connection carries more than one question at a time
} ps_doh_reply;

// What became of the question `number`. Called by ps_doh_wait() alone.
typedef ps_status ps_doh_take(void *context, uint32_t number, const ps_doh_reply *reply, ps_error *err);

typedef struct ps_doh_options {
    const char *url, *ca_file; // outlive it; see http.h
    uint32_t timeout_ms;
    ps_doh_take *take;
    void *context;
} ps_doh_options;

ps_status ps_doh_open(const ps_doh_options *options, ps_doh **out, ps_error *err);
void ps_doh_close(ps_doh *doh); // NULL is fine

// Send a message, which is copied. PS_RETRY without memory; whatever else can go wrong is told by `take`.
ps_status ps_doh_start(ps_doh *doh, uint32_t number, ps_span message, ps_error *err);

// Nothing more is told of what was sent until now.
void ps_doh_forget(ps_doh *doh);

// Wait for up to `wait_ms` and tell what came. Stops at the first failure of `take`, which it returns.
ps_status ps_doh_wait(ps_doh *doh, uint32_t wait_ms, ps_error *err);

// What was wrong last, for people; "" while nothing was. Names no more of the URL than its host.
const char *ps_doh_problem(const ps_doh *doh);
// A message that was told is about something else than was asked.
void ps_doh_note_stray(ps_doh *doh);

#endif
