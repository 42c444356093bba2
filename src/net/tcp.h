#ifndef PS_NET_TCP_H
#define PS_NET_TCP_H

// One question over TCP (RFC 7766): two octets of length, the message, the same back. For answers that do not fit a
// datagram.

#include "net/ip.h"
#include "presend/status.h"

typedef struct ps_tcp ps_tcp;

typedef enum ps_tcp_state { PS_TCP_WAITING, PS_TCP_WHOLE, PS_TCP_BROKEN } ps_tcp_state;

// Begin to connect, without waiting; `tag` is what epoll hands back. `*out` is NULL where the system refuses a
// connection; PS_RETRY without memory.
ps_status ps_tcp_open(const ps_endpoint *endpoint, int epoll, uint64_t tag, ps_tcp **out, ps_error *err);
void ps_tcp_close(ps_tcp *tcp); // NULL is fine

// What is to be sent; at most 512 bytes.
void ps_tcp_put(ps_tcp *tcp, ps_span message);

// Go on as far as the socket allows. `*out` is the answer of a WHOLE exchange, borrowed until closing.
ps_tcp_state ps_tcp_step(ps_tcp *tcp, ps_span *out);

#endif
