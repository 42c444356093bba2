#include "net/ip.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>

enum { DNS_PORT = 53, ADDRESS_TEXT_SIZE = INET6_ADDRSTRLEN + IF_NAMESIZE };

typedef struct ip_prefix {
    unsigned char bytes[16];
    uint8_t bits;
    uint8_t kind;
} ip_prefix;

// The IANA special-purpose registries (RFC 6890), as far as mail cannot be sent there. First match.
static const ip_prefix prefixes4[] = {
    {{127, 0, 53, 53}, 32, PS_IP_COLLISION}, // ICANN, controlled interruption
    {{0}, 32, PS_IP_NULL},
    {{0}, 8, PS_IP_SPECIAL},
    {{10}, 8, PS_IP_SITE},
    {{100, 64}, 10, PS_IP_SITE},
    {{127}, 8, PS_IP_SPECIAL},
    {{169, 254}, 16, PS_IP_SPECIAL},
    {{172, 16}, 12, PS_IP_SITE},
    {{192, 0, 0}, 24, PS_IP_SPECIAL},
    {{192, 0, 2}, 24, PS_IP_SPECIAL},
    {{192, 168}, 16, PS_IP_SITE},
    {{198, 18}, 15, PS_IP_SPECIAL},
    {{198, 51, 100}, 24, PS_IP_SPECIAL},
    {{203, 0, 113}, 24, PS_IP_SPECIAL},
    {{224}, 3, PS_IP_SPECIAL}, // multicast and reserved, to the end
};

static const ip_prefix prefixes6[] = {
    {{0}, 128, PS_IP_NULL},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, PS_IP_SPECIAL}, // documentation
    {{0x3f, 0xff}, 20, PS_IP_SPECIAL}, // documentation, RFC 9637
    {{0x20}, 3, PS_IP_PUBLIC}, // 2000::/3, all that is allocated
    {{0xfc}, 7, PS_IP_SITE}, // unique local
};

// IPv6 prefixes of 96 bits whose last four bytes are an IPv4 address.
static const unsigned char carriers6[][12] = {
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, // mapped
    {0, 0x64, 0xff, 0x9b}, // NAT64, RFC 6052
};

static bool prefix_covers(const ip_prefix *prefix, const unsigned char *bytes)
{
    size_t whole = prefix->bits / 8;
    unsigned rest = prefix->bits % 8U;

    if (memcmp(prefix->bytes, bytes, whole) != 0) return false;
    return rest == 0 || (prefix->bytes[whole] ^ bytes[whole]) >> (8 - rest) == 0;
}

unsigned ps_ip4_kind(const unsigned char bytes[4])
{
    for (size_t i = 0; i < PS_COUNT_OF(prefixes4); i++) {
        if (prefix_covers(&prefixes4[i], bytes)) return prefixes4[i].kind;
    }
    return PS_IP_PUBLIC;
}

unsigned ps_ip6_kind(const unsigned char bytes[16])
{
    for (size_t i = 0; i < PS_COUNT_OF(carriers6); i++) {
        if (memcmp(carriers6[i], bytes, sizeof carriers6[i]) == 0) return ps_ip4_kind(bytes + sizeof carriers6[i]);
    }
    for (size_t i = 0; i < PS_COUNT_OF(prefixes6); i++) {
        if (prefix_covers(&prefixes6[i], bytes)) return prefixes6[i].kind;
    }
    return PS_IP_SPECIAL;
}

bool ps_ip_is_literal(const char *text)
{
    unsigned char bytes[16];

    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

// 1 to 65535, no sign, no blank; 0 if it is none.
static unsigned port_of(ps_span text)
{
    unsigned port = 0;

    if (text.len == 0 || text.len > 5) return 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9') return 0;
        port = port * 10 + (unsigned)(text.bytes[i] - '0');
    }
    return port <= UINT16_MAX ? port : 0;
}

// Take ADDRESS:PORT apart. A bare IPv6 address has more than one colon, and no port.
static bool split_port(ps_span text, ps_span *address, unsigned *port)
{
    const char *close = text.len > 0 && text.bytes[0] == '[' ? memchr(text.bytes, ']', text.len) : NULL;
    const char *first = text.len > 0 ? memchr(text.bytes, ':', text.len) : NULL;
    const char *end = text.bytes + text.len;

    *port = DNS_PORT;
    *address = text;
    if (close != NULL) {
        *address = (ps_span){text.bytes + 1, (size_t)(close - text.bytes) - 1};
        if (close + 1 == end) return true;
        if (close[1] != ':') return false;
        *port = port_of((ps_span){close + 2, (size_t)(end - close) - 2});
    } else if (first != NULL && memchr(first + 1, ':', (size_t)(end - first) - 1) == NULL) {
        *address = (ps_span){text.bytes, (size_t)(first - text.bytes)};
        *port = port_of((ps_span){first + 1, (size_t)(end - first) - 1});
    }
    return *port != 0;
}

static bool parse4(const char *text, unsigned port, ps_endpoint *out)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    if (inet_pton(AF_INET, text, &address.sin_addr) != 1) return false;
    memcpy(&out->address, &address, sizeof address);
    out->len = sizeof address;
    return true;
}

// `text` may end in %INTERFACE (RFC 4007), which is cut off here.
static bool parse6(char *text, unsigned port, ps_endpoint *out)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    char *zone = strchr(text, '%');

    if (zone != NULL) {
        *zone = '\0';
        address.sin6_scope_id = if_nametoindex(zone + 1);
        if (address.sin6_scope_id == 0) return false;
    }
    if (inet_pton(AF_INET6, text, &address.sin6_addr) != 1) return false;
    memcpy(&out->address, &address, sizeof address);
    out->len = sizeof address;
    return true;
}

bool ps_endpoint_parse(const char *text, ps_endpoint *out)
{
    ps_endpoint endpoint = {.len = 0};
    char address_text[ADDRESS_TEXT_SIZE];
    ps_span address;
    unsigned port;

    if (!split_port(ps_span_of(text), &address, &port) || address.len >= sizeof address_text) return false;
    memcpy(address_text, address.bytes, address.len);
    address_text[address.len] = '\0';
    bool bracketed = text[0] == '[';
    if (!(!bracketed && parse4(address_text, port, &endpoint)) && !parse6(address_text, port, &endpoint)) return false;
    if (port == DNS_PORT) {
        snprintf(endpoint.text, sizeof endpoint.text, "%.*s", (int)address.len, address.bytes);
    } else {
        bool six = endpoint.address.ss_family == AF_INET6;
        snprintf(endpoint.text, sizeof endpoint.text, "%s%.*s%s:%u", six ? "[" : "", (int)address.len, address.bytes,
                 six ? "]" : "", port);
    }
    *out = endpoint;
    return true;
}

static const unsigned char *bytes4(const ps_endpoint *endpoint)
{
    return (const unsigned char *)&((const struct sockaddr_in *)&endpoint->address)->sin_addr;
}

static const unsigned char *bytes6(const ps_endpoint *endpoint)
{
    return (const unsigned char *)&((const struct sockaddr_in6 *)&endpoint->address)->sin6_addr;
}

bool ps_endpoint_is_loopback(const ps_endpoint *endpoint)
{
    if (endpoint->address.ss_family == AF_INET) return bytes4(endpoint)[0] == 127;
    return memcmp(bytes6(endpoint), &in6addr_loopback, sizeof in6addr_loopback) == 0;
}

bool ps_endpoint_is_forwarder(const ps_endpoint *endpoint)
{
    static const unsigned char forwarders[][4] = {
        {127, 0, 0, 53},
        {127, 0, 0, 54}, // systemd-resolved
        {127, 0, 0, 11}, // Docker
        {127, 0, 1, 1}, // NetworkManager's dnsmasq
    };

    for (size_t i = 0; i < PS_COUNT_OF(forwarders) && endpoint->address.ss_family == AF_INET; i++) {
        if (memcmp(bytes4(endpoint), forwarders[i], sizeof forwarders[i]) == 0) return true;
    }
    return false;
}

bool ps_endpoint_is_private(const ps_endpoint *endpoint)
{
    if (endpoint->address.ss_family == AF_UNSPEC) return false;
    if (ps_endpoint_is_loopback(endpoint)) return ps_endpoint_is_forwarder(endpoint);
    bool four = endpoint->address.ss_family == AF_INET;
    return ((four ? ps_ip4_kind(bytes4(endpoint)) : ps_ip6_kind(bytes6(endpoint))) & PS_IP_PUBLIC) == 0;
}
