#ifndef PS_NET_UPSTREAM_H
#define PS_NET_UPSTREAM_H

// One resolver: its sockets, how fast it may be asked, and how it is.

#include "net/doh.h"
#include "net/ip.h"
#include "net/pace.h"
#include "net/random.h"
#include "net/tcp.h"

enum {
    PS_UPSTREAMS_MAX = 8, // bits of a byte; the C library itself stops at three
    PS_UPSTREAM_SOCKETS = 16, // as many ports to guess (RFC 5452)
    PS_UPSTREAM_SOCKETS_MAX = 64,
    PS_UPSTREAM_PLACES = 128, // sockets in use, and those that wait for their last answers
    PS_UPSTREAM_QUERIES = 10000, // after which a socket is replaced,
    PS_UPSTREAM_SOCKET_MS = 60000, // or after this time
    PS_UPSTREAM_TIMEOUTS = 20, // in a row, until a resolver is suspected to be down,
    PS_UPSTREAM_SILENCE_MS = 1000, // unless it answered so recently: at the end of a run only dead domains are left
    PS_UPSTREAM_REFUSALS = 5, // in a second, until it is left alone
    PS_UPSTREAM_REST_MS = 30000, // for so long
    PS_UPSTREAM_CASES = 3, // answers in other letters, until it is asked in plain ones
    PS_UPSTREAM_TCP = 2 // connections
};

// No flight, no socket.
#define PS_FLIGHT_NONE UINT32_MAX
enum { PS_SOCKET_NONE = -1, PS_SOCKET_FULL = -2 };

typedef struct ps_upstream_socket {
    int fd; // -1: not open
    uint32_t sent, in_flight;
    uint32_t flights; // the first query that waits on it, or PS_FLIGHT_NONE
    uint32_t dropped; // answers that the kernel had no room for, as it last said
    uint32_t excuses; // of them, those that no silent query was put down to yet
    uint64_t opened_ms;
    uint64_t dropped_ms; // when the last of them was noticed
    bool retired; // waits for its last answers
} ps_upstream_socket;

typedef struct ps_upstream {
    ps_endpoint endpoint;
    uint8_t number;
    int epoll;
    ps_pace pace;
    uint32_t in_flight;
    ps_upstream_socket sockets[PS_UPSTREAM_PLACES];
    uint8_t active[PS_UPSTREAM_SOCKETS_MAX]; // places of those in use
    unsigned active_count; // wanted; places are opened when first needed
    unsigned opened_count;
    uint32_t socket_in_flight_max; // what its buffer holds
    int buffer_bytes; // to ask for; 0: the system's default
    bool together; // queries of one length go to it as one through the kernel
    ps_tcp *tcp[PS_UPSTREAM_TCP]; // NULL: not connected
    ps_doh *doh; // the only way to it; NULL: by UDP and TCP

    uint32_t timeouts_row, refusals, case_mismatches;
    uint64_t refused_ms; // when the first of `refusals` came
    uint64_t queries, answers, timeouts, drops, spoofs, late; // ever
    uint64_t authentic; // of the answers, where nobody on the way could have said so
    bool replied; // ever
    bool suspect; // silent; only probed until it answers again
    bool excluded; // its answers are not wanted
    bool probing; // a probe is on its way
    bool plain_case; // it does not keep the letters of a question
    uint64_t probed_ms; // when the last one left
    uint64_t last_reply_ms;
    uint64_t rest_until_ms;
} ps_upstream;

typedef struct ps_upstream_options {
    ps_pace_limits limits;
    unsigned sockets; // at least; more are opened where the window needs them
    int buffer_bytes; // receive buffer of a socket; 0: the system's default
} ps_upstream_options;

void ps_upstream_init(ps_upstream *upstream, const ps_endpoint *endpoint, const ps_upstream_options *options,
                      uint64_t now_ms);
void ps_upstream_close(ps_upstream *upstream);

// Ready for an ordinary question.
bool ps_upstream_in_rotation(const ps_upstream *upstream, uint64_t now_ms);
// The rate and the window allow one more query.
bool ps_upstream_has_room(ps_upstream *upstream, uint64_t now_ms);

// A connected socket for the next queries, chosen at random, and how many it can take; PS_SOCKET_NONE when the resolver
// cannot be reached from here, PS_SOCKET_FULL when all wait for as many answers as they can hold.
int ps_upstream_socket_pick(ps_upstream *upstream, ps_random *random, uint64_t now_ms, uint32_t *out_room);
// A query less on its way there.
void ps_upstream_socket_leave(ps_upstream *upstream, int socket);

// The kernel's own count of what it dropped at a socket, as it told with a datagram or is asked for now.
void ps_upstream_note_dropped(ps_upstream *upstream, int socket, uint32_t dropped, uint64_t now_ms);
void ps_upstream_ask_dropped(ps_upstream *upstream, int socket, uint64_t now_ms);
// Whether a query of `sent_ms` that got no answer may have been one of them; each excuse is good for one.
bool ps_upstream_take_excuse(ps_upstream *upstream, int socket, uint64_t sent_ms);

// What epoll hands back for a socket or a connection of an upstream.
#define PS_UPSTREAM_TAG_TCP ((uint64_t)1 << 32)
static inline uint64_t ps_upstream_tag(unsigned upstream, unsigned place)
{
    return (uint64_t)upstream << 8 | place;
}

void ps_upstream_replied(ps_upstream *upstream, uint64_t now_ms);
void ps_upstream_refused(ps_upstream *upstream, bool others, uint64_t now_ms);
void ps_upstream_timed_out(ps_upstream *upstream, uint64_t now_ms); // may make it suspect
void ps_upstream_changed_case(ps_upstream *upstream);

#endif
