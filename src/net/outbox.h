#ifndef PS_NET_OUTBOX_H
#define PS_NET_OUTBOX_H

// Queries to one resolver that leave by one system call, from one socket.

#include <sys/socket.h>

#include "net/flight.h"

enum { PS_OUTBOX_QUERIES = 32 };

typedef struct ps_outbox {
    struct mmsghdr headers[PS_OUTBOX_QUERIES];
    struct iovec parts[PS_OUTBOX_QUERIES];
    uint32_t places[PS_OUTBOX_QUERIES]; // of the flights
    unsigned char bytes[PS_OUTBOX_QUERIES][PS_DNS_QUERY_SIZE_MAX];
    unsigned count, room; // room: what the socket can take
    int socket; // of the upstream; PS_SOCKET_NONE, PS_SOCKET_FULL
} ps_outbox;

static inline bool ps_outbox_is_full(const ps_outbox *outbox)
{
    return outbox->count == outbox->room || outbox->count == PS_OUTBOX_QUERIES;
}

void ps_outbox_put(ps_outbox *outbox, uint32_t place, const ps_dns_query *query);

// Sends from the first on; how many left. Fewer than all: `errno` says why the next one did not.
unsigned ps_outbox_send(ps_outbox *outbox, int fd);

#endif
