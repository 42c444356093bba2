#ifndef PS_NET_FLIGHT_H
#define PS_NET_FLIGHT_H

// Queries that were sent and wait for their answers.

#include "net/queue.h"
#include "net/tcp.h"
#include "net/upstream.h"

typedef struct ps_flight {
    ps_question question;
    ps_upstream *upstream; // NULL: the place is free
    ps_tcp *tcp; // NULL: by datagram
    uint64_t deadline_ms;
    int socket; // of the upstream; -1: the query could not leave
    uint8_t mismatches; // messages that came in its place
    uint16_t id;
} ps_flight;

typedef struct ps_flights {
    ps_flight *items;
    size_t count, used, tcp_count;
    uint64_t sent; // queries, ever
    int epoll;
    ps_random random;
} ps_flights;

// Tags of TCP connections in the epoll set; the rest of the tag is the number of the place.
#define PS_FLIGHT_TAG_TCP ((uint64_t)1 << 32)

ps_status ps_flights_open(ps_flights *out, size_t count, int epoll, ps_error *err);
void ps_flights_done(ps_flights *flights); // a zeroed one is fine

// Send a question; there must be a free place. One that cannot leave waits for its deadline like one that was lost.
// `*out` is NULL when the system has no room for the packet just now.
ps_status ps_flight_start(ps_flights *flights, const ps_question *question, ps_upstream *upstream, ps_flight **out,
                          ps_error *err);
void ps_flight_end(ps_flights *flights, ps_flight *flight);

// The query that a datagram answers, or NULL; wrong answers are counted at the query that they look like.
ps_flight *ps_flights_match(ps_flights *flights, const ps_upstream *upstream, int socket, ps_span message);

#endif
