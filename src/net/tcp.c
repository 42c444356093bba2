#include "net/tcp.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/memory.h"

enum { LENGTH_SIZE = 2, QUERY_MAX = 512, OUT_SIZE = PS_TCP_PIPELINE * (LENGTH_SIZE + QUERY_MAX) };

struct ps_tcp {
    int fd, epoll;
    uint64_t tag;
    bool writing; // epoll tells when there is room
    size_t sent, put; // of `out`
    size_t received, taken; // of `in`: taken is the message that was handed out last
    unsigned char out[OUT_SIZE];
    unsigned char in[LENGTH_SIZE + UINT16_MAX];
};

static bool connect_socket(ps_tcp *tcp, const ps_endpoint *endpoint)
{
    const struct sockaddr *address = (const struct sockaddr *)&endpoint->address;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.u64 = tcp->tag};

    tcp->fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (tcp->fd < 0) return false;
    if (connect(tcp->fd, address, endpoint->len) != 0 && errno != EINPROGRESS) return false;
    tcp->writing = true;
    return epoll_ctl(tcp->epoll, EPOLL_CTL_ADD, tcp->fd, &event) == 0;
}

ps_status ps_tcp_open(const ps_endpoint *endpoint, int epoll, uint64_t tag, ps_tcp **out, ps_error *err)
{
    ps_tcp *tcp = ps_memory_new(1, sizeof *tcp, err);

    if (tcp == NULL) return PS_RETRY;
    tcp->fd = -1;
    tcp->epoll = epoll;
    tcp->tag = tag;
    *out = NULL;
    if (connect_socket(tcp, endpoint)) {
        *out = tcp;
    } else {
        ps_tcp_close(tcp);
    }
    return PS_OK;
}

void ps_tcp_close(ps_tcp *tcp)
{
    if (tcp == NULL) return;
    if (tcp->fd >= 0) close(tcp->fd); // nothing can be lost
    ps_memory_free(tcp);
}

static bool watch(ps_tcp *tcp, bool writing)
{
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0U), .data.u64 = tcp->tag};

    if (tcp->writing == writing) return true;
    tcp->writing = writing;
    return epoll_ctl(tcp->epoll, EPOLL_CTL_MOD, tcp->fd, &event) == 0;
}

bool ps_tcp_put(ps_tcp *tcp, ps_span message)
{
    assert(message.len <= QUERY_MAX);
    if (tcp->sent > 0) {
        memmove(tcp->out, tcp->out + tcp->sent, tcp->put - tcp->sent);
        tcp->put -= tcp->sent;
        tcp->sent = 0;
    }
    if (sizeof tcp->out - tcp->put < LENGTH_SIZE + message.len) return false;
    tcp->out[tcp->put] = (unsigned char)(message.len >> 8);
    tcp->out[tcp->put + 1] = (unsigned char)message.len;
    memcpy(tcp->out + tcp->put + LENGTH_SIZE, message.bytes, message.len);
    tcp->put += LENGTH_SIZE + message.len;
    return watch(tcp, true);
}

static bool is_later(void)
{
    return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
}

// Also where connecting shows its failure.
static ps_tcp_state send_queries(ps_tcp *tcp)
{
    while (tcp->sent < tcp->put) {
        ssize_t len = send(tcp->fd, tcp->out + tcp->sent, tcp->put - tcp->sent, MSG_NOSIGNAL);
        if (len < 0) return is_later() ? PS_TCP_WAITING : PS_TCP_BROKEN;
        tcp->sent += (size_t)len;
    }
    return watch(tcp, false) ? PS_TCP_WAITING : PS_TCP_BROKEN;
}

// How many bytes the message at the start has, as far as is known yet.
static size_t message_size(const ps_tcp *tcp)
{
    if (tcp->received < LENGTH_SIZE) return LENGTH_SIZE;
    return LENGTH_SIZE + (size_t)(tcp->in[0] << 8 | tcp->in[1]);
}

static ps_tcp_state read_message(ps_tcp *tcp)
{
    memmove(tcp->in, tcp->in + tcp->taken, tcp->received - tcp->taken);
    tcp->received -= tcp->taken;
    tcp->taken = 0;
    while (tcp->received < message_size(tcp)) {
        ssize_t len = recv(tcp->fd, tcp->in + tcp->received, sizeof tcp->in - tcp->received, 0);
        if (len < 0) return is_later() ? PS_TCP_WAITING : PS_TCP_BROKEN;
        if (len == 0) return PS_TCP_BROKEN; // closed before the end
        tcp->received += (size_t)len;
    }
    tcp->taken = message_size(tcp);
    return PS_TCP_WHOLE;
}

ps_tcp_state ps_tcp_step(ps_tcp *tcp, ps_span *out)
{
    ps_tcp_state state = send_queries(tcp);

    if (state == PS_TCP_WAITING) state = read_message(tcp);
    if (state == PS_TCP_WHOLE) *out = (ps_span){(const char *)tcp->in + LENGTH_SIZE, tcp->taken - LENGTH_SIZE};
    return state;
}
