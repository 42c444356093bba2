#include "net/outbox.h"

void ps_outbox_put(ps_outbox *outbox, uint32_t place, const ps_dns_query *query)
{
    unsigned i = outbox->count++;

    outbox->places[i] = place;
    outbox->parts[i] = (struct iovec){outbox->bytes[i], ps_dns_query_write(query, outbox->bytes[i])};
    outbox->headers[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &outbox->parts[i], .msg_iovlen = 1}};
}

unsigned ps_outbox_send(ps_outbox *outbox, int fd)
{
    int sent = sendmmsg(fd, outbox->headers, outbox->count, MSG_NOSIGNAL);

    return sent < 0 ? 0 : (unsigned)sent;
}
