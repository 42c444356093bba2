#ifndef PS_NET_FLIGHT_H
#define PS_NET_FLIGHT_H

// Queries that were sent and wait for their answers: found by id, by socket, and by when they are given up.

#include "net/queue.h"
#include "net/upstream.h"

typedef struct ps_flight {
    ps_question question;
    ps_dns_query query; // as it was sent
    ps_upstream *upstream; // NULL: the place is free
    uint64_t sent_ms, deadline_ms;
    uint32_t next, previous; // with the same deadline, roughly; of a free place: the next free one
    uint32_t next_mate, previous_mate; // on the same socket
    int16_t socket; // of the upstream; -1: by TCP, or the query could not leave
    int8_t tcp; // connection of the upstream; -1: by datagram
    uint8_t mismatches; // messages that came in its place
} ps_flight;

typedef struct ps_flights {
    ps_flight *items;
    uint16_t *by_id; // places, for all 65,536 ids; small, since it is hit at random
    uint32_t *wheel; // the first place of those due in one slot of time
    size_t count, used;
    uint32_t free;
    uint64_t wheel_ms; // what is due before this has been handed out
    uint16_t next_id; // where the search for the next one begins
    ps_random random;
} ps_flights;

ps_status ps_flights_open(ps_flights *out, size_t count, uint64_t now_ms, ps_error *err);
void ps_flights_done(ps_flights *flights); // what their questions own as well; a zeroed one is fine

// A place and an id for a question on its way to `upstream`; there must be a free place.
ps_flight *ps_flight_new(ps_flights *flights, const ps_question *question, ps_upstream *upstream, uint64_t now_ms);
void ps_flight_set_socket(ps_flights *flights, ps_flight *flight, int socket);
void ps_flight_set_deadline(ps_flights *flights, ps_flight *flight, uint64_t deadline_ms);
void ps_flight_end(ps_flights *flights, ps_flight *flight); // the question is the caller's again

// One that is overdue, or NULL. To be ended, or given a later deadline, before the next call.
ps_flight *ps_flights_overdue(ps_flights *flights, uint64_t now_ms);
// When the first will be, at most `until_ms`.
uint64_t ps_flights_next_ms(const ps_flights *flights, uint64_t until_ms);

// The query with the id that a message carries, or NULL.
ps_flight *ps_flights_of_id(const ps_flights *flights, ps_span message);

// A message on a socket of `upstream` that answers no query there: which one it pretends to answer, or NULL.
ps_flight *ps_flights_imitated(ps_flights *flights, const ps_upstream *upstream, int socket, ps_span message);

static inline uint32_t ps_flight_place(const ps_flights *flights, const ps_flight *flight)
{
    return (uint32_t)(flight - flights->items);
}

#endif
