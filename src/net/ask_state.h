#ifndef PS_NET_ASK_STATE_H
#define PS_NET_ASK_STATE_H

// What ask.c, which keeps time, ask_send.c, ask_receive.c, ask_doh.c, which does both over HTTPS, and ask_outcome.c,
// which says what becomes of a question, have in common. For these five only.

#include "net/ask.h"
#include "net/flight.h"
#include "net/outbox.h"

enum {
    PS_ASK_UNREACHABLE_MS = 500, // for a question that could not leave, or found nobody
    PS_ASK_OUTAGE_MS = 50, // until a question looks again for a resolver in rotation
    PS_ASK_POSTPONE_MS = 1, // for one that must go to a resolver without room; so short that new ones do not push in
    PS_ASK_EXCUSES_MAX = 8, // attempts that failed by haste; then they count
    PS_ASK_MISMATCHES_MAX = 10, // wrong answers to one question, after which it goes by TCP: nobody can guess into that
    PS_ASK_KIND_PROBE = UINT8_MAX // the client's kinds are below
};

// When a question is due that waits for all others to end.
#define PS_ASK_LAST_MS (UINT64_MAX - 2)

struct ps_ask {
    ps_dns_options options;
    int epoll;
    ps_upstream upstreams[PS_UPSTREAMS_MAX];
    ps_outbox outboxes[PS_UPSTREAMS_MAX];
    uint16_t tcp_pending[PS_UPSTREAMS_MAX][PS_UPSTREAM_TCP]; // queries on each connection
    bool tcp_alone[PS_UPSTREAMS_MAX][PS_UPSTREAM_TCP]; // it is one that wants to be alone there
    char probe_names[PS_UPSTREAMS_MAX][PS_ASK_RANDOM_NAME_SIZE];
    size_t upstreams_count, probes;
    ps_flights flights;
    ps_queue queue;
    const ps_ask_client *client;
    bool drained; // the client has nothing new
    uint64_t now_ms, started_ms, ticked_ms;
    unsigned turn; // whose turn it is among the resolvers
    struct ps_inbox *inbox;
    ps_dns_answer answer; // the one that is being read
};

// Whether somebody can be asked who is not in `avoid` (bits).
bool ps_ask_rotation_beyond(const ps_ask *ask, unsigned avoid);
bool ps_ask_has_other(const ps_ask *ask, const ps_question *question);

// The deadline is over: questions that failed before end so, the others are dropped.
ps_status ps_ask_give_up(ps_ask *ask, ps_error *err);

// The question waits until `due_ms` (0: it does not wait), to be sent then.
ps_status ps_ask_requeue(ps_ask *ask, ps_question *question, uint64_t due_ms, ps_error *err);

// Send what is due and new as far as the resolvers have room; and one question to one resolver, whoever has room.
ps_status ps_ask_send(ps_ask *ask, ps_error *err);
ps_status ps_ask_start(ps_ask *ask, ps_question *question, ps_upstream *upstream, ps_error *err);

// Whether a resolver in rotation can take a question now.
bool ps_ask_has_room(ps_ask *ask);

// The way to a resolver that is asked by HTTPS: opened, a question sent, what comes waited for.
ps_status ps_ask_open_doh(ps_ask *ask, ps_upstream *upstream, ps_error *err);
ps_status ps_ask_start_doh(ps_ask *ask, ps_question *question, ps_upstream *upstream, ps_error *err);
ps_status ps_ask_receive_doh(ps_ask *ask, ps_doh *doh, int wait_ms, ps_error *err);

// A message that matches what was asked.
ps_status ps_ask_take_answer(ps_ask *ask, ps_flight *flight, ps_span message, ps_error *err);

// An attempt is over: its place is free, its question the caller's.
void ps_ask_leave(ps_ask *ask, ps_flight *flight, ps_question *out);

// An attempt ended in an answer, without one, or too late.
ps_status ps_ask_end_attempt(ps_ask *ask, ps_flight *flight, ps_dns_answer *answer, ps_error *err);
ps_status ps_ask_end_failed(ps_ask *ask, ps_flight *flight, ps_dns_outcome outcome, ps_error *err);
ps_status ps_ask_expire(ps_ask *ask, ps_flight *flight, ps_error *err);

// An answer that cannot be trusted: only one by TCP will be.
ps_status ps_ask_distrust(ps_ask *ask, ps_flight *flight, ps_error *err);

// A connection is of no use any more; its questions get one more chance, each on a connection of its own. `outcome` is
// for those that had it.
ps_status ps_ask_break_tcp(ps_ask *ask, ps_upstream *upstream, unsigned connection, ps_dns_outcome outcome,
                           ps_error *err);

// The network says that nobody listens there: what was sent by this socket waits no longer than need be.
void ps_ask_shorten(ps_ask *ask, const ps_upstream *upstream, int socket);

// Take what the network has, or comes up with in `wait_ms`.
ps_status ps_ask_receive(ps_ask *ask, int wait_ms, ps_error *err);
ps_status ps_inbox_new(struct ps_inbox **out, ps_error *err);

#endif
