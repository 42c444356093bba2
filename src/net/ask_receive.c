#include "net/ask_state.h"

#include <errno.h>
#include <sys/epoll.h>

#include "base/clock.h"

enum {
    EVENTS_MAX = 64,
    DATAGRAMS_MAX = 64 // from one socket before the others get their turn
};

static ps_status take_answer(ps_ask *ask, ps_flight *flight, ps_span message, ps_error *err)
{
    ps_upstream *upstream = flight->upstream;
    ps_dns_answer answer;

    ps_dns_read(message, flight->question.name, flight->question.type, &answer);
    ps_upstream_replied(upstream, answer.outcome == PS_DNS_REFUSED, ask->now_ms);
    if (upstream->refusals_row >= PS_UPSTREAM_REFUSALS && ask->upstreams_count > 1) {
        upstream->rest_until_ms = ask->now_ms + PS_UPSTREAM_REST_MS;
        upstream->refusals_row = 0;
    }
    return ps_ask_end_attempt(ask, flight, &answer, err);
}

// The network says that nobody listens there: what was sent by this socket waits no longer than need be.
static void shorten(ps_ask *ask, const ps_upstream *upstream, int socket)
{
    for (size_t i = 0; i < ask->flights.count; i++) {
        ps_flight *flight = &ask->flights.items[i];
        if (flight->upstream != upstream || flight->socket != socket || flight->tcp != NULL) continue;
        if (flight->deadline_ms > ask->now_ms + PS_ASK_UNREACHABLE_MS)
            flight->deadline_ms = ask->now_ms + PS_ASK_UNREACHABLE_MS;
    }
}

static ps_status take_datagrams(ps_ask *ask, ps_upstream *upstream, int socket, ps_error *err)
{
    ps_status status = PS_OK;

    for (unsigned i = 0; i < DATAGRAMS_MAX && status == PS_OK; i++) {
        ssize_t len = recv(upstream->sockets[socket].fd, ask->datagram, sizeof ask->datagram, MSG_TRUNC);
        if (len < 0 && errno == ECONNREFUSED) shorten(ask, upstream, socket);
        if (len < 0) break; // EAGAIN: all read; anything else shows as silence
        if ((size_t)len > sizeof ask->datagram) continue;
        ps_span message = {(const char *)ask->datagram, (size_t)len};
        ps_flight *flight = ps_flights_match(&ask->flights, upstream, socket, message);
        if (flight != NULL) status = take_answer(ask, flight, message, err);
    }
    return status;
}

static ps_status step_tcp(ps_ask *ask, size_t place, ps_error *err)
{
    ps_flight *flight = &ask->flights.items[place];
    ps_span message;

    if (flight->tcp == NULL) return PS_OK; // ended by an earlier event
    ps_tcp_state state = ps_tcp_step(flight->tcp, &message);
    if (state == PS_TCP_WAITING) return PS_OK;
    if (state == PS_TCP_BROKEN) return ps_ask_end_failed(ask, flight, PS_DNS_TCP_FAILED, err);
    const ps_question *question = &flight->question;
    bool fits = ps_dns_match_reply(message, question->name, question->type, flight->id) == PS_DNS_MATCH;
    if (!fits) return ps_ask_end_failed(ask, flight, PS_DNS_BAD_ANSWER, err);
    return take_answer(ask, flight, message, err);
}

ps_status ps_ask_receive(ps_ask *ask, int wait_ms, ps_error *err)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(ask->epoll, events, EVENTS_MAX, wait_ms);
    ps_status status = PS_OK;

    ask->now_ms = ps_clock_monotonic_ms();
    for (int i = 0; i < count && status == PS_OK; i++) {
        uint64_t tag = events[i].data.u64;
        if ((tag & PS_FLIGHT_TAG_TCP) != 0) {
            status = step_tcp(ask, tag & UINT32_MAX, err);
        } else {
            status = take_datagrams(ask, &ask->upstreams[tag >> 8], tag & UINT8_MAX, err);
        }
    }
    return status;
}
