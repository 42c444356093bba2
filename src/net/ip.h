#ifndef PS_NET_IP_H
#define PS_NET_IP_H

// Internet addresses: what an address in an answer is good for, and how a resolver's address is written.

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "presend/span.h"

// What mail could do with an address; bits, so that the addresses of a host can be summed up.
enum {
    PS_IP_PUBLIC = 1 << 0,
    PS_IP_SITE = 1 << 1, // of someone's own network: RFC 1918, RFC 4193, RFC 6598
    PS_IP_SPECIAL = 1 << 2, // loopback, link-local, documentation, multicast, reserved
    PS_IP_COLLISION = 1 << 3, // 127.0.53.53: ICANN's sign of a name collision
    PS_IP_NULL = 1 << 4 // 0.0.0.0 and ::, which nobody has: what filters answer with
};

unsigned ps_ip4_kind(const unsigned char bytes[4]);
unsigned ps_ip6_kind(const unsigned char bytes[16]); // IPv4 inside (mapped, NAT64) is judged as IPv4

// Whether a text is an IPv4 or IPv6 address, as people put it where a host name belongs.
bool ps_ip_is_literal(const char *text);

enum { PS_ENDPOINT_TEXT_SIZE = 280 }; // `https://`, a host name and a port

typedef struct ps_endpoint {
    struct sockaddr_storage address; // of one that is asked by HTTPS: unspecified, or loopback
    socklen_t len;
    char text[PS_ENDPOINT_TEXT_SIZE]; // as the user knows it: ADDRESS, with :PORT unless it is 53; https://HOST
    const char *url; // of DNS over HTTPS, the job's; NULL: by UDP and TCP
} ps_endpoint;

// ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT, IPv6 also with %INTERFACE; port 53 by default. False if it is none.
bool ps_endpoint_parse(const char *text, ps_endpoint *out);
bool ps_endpoint_is_loopback(const ps_endpoint *endpoint);
bool ps_endpoint_is_forwarder(const ps_endpoint *endpoint); // on this machine, and hands on what it is asked
// In one's own network: what it says, and what it can take, is that network's affair. Of loopback only the addresses
// that belong to forwarders.
bool ps_endpoint_is_private(const ps_endpoint *endpoint);

#endif
