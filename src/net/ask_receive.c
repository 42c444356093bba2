#include <errno.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/memory.h"
#include "net/ask_state.h"

enum {
    EVENTS_MAX = 64,
    DATAGRAMS = 64, // taken by one system call; more than are sent by one, so that none is made to find nothing
    ROUNDS_MAX = 4, // of them from one socket before the others get their turn
    DATAGRAM_MAX = 2048 // longer ones do not come where 1232 octets are asked for
};

// Where datagrams are taken to.
struct ps_inbox {
    struct mmsghdr headers[DATAGRAMS];
    struct iovec parts[DATAGRAMS];
    unsigned char control[DATAGRAMS][CMSG_SPACE(sizeof(uint32_t))];
    unsigned char bytes[DATAGRAMS][DATAGRAM_MAX];
};

ps_status ps_inbox_new(struct ps_inbox **out, ps_error *err)
{
    struct ps_inbox *inbox = ps_memory_new(1, sizeof *inbox, err);

    if (inbox == NULL) return PS_RETRY;
    for (size_t i = 0; i < DATAGRAMS; i++)
        inbox->parts[i] = (struct iovec){inbox->bytes[i], DATAGRAM_MAX};
    *out = inbox;
    return PS_OK;
}

// "DNSSEC vouches for it" is worth something where nobody between here and the resolver can say so in its place.
static bool is_authentic(const ps_upstream *upstream, const ps_dns_answer *answer)
{
    return answer->authentic && (upstream->doh != NULL || ps_endpoint_is_loopback(&upstream->endpoint));
}

ps_status ps_ask_take_answer(ps_ask *ask, ps_flight *flight, ps_span message, ps_error *err)
{
    ps_upstream *upstream = flight->upstream;

    ps_dns_read(message, flight->query.name, flight->query.type, &ask->answer);
    upstream->authentic += is_authentic(upstream, &ask->answer);
    ps_upstream_replied(upstream, ask->now_ms);
    if (flight->tcp < 0) ps_pace_answered(&upstream->pace, ask->now_ms - flight->sent_ms, ask->now_ms);
    if (ask->answer.outcome == PS_DNS_REFUSED) {
        ps_upstream_refused(upstream, ask->upstreams_count > 1, ask->now_ms);
    }
    return ps_ask_end_attempt(ask, flight, &ask->answer, err);
}

void ps_ask_shorten(ps_ask *ask, const ps_upstream *upstream, int socket)
{
    uint64_t soon_ms = ask->now_ms + PS_ASK_UNREACHABLE_MS;
    uint32_t place = upstream->sockets[socket].flights;

    for (; place != PS_FLIGHT_NONE; place = ask->flights.items[place].next_mate) {
        ps_flight *flight = &ask->flights.items[place];
        if (flight->deadline_ms > soon_ms) ps_flight_set_deadline(&ask->flights, flight, soon_ms);
    }
}

// It answers nothing that was asked here: a late answer, or somebody who guesses.
static ps_status take_stray(ps_ask *ask, ps_upstream *upstream, int socket, ps_span message, ps_error *err)
{
    ps_flight *flight = ps_flights_imitated(&ask->flights, upstream, socket, message);

    if (flight == NULL) {
        upstream->late++;
        return PS_OK;
    }
    if (flight->mismatches++ < PS_ASK_MISMATCHES_MAX) return PS_OK;
    upstream->spoofs++;
    return ps_ask_distrust(ask, flight, err);
}

static ps_status take_datagram(ps_ask *ask, ps_upstream *upstream, int socket, ps_span message, ps_error *err)
{
    ps_flight *flight = ps_flights_of_id(&ask->flights, message);
    bool here = flight != NULL && flight->upstream == upstream && flight->socket == socket;
    ps_dns_match match = here ? ps_dns_match_reply(message, &flight->query) : PS_DNS_MATCH_NONE;

    if (match == PS_DNS_MATCH) return ps_ask_take_answer(ask, flight, message, err);
    if (match != PS_DNS_MATCH_CASE) return take_stray(ask, upstream, socket, message, err);
    ps_upstream_changed_case(upstream);
    return ps_ask_distrust(ask, flight, err);
}

// The kernel's count of dropped datagrams comes with the first that it had room for again.
static void note_dropped(ps_ask *ask, ps_upstream *upstream, int socket, struct msghdr *header)
{
    struct cmsghdr *item = CMSG_FIRSTHDR(header);
    uint32_t dropped;

    if (item == NULL || item->cmsg_level != SOL_SOCKET || item->cmsg_type != SO_RXQ_OVFL) return;
    memcpy(&dropped, CMSG_DATA(item), sizeof dropped);
    ps_upstream_note_dropped(upstream, socket, dropped, ask->now_ms);
}

static int receive_some(ps_ask *ask, int fd)
{
    struct ps_inbox *inbox = ask->inbox;

    for (size_t i = 0; i < DATAGRAMS; i++) {
        inbox->headers[i].msg_hdr = (struct msghdr){.msg_iov = &inbox->parts[i],
                                                    .msg_iovlen = 1,
                                                    .msg_control = inbox->control[i],
                                                    .msg_controllen = sizeof inbox->control[i]};
    }
    return recvmmsg(fd, inbox->headers, DATAGRAMS, 0, NULL);
}

// Answers come in no order in memory: what the last of them need is fetched while the first are read.
static void look_ahead(ps_ask *ask, int count)
{
    const ps_ask_client *client = ask->client;

    for (int i = 0; i < count; i++) {
        ps_span message = {(const char *)ask->inbox->bytes[i], ask->inbox->headers[i].msg_len};
        const ps_flight *flight = ps_flights_of_id(&ask->flights, message);
        if (flight == NULL) continue;
        __builtin_prefetch(flight->query.name);
        if (client->expect != NULL) client->expect(client->context, &flight->question);
    }
}

static ps_status take_datagrams(ps_ask *ask, ps_upstream *upstream, int socket, ps_error *err)
{
    struct ps_inbox *inbox = ask->inbox;
    int fd = upstream->sockets[socket].fd, count = DATAGRAMS;
    ps_status status = PS_OK;

    for (unsigned round = 0; round < ROUNDS_MAX && count == DATAGRAMS && status == PS_OK; round++) {
        count = receive_some(ask, fd);
        if (count < 0 && errno == ECONNREFUSED) ps_ask_shorten(ask, upstream, socket);
        look_ahead(ask, count);
        for (int i = 0; i < count && status == PS_OK; i++) {
            struct msghdr *header = &inbox->headers[i].msg_hdr;
            note_dropped(ask, upstream, socket, header);
            if ((header->msg_flags & MSG_TRUNC) != 0) continue;
            ps_span message = {(const char *)inbox->bytes[i], inbox->headers[i].msg_len};
            status = take_datagram(ask, upstream, socket, message, err);
        }
        // A socket whose last answer came is replaced where it was worn.
        if (upstream->sockets[socket].fd != fd) break;
    }
    return status;
}

static ps_status take_stream_message(ps_ask *ask, ps_upstream *upstream, unsigned connection, ps_span message,
                                     ps_error *err)
{
    ps_flight *flight = ps_flights_of_id(&ask->flights, message);

    if (flight == NULL || flight->upstream != upstream || flight->tcp != (int8_t)connection) {
        // Whose answer that is can only be told where one query went alone.
        return ps_ask_break_tcp(ask, upstream, connection, PS_DNS_BAD_ANSWER, err);
    }
    // Letters do not matter here.
    ps_dns_match match = ps_dns_match_reply(message, &flight->query);
    bool fits = match == PS_DNS_MATCH || match == PS_DNS_MATCH_CASE;
    return fits ? ps_ask_take_answer(ask, flight, message, err)
                : ps_ask_end_failed(ask, flight, PS_DNS_BAD_ANSWER, err);
}

static ps_status step_tcp(ps_ask *ask, ps_upstream *upstream, unsigned connection, ps_error *err)
{
    ps_status status = PS_OK;
    ps_span message;

    while (status == PS_OK && upstream->tcp[connection] != NULL) {
        ps_tcp_state state = ps_tcp_step(upstream->tcp[connection], &message);
        if (state == PS_TCP_WAITING) break;
        if (state == PS_TCP_BROKEN) return ps_ask_break_tcp(ask, upstream, connection, PS_DNS_TCP_FAILED, err);
        status = take_stream_message(ask, upstream, connection, message, err);
    }
    return status;
}

ps_status ps_ask_receive(ps_ask *ask, int wait_ms, ps_error *err)
{
    struct epoll_event events[EVENTS_MAX];
    if (ask->upstreams[0].doh != NULL) return ps_ask_receive_doh(ask, ask->upstreams[0].doh, wait_ms, err);
    int count = epoll_wait(ask->epoll, events, EVENTS_MAX, wait_ms);
    ps_status status = PS_OK;

    ask->now_ms = ps_clock_monotonic_ms();
    for (int i = 0; i < count && status == PS_OK; i++) {
        uint64_t tag = events[i].data.u64;
        ps_upstream *upstream = &ask->upstreams[(tag & UINT32_MAX) >> 8];
        unsigned place = tag & UINT8_MAX;
        if ((tag & PS_UPSTREAM_TAG_TCP) != 0) {
            status = step_tcp(ask, upstream, place, err);
        } else if (upstream->sockets[place].fd >= 0) {
            status = take_datagrams(ask, upstream, (int)place, err);
        }
    }
    return status;
}
