#ifndef PS_NET_DNS_WIRE_H
#define PS_NET_DNS_WIRE_H

// DNS messages: queries built, answers read. Pure; the format itself is the C library's (ns_initparse and its kin).

#include <stdbool.h>
#include <stdint.h>

#include "presend/span.h"

enum {
    PS_DNS_NAME_SIZE = 254, // 253 octets of text and a NUL (RFC 1035 3.1 less length octets)
    PS_DNS_QUERY_SIZE_MAX = 288, // header, question and OPT need 282
    PS_DNS_UDP_SIZE = 1232, // the payload that no path fragments (DNS flag day 2020)
    PS_DNS_MX_MAX = 32, // targets that are looked at, best first; senders stop after five or so
    PS_DNS_HOPS_MAX = 8 // aliases in a row; resolvers stop at 8 to 17
};

// How a question ended. Failures by how much they say, least first: of several attempts the most telling one counts.
typedef enum ps_dns_outcome {
    PS_DNS_NOT_ASKED,
    PS_DNS_FOUND,
    PS_DNS_NODATA,
    PS_DNS_NXDOMAIN,
    PS_DNS_CNAME_LOOP,
    PS_DNS_TIMEOUT,
    PS_DNS_RESOLVER_ERROR, // NOTIMP, FORMERR, an answer that no resolver gives
    PS_DNS_REFUSED,
    PS_DNS_TCP_FAILED,
    PS_DNS_BAD_ANSWER,
    PS_DNS_SERVFAIL,
    PS_DNS_AUTH_UNREACHABLE, // by extended error (RFC 8914) 22, 23
    PS_DNS_BOGUS, // 6 to 12
    PS_DNS_FILTERED, // 15 to 18
    PS_DNS_OUTCOME_COUNT,
    // Only on the way to one of the above.
    PS_DNS_TRUNCATED = PS_DNS_OUTCOME_COUNT, // ask again by TCP
    PS_DNS_ELSEWHERE // an alias whose end is not in the answer: ask for `name`
} ps_dns_outcome;

static inline bool ps_dns_is_negative(ps_dns_outcome outcome)
{
    return outcome == PS_DNS_NODATA || outcome == PS_DNS_NXDOMAIN || outcome == PS_DNS_CNAME_LOOP;
}

static inline bool ps_dns_is_failure(ps_dns_outcome outcome)
{
    return outcome >= PS_DNS_TIMEOUT;
}

typedef struct ps_dns_mx {
    uint16_t preference;
    char target[PS_DNS_NAME_SIZE]; // lower case; "." is the null MX; "" a name that is no host name at all
} ps_dns_mx;

typedef struct ps_dns_answer {
    ps_dns_outcome outcome;
    bool no_edns; // the error may be due to EDNS (RFC 6891 7): ask again without
    uint8_t hops; // aliases followed
    bool zone_shown; // NODATA, NXDOMAIN: with the SOA of a zone that the name is in (RFC 2308 2)
    bool authentic; // the resolver says that DNSSEC vouches for it; only ps_dns_read() tells
    unsigned addresses; // PS_IP_ bits of all A and AAAA records found
    uint32_t ttl_s; // of what was found; of NODATA and NXDOMAIN the lesser of the SOA's and its minimum (RFC 2308)
    unsigned texts, policies; // TXT records, and those of them that are SPF policies (RFC 7208)
    bool sends_nothing; // a policy says `v=spf1 -all` and nothing else
    size_t mx_count; // best preference first
    bool mx_cut; // there are more
    char name[PS_DNS_NAME_SIZE]; // ELSEWHERE: the last name of the chain of aliases
    ps_dns_mx mx[PS_DNS_MX_MAX + 1]; // only the first `mx_count` mean anything; the one behind them is read into
} ps_dns_answer;

// What was asked, exactly.
typedef struct ps_dns_query {
    const char *name; // one that ps_dns_is_host() takes, lower case
    // Bit n % 64: letter n of the name goes out as a capital. Whoever answers without having seen the query cannot
    // know (draft-vixie-dnsext-dns0x20).
    uint64_t capitals;
    uint16_t type; // ns_t_mx, ns_t_a, ns_t_aaaa or ns_t_txt
    uint16_t id;
    bool edns;
} ps_dns_query;

// What a message that came in on the right socket has to do with the question.
typedef enum ps_dns_match {
    PS_DNS_MATCH,
    PS_DNS_MATCH_CASE, // but for capitals
    PS_DNS_MATCH_ID, // right id, another question
    PS_DNS_MATCH_QUESTION, // right question, another id
    PS_DNS_MATCH_NONE
} ps_dns_match;

// Whether a text is a domain that may be asked for: A-labels, 253 octets at most, at least one dot.
bool ps_dns_is_domain(ps_span name);
// The same for the name of a host, where an underscore does no harm.
bool ps_dns_is_host(ps_span name);

// Returns the length.
size_t ps_dns_query_write(const ps_dns_query *query, unsigned char out[PS_DNS_QUERY_SIZE_MAX]);

ps_dns_match ps_dns_match_reply(ps_span message, const ps_dns_query *query);

// Read a message that matched, whatever its capitals. Whatever else is in it, `out` is whole.
void ps_dns_read(ps_span message, const char *name, uint16_t type, ps_dns_answer *out);

// The reference: the same by the C library alone.
void ps_dns_read_slow(ps_span message, const char *name, uint16_t type, ps_dns_answer *out);

// What an octet of a host's name is in lower case; 0: no such octet, or a dot.
extern const unsigned char ps_dns_lower[UINT8_MAX + 1];

// The commonest messages in a tenth of the time: no alias, no error, no explanation, no odd name. False: not one of
// those, or not sure; `out` then holds anything.
bool ps_dns_read_quick(ps_span message, const char *name, uint16_t type, ps_dns_answer *out);

// `out` as a place to read into: nothing found yet.
void ps_dns_answer_clear(ps_dns_answer *out);

// Put the MX behind the last one, whose target was read there, in its place by preference, equal ones in the order of
// the answer; the worst falls off the end. A target that is no host name, no address and not the root stands as "".
void ps_dns_answer_place_mx(ps_dns_answer *answer, unsigned preference);

#endif
