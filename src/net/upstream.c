#include "net/upstream.h"

#include <assert.h>
#include <linux/sock_diag.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    // What the kernel charges a socket for one answer of up to 1,232 octets, its own bookkeeping included. Half of it
    // is what SO_RCVBUF does not say, since it reports twice of what is asked for.
    DATAGRAM_BYTES = 2048,
    REFUSALS_MS = 1000
};

void ps_upstream_init(ps_upstream *upstream, const ps_endpoint *endpoint, const ps_upstream_options *options,
                      uint64_t now_ms)
{
    upstream->endpoint = *endpoint;
    ps_pace_init(&upstream->pace, &options->limits, now_ms);
    for (size_t i = 0; i < PS_UPSTREAM_PLACES; i++)
        upstream->sockets[i] = (ps_upstream_socket){.fd = -1, .flights = PS_FLIGHT_NONE};
    assert(options->sockets >= 1 && options->sockets <= PS_UPSTREAM_SOCKETS_MAX);
    upstream->active_count = options->sockets;
    upstream->buffer_bytes = options->buffer_bytes;
    upstream->socket_in_flight_max = 1; // until the first socket says more
}

static void close_socket(ps_upstream_socket *socket)
{
    if (socket->fd >= 0) close(socket->fd); // leaves the epoll set by itself; nothing can be lost
    *socket = (ps_upstream_socket){.fd = -1, .flights = PS_FLIGHT_NONE};
}

void ps_upstream_close(ps_upstream *upstream)
{
    for (size_t i = 0; i < PS_UPSTREAM_PLACES; i++)
        close_socket(&upstream->sockets[i]);
    for (size_t i = 0; i < PS_UPSTREAM_TCP; i++) {
        ps_tcp_close(upstream->tcp[i]);
        upstream->tcp[i] = NULL;
    }
    ps_doh_close(upstream->doh);
    upstream->doh = NULL;
}

bool ps_upstream_in_rotation(const ps_upstream *upstream, uint64_t now_ms)
{
    return !upstream->suspect && !upstream->excluded && now_ms >= upstream->rest_until_ms;
}

bool ps_upstream_has_room(ps_upstream *upstream, uint64_t now_ms)
{
    return ps_pace_has_room(&upstream->pace, upstream->in_flight, now_ms);
}

// As many sockets as the window needs, once it is known what one can hold.
static void size_up(ps_upstream *upstream, int fd)
{
    int bytes = 0;
    socklen_t len = sizeof bytes;

    if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &len) != 0 || bytes < DATAGRAM_BYTES) bytes = DATAGRAM_BYTES;
    upstream->socket_in_flight_max = (uint32_t)(bytes / DATAGRAM_BYTES);
    double wanted = upstream->pace.limits.window_max / upstream->socket_in_flight_max;
    unsigned sockets = wanted >= PS_UPSTREAM_SOCKETS_MAX ? PS_UPSTREAM_SOCKETS_MAX : (unsigned)wanted + 1;
    // A number below the usual one is somebody's wish.
    if (upstream->active_count >= PS_UPSTREAM_SOCKETS && sockets > upstream->active_count)
        upstream->active_count = sockets;
    ps_pace_bound(&upstream->pace, (double)upstream->active_count * upstream->socket_in_flight_max);
}

// A kernel that does not know of this would send the queries as one datagram. Beyond this machine nobody is asked so
// fast that it would matter, and network cards are known that get it wrong.
static bool can_send_together(const ps_upstream *upstream, int fd)
{
    int off = 0;

    return ps_endpoint_is_loopback(&upstream->endpoint) && setsockopt(fd, SOL_UDP, UDP_SEGMENT, &off, sizeof off) == 0;
}

static int free_place(const ps_upstream *upstream)
{
    for (int i = 0; i < PS_UPSTREAM_PLACES; i++) {
        if (upstream->sockets[i].fd < 0) return i;
    }
    return -1;
}

static int connect_socket(const ps_upstream *upstream)
{
    const struct sockaddr *address = (const struct sockaddr *)&upstream->endpoint.address;
    int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

    if (fd < 0) return -1;
    // Without the first the default does; without the second the kernel is asked instead.
    if (upstream->buffer_bytes > 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &upstream->buffer_bytes, sizeof upstream->buffer_bytes);
    (void)setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
    if (connect(fd, address, upstream->endpoint.len) == 0) return fd;
    close(fd); // as above
    return -1;
}

// The kernel picks the port, and a connected socket takes packets from this resolver only. The place, or -1.
static int open_socket(ps_upstream *upstream, uint64_t now_ms)
{
    int place = free_place(upstream);
    int fd = place < 0 ? -1 : connect_socket(upstream);

    if (fd < 0) return -1;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = ps_upstream_tag(upstream->number, (unsigned)place)};
    if (epoll_ctl(upstream->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        close(fd); // as above
        return -1;
    }
    upstream->sockets[place] = (ps_upstream_socket){.fd = fd, .flights = PS_FLIGHT_NONE, .opened_ms = now_ms};
    if (upstream->opened_count == 0) {
        size_up(upstream, fd);
        upstream->together = can_send_together(upstream, fd);
    }
    return place;
}

static bool is_worn(const ps_upstream_socket *socket, uint64_t now_ms)
{
    return socket->sent >= PS_UPSTREAM_QUERIES || now_ms - socket->opened_ms >= PS_UPSTREAM_SOCKET_MS;
}

static void retire(ps_upstream_socket *socket)
{
    socket->retired = true;
    if (socket->in_flight == 0) close_socket(socket);
}

// The place of the n-th socket in use, opened or replaced where that is due; -1 when the system refuses it.
static int place_of(ps_upstream *upstream, unsigned n, uint64_t now_ms)
{
    bool opened = n < upstream->opened_count;
    int place = opened ? upstream->active[n] : -1;

    if (opened && !is_worn(&upstream->sockets[place], now_ms)) return place;
    int fresh = open_socket(upstream, now_ms);
    if (fresh < 0) return place; // the worn one does
    if (opened) retire(&upstream->sockets[place]);
    if (!opened) n = upstream->opened_count++;
    upstream->active[n] = (uint8_t)fresh;
    return fresh;
}

int ps_upstream_socket_pick(ps_upstream *upstream, ps_random *random, uint64_t now_ms, uint32_t *out_room)
{
    unsigned start = ps_random_16(random);
    bool full = false;

    for (unsigned i = 0; i < upstream->active_count; i++) {
        int place = place_of(upstream, (start + i) % upstream->active_count, now_ms);
        if (place < 0) continue;
        uint32_t in_flight = upstream->sockets[place].in_flight;
        if (in_flight < upstream->socket_in_flight_max) {
            *out_room = upstream->socket_in_flight_max - in_flight;
            return place;
        }
        full = true;
    }
    return full ? PS_SOCKET_FULL : PS_SOCKET_NONE;
}

void ps_upstream_socket_leave(ps_upstream *upstream, int socket)
{
    ps_upstream_socket *from = &upstream->sockets[socket];

    assert(from->in_flight > 0);
    if (--from->in_flight == 0 && from->retired) close_socket(from);
}

void ps_upstream_note_dropped(ps_upstream *upstream, int socket, uint32_t dropped, uint64_t now_ms)
{
    ps_upstream_socket *at = &upstream->sockets[socket];
    uint32_t more = dropped - at->dropped;

    // What a datagram tells is as old as it is, and may be less than what the socket itself told meanwhile.
    if (more == 0 || more > INT32_MAX) return;
    at->dropped = dropped;
    at->excuses += more;
    at->dropped_ms = now_ms;
    upstream->drops += more;
    ps_pace_cut(&upstream->pace, now_ms);
}

void ps_upstream_ask_dropped(ps_upstream *upstream, int socket, uint64_t now_ms)
{
    uint32_t info[SK_MEMINFO_VARS] = {0};
    socklen_t len = sizeof info;

    if (getsockopt(upstream->sockets[socket].fd, SOL_SOCKET, SO_MEMINFO, info, &len) != 0) return;
    if (len == sizeof info) ps_upstream_note_dropped(upstream, socket, info[SK_MEMINFO_DROPS], now_ms);
}

bool ps_upstream_take_excuse(ps_upstream *upstream, int socket, uint64_t sent_ms)
{
    ps_upstream_socket *at = &upstream->sockets[socket];

    if (at->excuses == 0 || sent_ms > at->dropped_ms) return false;
    at->excuses--;
    return true;
}

void ps_upstream_replied(ps_upstream *upstream, uint64_t now_ms)
{
    upstream->replied = true;
    upstream->suspect = false;
    upstream->timeouts_row = 0;
    upstream->probed_ms = 0; // should it fall silent again, it is asked at once
    upstream->last_reply_ms = now_ms;
    upstream->answers++;
}

void ps_upstream_refused(ps_upstream *upstream, bool others, uint64_t now_ms)
{
    if (now_ms - upstream->refused_ms >= REFUSALS_MS) {
        upstream->refused_ms = now_ms;
        upstream->refusals = 0;
    }
    if (++upstream->refusals < PS_UPSTREAM_REFUSALS) return;
    upstream->refusals = 0;
    ps_pace_cut(&upstream->pace, now_ms);
    if (others) upstream->rest_until_ms = now_ms + PS_UPSTREAM_REST_MS;
}

void ps_upstream_timed_out(ps_upstream *upstream, uint64_t now_ms)
{
    bool silent = now_ms - upstream->last_reply_ms >= PS_UPSTREAM_SILENCE_MS;

    upstream->timeouts++;
    if (++upstream->timeouts_row >= PS_UPSTREAM_TIMEOUTS && silent) upstream->suspect = true;
}

void ps_upstream_changed_case(ps_upstream *upstream)
{
    if (++upstream->case_mismatches >= PS_UPSTREAM_CASES) upstream->plain_case = true;
}
