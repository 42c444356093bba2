#ifndef PS_NET_OUTBOX_H
#define PS_NET_OUTBOX_H

// Queries to one resolver that leave by one system call, from one socket.

#include <stdalign.h>
#include <sys/socket.h>

#include "net/flight.h"

enum { PS_OUTBOX_QUERIES = 32 };

typedef struct ps_outbox {
    struct mmsghdr headers[PS_OUTBOX_QUERIES];
    alignas(struct cmsghdr) unsigned char controls[PS_OUTBOX_QUERIES][CMSG_SPACE(sizeof(uint16_t))];
    struct iovec parts[PS_OUTBOX_QUERIES]; // the shortest first
    uint32_t places[PS_OUTBOX_QUERIES]; // of the flights, in the order of the parts
    unsigned char bytes[PS_OUTBOX_QUERIES][PS_DNS_QUERY_SIZE_MAX];
    unsigned count, room; // room: what the socket can take
    int socket; // of the upstream; PS_SOCKET_NONE, PS_SOCKET_FULL
    bool apart; // the system refused to take several as one
} ps_outbox;

static inline bool ps_outbox_is_full(const ps_outbox *outbox)
{
    return outbox->count == outbox->room || outbox->count == PS_OUTBOX_QUERIES;
}

void ps_outbox_put(ps_outbox *outbox, uint32_t place, const ps_dns_query *query);

// Sends the shortest first; how many left. Fewer than all: `errno` says why the next one did not. `together`: those of
// one length go through the kernel as one and become datagrams at the far end of it (UDP_SEGMENT, Linux 4.18), where it
// does not refuse that.
unsigned ps_outbox_send(ps_outbox *outbox, int fd, bool together);

#endif
