#include "net/upstream.h"

#include <sys/epoll.h>
#include <unistd.h>

// A burst of this length is saved up at most: what a resolver's own limit, counted by the second, does not notice.
static const double burst_s = 0.05;

void ps_upstream_init(ps_upstream *upstream, const ps_endpoint *endpoint, uint8_t number, int epoll)
{
    *upstream = (ps_upstream){.endpoint = *endpoint, .number = number, .epoll = epoll, .tokens = 1};
    for (size_t i = 0; i < PS_UPSTREAM_SOCKETS; i++) {
        upstream->sockets[i].fd = -1;
    }
}

static void close_socket(ps_upstream_socket *socket)
{
    if (socket->fd >= 0) close(socket->fd); // leaves the epoll set by itself; nothing can be lost
    *socket = (ps_upstream_socket){.fd = -1};
}

void ps_upstream_close(ps_upstream *upstream)
{
    for (size_t i = 0; i < PS_UPSTREAM_SOCKETS; i++) {
        close_socket(&upstream->sockets[i]);
    }
}

bool ps_upstream_in_rotation(const ps_upstream *upstream, uint64_t now_ms)
{
    return !upstream->suspect && !upstream->excluded && now_ms >= upstream->rest_until_ms;
}

static void refill(ps_upstream *upstream, uint64_t now_ms)
{
    double most = upstream->rate * burst_s < 1 ? 1 : upstream->rate * burst_s;

    upstream->tokens += (double)(now_ms - upstream->refilled_ms) * upstream->rate / 1000;
    if (upstream->tokens > most) upstream->tokens = most;
    upstream->refilled_ms = now_ms;
}

bool ps_upstream_has_room(ps_upstream *upstream, uint64_t now_ms)
{
    if (upstream->in_flight >= upstream->in_flight_max) return false;
    if (upstream->rate == 0) return true;
    refill(upstream, now_ms);
    return upstream->tokens >= 1;
}

uint64_t ps_upstream_wait_ms(const ps_upstream *upstream)
{
    if (upstream->rate == 0 || upstream->tokens >= 1) return 0;
    return 1 + (uint64_t)((1 - upstream->tokens) * 1000 / upstream->rate);
}

// The kernel picks the port, and a connected socket takes packets from this resolver only.
static bool open_socket(ps_upstream *upstream, unsigned index, uint64_t now_ms)
{
    const struct sockaddr *address = (const struct sockaddr *)&upstream->endpoint.address;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = ps_upstream_tag(upstream->number, index)};
    int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) return false;
    if (connect(fd, address, upstream->endpoint.len) != 0 ||
        epoll_ctl(upstream->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        close(fd); // as above
        return false;
    }
    upstream->sockets[index] = (ps_upstream_socket){.fd = fd, .opened_ms = now_ms};
    return true;
}

static bool is_worn(const ps_upstream_socket *socket, uint64_t now_ms)
{
    return socket->sent >= PS_UPSTREAM_QUERIES || now_ms - socket->opened_ms >= PS_UPSTREAM_SOCKET_MS;
}

int ps_upstream_socket_pick(ps_upstream *upstream, ps_random *random, uint64_t now_ms)
{
    unsigned start = ps_random_16(random) % PS_UPSTREAM_SOCKETS;
    int worn = -1;

    for (unsigned i = 0; i < PS_UPSTREAM_SOCKETS; i++) {
        unsigned index = (start + i) % PS_UPSTREAM_SOCKETS;
        ps_upstream_socket *socket = &upstream->sockets[index];
        if (socket->fd >= 0 && is_worn(socket, now_ms) && socket->in_flight == 0) close_socket(socket);
        if (socket->fd < 0 && !open_socket(upstream, index, now_ms)) continue;
        if (!is_worn(socket, now_ms)) return (int)index;
        worn = (int)index; // answers are still due on it: the others first
    }
    return worn;
}

void ps_upstream_replied(ps_upstream *upstream, bool refused, uint64_t now_ms)
{
    upstream->replied = true;
    upstream->suspect = false;
    upstream->timeouts_row = 0;
    upstream->last_reply_ms = now_ms;
    upstream->refusals_row = refused ? upstream->refusals_row + 1 : 0;
}

bool ps_upstream_timed_out(ps_upstream *upstream)
{
    if (++upstream->timeouts_row < PS_UPSTREAM_TIMEOUTS || upstream->suspect) return false;
    upstream->suspect = true;
    return true;
}
