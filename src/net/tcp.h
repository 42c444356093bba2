#ifndef PS_NET_TCP_H
#define PS_NET_TCP_H

// A connection to a resolver (RFC 7766): messages, each behind two octets of its length, one after the other without
// waiting, answered in any order. For answers that do not fit a datagram, and where datagrams cannot be trusted.

#include "net/ip.h"
#include "presend/status.h"

typedef struct ps_tcp ps_tcp;

typedef enum ps_tcp_state {
    PS_TCP_WAITING, // nothing whole has come
    PS_TCP_WHOLE, // a message; there may be more
    PS_TCP_BROKEN
} ps_tcp_state;

enum { PS_TCP_PIPELINE = 32 }; // queries on one connection at a time

// Begin to connect, without waiting; `tag` is what epoll hands back. `*out` is NULL where the system refuses a
// connection; PS_RETRY without memory.
ps_status ps_tcp_open(const ps_endpoint *endpoint, int epoll, uint64_t tag, ps_tcp **out, ps_error *err);
void ps_tcp_close(ps_tcp *tcp); // NULL is fine

// One more message to send, of at most 512 bytes; it leaves with the next steps. False: there is no room for it.
bool ps_tcp_put(ps_tcp *tcp, ps_span message);

// Go on as far as the socket allows. `*out` is a WHOLE message, borrowed until the next step.
ps_tcp_state ps_tcp_step(ps_tcp *tcp, ps_span *out);

#endif
