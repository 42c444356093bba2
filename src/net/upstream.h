#ifndef PS_NET_UPSTREAM_H
#define PS_NET_UPSTREAM_H

// One resolver: its sockets, how fast it may be asked, and how it is.

#include "net/ip.h"
#include "net/random.h"

enum {
    PS_UPSTREAMS_MAX = 8, // bits of a byte; the C library itself stops at three
    PS_UPSTREAM_SOCKETS = 16, // as many ports to guess (RFC 5452)
    PS_UPSTREAM_QUERIES = 10000, // after which a socket is replaced,
    PS_UPSTREAM_SOCKET_MS = 60000, // or after this time
    PS_UPSTREAM_TIMEOUTS = 20, // in a row, until a resolver is suspected to be down
    PS_UPSTREAM_REFUSALS = 5, // in a row, until it is left alone
    PS_UPSTREAM_REST_MS = 30000 // for so long
};

typedef struct ps_upstream_socket {
    int fd; // -1: not open
    uint32_t sent, in_flight;
    uint64_t opened_ms;
} ps_upstream_socket;

typedef struct ps_upstream {
    ps_endpoint endpoint;
    uint8_t number;
    int epoll;
    uint32_t rate; // queries a second; 0: no limit
    uint32_t in_flight, in_flight_max;
    double tokens;
    uint64_t refilled_ms;
    ps_upstream_socket sockets[PS_UPSTREAM_SOCKETS];

    uint32_t timeouts_row, refusals_row;
    bool replied; // ever
    bool suspect; // silent; only probed until it answers again
    bool excluded; // its answers are not wanted
    bool probing; // a probe is on its way
    uint64_t probed_ms; // when the last one left
    uint64_t last_reply_ms;
    uint64_t rest_until_ms;
} ps_upstream;

void ps_upstream_init(ps_upstream *upstream, const ps_endpoint *endpoint, uint8_t number, int epoll);
void ps_upstream_close(ps_upstream *upstream);

// Ready for an ordinary question.
bool ps_upstream_in_rotation(const ps_upstream *upstream, uint64_t now_ms);
// The rate and the window allow one more query.
bool ps_upstream_has_room(ps_upstream *upstream, uint64_t now_ms);
// Milliseconds until the rate allows one; 0 if it does.
uint64_t ps_upstream_wait_ms(const ps_upstream *upstream);

// A connected socket for the next query, chosen at random; -1 when the resolver cannot be reached from here.
int ps_upstream_socket_pick(ps_upstream *upstream, ps_random *random, uint64_t now_ms);

// What epoll hands back for a socket of an upstream.
static inline uint64_t ps_upstream_tag(unsigned upstream, unsigned socket)
{
    return (uint64_t)upstream << 8 | socket;
}

void ps_upstream_replied(ps_upstream *upstream, bool refused, uint64_t now_ms);
// True when this timeout is the one that makes it suspect.
bool ps_upstream_timed_out(ps_upstream *upstream);

#endif
