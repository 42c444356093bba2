#ifndef PS_NET_ASK_STATE_H
#define PS_NET_ASK_STATE_H

// What ask.c, which sends and keeps time, ask_receive.c, which takes answers, and ask_outcome.c, which says what
// becomes of a question, have in common. For these three only.

#include "net/ask.h"
#include "net/flight.h"

enum {
    PS_ASK_DATAGRAM_MAX = 4096, // longer ones do not come where 1232 octets are asked for
    PS_ASK_UNREACHABLE_MS = 500, // for a question that could not leave, or found nobody
    PS_ASK_KIND_PROBE = UINT8_MAX // the client's kinds are below
};

struct ps_ask {
    ps_dns_options options;
    int epoll;
    ps_upstream upstreams[PS_UPSTREAMS_MAX];
    char probe_names[PS_UPSTREAMS_MAX][PS_ASK_RANDOM_NAME_SIZE];
    size_t upstreams_count, probes;
    ps_flights flights;
    ps_queue queue;
    const ps_ask_client *client;
    bool drained; // the client has nothing new
    uint64_t now_ms, started_ms, ticked_ms;
    unsigned turn; // whose turn it is among the resolvers
    unsigned char datagram[PS_ASK_DATAGRAM_MAX];
};

// Whether somebody can be asked who is not in `avoid` (bits).
bool ps_ask_rotation_beyond(const ps_ask *ask, unsigned avoid);
bool ps_ask_has_other(const ps_ask *ask, const ps_question *question);

// The question waits until `due_ms`, to be sent then.
ps_status ps_ask_requeue(ps_ask *ask, ps_question *question, uint64_t due_ms, ps_error *err);

// An attempt ended in an answer, without one, or too late.
ps_status ps_ask_end_attempt(ps_ask *ask, ps_flight *flight, ps_dns_answer *answer, ps_error *err);
ps_status ps_ask_end_failed(ps_ask *ask, ps_flight *flight, ps_dns_outcome outcome, ps_error *err);
ps_status ps_ask_expire(ps_ask *ask, ps_flight *flight, ps_error *err);

// So many wrong answers came that the right one is only believed by TCP, which nobody can guess into.
ps_status ps_ask_distrust(ps_ask *ask, ps_flight *flight, ps_error *err);

// Take what the network has, or comes up with in `wait_ms`.
ps_status ps_ask_receive(ps_ask *ask, int wait_ms, ps_error *err);

#endif
