#include "net/outbox.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>

void ps_outbox_put(ps_outbox *outbox, uint32_t place, const ps_dns_query *query)
{
    unsigned char *bytes = outbox->bytes[outbox->count];
    size_t len = ps_dns_query_write(query, bytes);
    unsigned at = outbox->count++;

    for (; at > 0 && outbox->parts[at - 1].iov_len > len; at--) {
        outbox->parts[at] = outbox->parts[at - 1];
        outbox->places[at] = outbox->places[at - 1];
    }
    outbox->parts[at] = (struct iovec){bytes, len};
    outbox->places[at] = place;
}

// How many from `first` on may be one message.
static unsigned run_of(const ps_outbox *outbox, unsigned first, bool together)
{
    unsigned end = first + 1;

    while (together && end < outbox->count && outbox->parts[end].iov_len == outbox->parts[first].iov_len)
        end++;
    return end - first;
}

// Where the kernel is to cut a message.
static void set_cut(ps_outbox *outbox, unsigned message, size_t len)
{
    struct msghdr *header = &outbox->headers[message].msg_hdr;
    uint16_t size = (uint16_t)len;

    header->msg_control = outbox->controls[message];
    header->msg_controllen = sizeof outbox->controls[message];
    struct cmsghdr *control = CMSG_FIRSTHDR(header);
    control->cmsg_level = SOL_UDP;
    control->cmsg_type = UDP_SEGMENT;
    control->cmsg_len = CMSG_LEN(sizeof size);
    memcpy(CMSG_DATA(control), &size, sizeof size);
}

// Of those from `first` on.
static unsigned make_messages(ps_outbox *outbox, unsigned first, bool together)
{
    unsigned messages = 0;

    for (unsigned run; first < outbox->count; first += run) {
        run = run_of(outbox, first, together);
        outbox->headers[messages] = (struct mmsghdr){.msg_hdr = {.msg_iov = &outbox->parts[first], .msg_iovlen = run}};
        if (run > 1) set_cut(outbox, messages, outbox->parts[first].iov_len);
        messages++;
    }
    return messages;
}

static unsigned send_some(ps_outbox *outbox, int fd, unsigned first, bool together)
{
    int messages = sendmmsg(fd, outbox->headers, make_messages(outbox, first, together), MSG_NOSIGNAL);
    unsigned sent = 0;

    for (int i = 0; i < messages; i++)
        sent += (unsigned)outbox->headers[i].msg_hdr.msg_iovlen;
    return sent;
}

unsigned ps_outbox_send(ps_outbox *outbox, int fd, bool together)
{
    unsigned sent = 0;

    while (sent < outbox->count) {
        bool as_one = together && !outbox->apart;
        unsigned more = send_some(outbox, fd, sent, as_one);
        if (more == 0 && (!as_one || (errno != EIO && errno != EINVAL))) break;
        outbox->apart |= more == 0; // this interface, or a rule of this machine, is in the way
        sent += more;
    }
    return sent;
}
