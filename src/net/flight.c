#include "net/flight.h"

#include <assert.h>
#include <errno.h>

#include "base/clock.h"
#include "base/memory.h"

ps_status ps_flights_open(ps_flights *out, size_t count, int epoll, ps_error *err)
{
    ps_flight *items = ps_memory_new(count, sizeof *items, err);

    if (items == NULL) return PS_RETRY;
    *out = (ps_flights){.items = items, .count = count, .epoll = epoll};
    return PS_OK;
}

void ps_flights_done(ps_flights *flights)
{
    for (size_t i = 0; i < flights->count; i++) {
        ps_tcp_close(flights->items[i].tcp);
    }
    ps_memory_free(flights->items);
    *flights = (ps_flights){0};
}

static ps_flight *free_place(ps_flights *flights)
{
    assert(flights->used < flights->count);
    size_t i = 0;
    while (flights->items[i].upstream != NULL) {
        i++;
    }
    return &flights->items[i];
}

static bool id_is_used(const ps_flights *flights, uint16_t id)
{
    for (size_t i = 0; i < flights->count; i++) {
        if (flights->items[i].upstream != NULL && flights->items[i].id == id) return true;
    }
    return false;
}

static uint16_t unused_id(ps_flights *flights)
{
    uint16_t id;

    do {
        id = ps_random_16(&flights->random);
    } while (id_is_used(flights, id));
    return id;
}

// False when the system has no room for the packet; an unreachable resolver shows as a query without a socket.
static bool send_datagram(ps_flights *flights, ps_flight *flight, ps_span query)
{
    int socket = ps_upstream_socket_pick(flight->upstream, &flights->random, ps_clock_monotonic_ms());

    if (socket < 0) return true;
    ps_upstream_socket *from = &flight->upstream->sockets[socket];
    ssize_t len = send(from->fd, query.bytes, query.len, MSG_NOSIGNAL);
    if (len < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == EINTR)) return false;
    if (len < 0) return true;
    flight->socket = socket;
    from->in_flight++;
    from->sent++;
    return true;
}

static ps_status send_stream(ps_flights *flights, ps_flight *flight, ps_span query, ps_error *err)
{
    uint64_t tag = PS_FLIGHT_TAG_TCP | (uint64_t)(flight - flights->items);
    ps_status status = ps_tcp_open(&flight->upstream->endpoint, flights->epoll, tag, &flight->tcp, err);

    if (status != PS_OK || flight->tcp == NULL) return status;
    ps_tcp_put(flight->tcp, query);
    flights->tcp_count++;
    return PS_OK;
}

ps_status ps_flight_start(ps_flights *flights, const ps_question *question, ps_upstream *upstream, ps_flight **out,
                          ps_error *err)
{
    ps_flight *place = free_place(flights);
    ps_flight flight = {.question = *question, .upstream = upstream, .socket = -1, .id = unused_id(flights)};
    unsigned char bytes[PS_DNS_QUERY_SIZE_MAX];
    size_t len = ps_dns_query(question->name, question->type, flight.id, !question->no_edns, bytes);
    ps_span query = {(const char *)bytes, len};
    ps_status status = PS_OK;

    *place = flight;
    if (question->tcp) {
        status = send_stream(flights, place, query, err);
    } else if (!send_datagram(flights, place, query)) {
        *place = (ps_flight){0};
        *out = NULL;
        return PS_OK;
    }
    if (status != PS_OK) {
        *place = (ps_flight){0};
        return status;
    }
    upstream->in_flight++;
    upstream->tokens -= 1;
    flights->used++;
    flights->sent++;
    *out = place;
    return PS_OK;
}

void ps_flight_end(ps_flights *flights, ps_flight *flight)
{
    if (flight->tcp != NULL) {
        ps_tcp_close(flight->tcp);
        flights->tcp_count--;
    } else if (flight->socket >= 0) {
        flight->upstream->sockets[flight->socket].in_flight--;
    }
    flight->upstream->in_flight--;
    flights->used--;
    *flight = (ps_flight){0};
}

ps_flight *ps_flights_match(ps_flights *flights, const ps_upstream *upstream, int socket, ps_span message)
{
    for (size_t i = 0; i < flights->count; i++) {
        ps_flight *flight = &flights->items[i];
        if (flight->upstream != upstream || flight->tcp != NULL || flight->socket != socket) continue;
        const ps_question *question = &flight->question;
        ps_dns_match match = ps_dns_match_reply(message, question->name, question->type, flight->id);
        if (match == PS_DNS_MATCH) return flight;
        if (match != PS_DNS_MATCH_NONE && flight->mismatches < UINT8_MAX) flight->mismatches++;
    }
    return NULL;
}
