#include "net/tcp.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/memory.h"

enum { LENGTH_SIZE = 2, QUERY_MAX = 512 };

struct ps_tcp {
    int fd, epoll;
    uint64_t tag;
    size_t query_len, sent, received;
    unsigned char query[LENGTH_SIZE + QUERY_MAX];
    unsigned char reply[LENGTH_SIZE + UINT16_MAX];
};

static bool connect_socket(ps_tcp *tcp, const ps_endpoint *endpoint)
{
    const struct sockaddr *address = (const struct sockaddr *)&endpoint->address;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.u64 = tcp->tag};

    tcp->fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (tcp->fd < 0) return false;
    if (connect(tcp->fd, address, endpoint->len) != 0 && errno != EINPROGRESS) return false;
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

void ps_tcp_put(ps_tcp *tcp, ps_span message)
{
    assert(message.len <= QUERY_MAX);
    tcp->query[0] = (unsigned char)(message.len >> 8);
    tcp->query[1] = (unsigned char)message.len;
    memcpy(tcp->query + LENGTH_SIZE, message.bytes, message.len);
    tcp->query_len = LENGTH_SIZE + message.len;
}

static bool is_later(void)
{
    return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
}

// Also where connecting shows its failure.
static ps_tcp_state send_query(ps_tcp *tcp)
{
    struct epoll_event reading = {.events = EPOLLIN, .data.u64 = tcp->tag};

    while (tcp->sent < tcp->query_len) {
        ssize_t len = send(tcp->fd, tcp->query + tcp->sent, tcp->query_len - tcp->sent, MSG_NOSIGNAL);
        if (len < 0) return is_later() ? PS_TCP_WAITING : PS_TCP_BROKEN;
        tcp->sent += (size_t)len;
        if (tcp->sent == tcp->query_len && epoll_ctl(tcp->epoll, EPOLL_CTL_MOD, tcp->fd, &reading) != 0) {
            return PS_TCP_BROKEN;
        }
    }
    return PS_TCP_WAITING;
}

// How many bytes the reply has, as far as is known yet.
static size_t reply_size(const ps_tcp *tcp)
{
    if (tcp->received < LENGTH_SIZE) return LENGTH_SIZE;
    return LENGTH_SIZE + (size_t)(tcp->reply[0] << 8 | tcp->reply[1]);
}

static ps_tcp_state read_reply(ps_tcp *tcp)
{
    while (tcp->received < reply_size(tcp)) {
        ssize_t len = recv(tcp->fd, tcp->reply + tcp->received, reply_size(tcp) - tcp->received, 0);
        if (len < 0) return is_later() ? PS_TCP_WAITING : PS_TCP_BROKEN;
        if (len == 0) return PS_TCP_BROKEN; // closed before the end
        tcp->received += (size_t)len;
    }
    return PS_TCP_WHOLE;
}

ps_tcp_state ps_tcp_step(ps_tcp *tcp, ps_span *out)
{
    ps_tcp_state state = send_query(tcp);

    if (state == PS_TCP_WAITING && tcp->sent == tcp->query_len) state = read_reply(tcp);
    if (state == PS_TCP_WHOLE) *out = (ps_span){(const char *)tcp->reply + LENGTH_SIZE, tcp->received - LENGTH_SIZE};
    return state;
}
