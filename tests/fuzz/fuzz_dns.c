// DNS answers: whatever comes in, reading ends, stays in bounds and agrees with the C library's own reading of the
// records. The input is one octet (bit 0 and 1: the type asked for) and the message.

// layer: net

// replays: 200000
// replays-long: 10000000

#include <arpa/nameser.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/dns_wire.h"
#include "net/ip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(truth)                                                                                                   \
    do {                                                                                                               \
        if (!(truth)) fail(__LINE__, #truth);                                                                          \
    } while (0)

static void fail(int line, const char *text)
{
    fprintf(stderr, "fuzz_dns.c:%d: not true: %s\n", line, text);
    abort();
}

static const uint16_t types[] = {ns_t_mx, ns_t_a, ns_t_aaaa, ns_t_txt};

// Records of a type in the answer section, whoever owns them; -1 when the message is broken.
static int count_records(const uint8_t *message, size_t size, uint16_t type)
{
    ns_msg msg;
    ns_rr rr;
    int count = 0;

    if (ns_initparse(message, (int)size, &msg) != 0) return -1;
    for (int i = 0; i < ns_msg_count(msg, ns_s_an); i++) {
        if (ns_parserr(&msg, ns_s_an, i, &rr) != 0) return -1;
        count += rr.type == type;
    }
    return count;
}

static void check_targets(const ps_dns_answer *answer)
{
    CHECK(answer->mx_count <= PS_DNS_MX_MAX);
    for (size_t i = 0; i < answer->mx_count; i++) {
        const char *target = answer->mx[i].target;
        CHECK(memchr(target, '\0', sizeof answer->mx[i].target) != NULL);
        CHECK(target[0] == '\0' || strcmp(target, ".") == 0 || ps_ip_is_literal(target) ||
              ps_dns_is_host(ps_span_of(target)));
        CHECK(i == 0 || answer->mx[i - 1].preference <= answer->mx[i].preference);
    }
}

static void check_answer(const ps_dns_answer *answer, const uint8_t *message, size_t size, uint16_t type)
{
    int records = count_records(message, size, type);
    unsigned code = size < 4 ? 0 : message[3] & 0x0fU;
    bool found = answer->outcome == PS_DNS_FOUND;

    CHECK(answer->outcome != PS_DNS_NOT_ASKED && answer->outcome != PS_DNS_TIMEOUT);
    CHECK(answer->outcome == PS_DNS_TRUNCATED || records >= 0 || answer->outcome == PS_DNS_BAD_ANSWER);
    CHECK(!found || (code == ns_r_noerror && records > 0));
    CHECK(!found || answer->mx_count > 0 || answer->addresses != 0 || answer->texts > 0);
    CHECK((answer->mx_count == 0 || type == ns_t_mx) && (answer->texts == 0 || type == ns_t_txt));
    CHECK(!found || answer->mx_count <= (size_t)records);
    CHECK(answer->outcome != PS_DNS_NXDOMAIN || code == ns_r_nxdomain);
    CHECK(answer->outcome != PS_DNS_NODATA || code == ns_r_noerror);
    if (answer->outcome == PS_DNS_ELSEWHERE) CHECK(ps_dns_is_host(ps_span_of(answer->name)) && answer->hops > 0);
    check_targets(answer);
}

static ps_dns_query query_for(ps_span message, const char *name, uint16_t type)
{
    unsigned id =
        message.len < 2 ? 0 : (unsigned)((unsigned char)message.bytes[0] << 8 | (unsigned char)message.bytes[1]);

    return (ps_dns_query){.name = name, .type = type, .id = (uint16_t)id};
}

// Where the short way is sure of itself, it says what the C library says. Only what matched is read by it; with
// anything else it may do no harm.
static void check_quick(ps_span message, const char *name, uint16_t type, const ps_dns_answer *slow)
{
    static ps_dns_answer quick;
    const ps_dns_query query = query_for(message, name, type);
    ps_dns_match match = ps_dns_match_reply(message, &query);

    if (!ps_dns_read_quick(message, name, type, &quick)) return;
    if (match != PS_DNS_MATCH && match != PS_DNS_MATCH_CASE) return;
    CHECK(quick.outcome == slow->outcome && quick.addresses == slow->addresses && quick.hops == slow->hops);
    CHECK(quick.zone_shown == slow->zone_shown);
    CHECK(quick.no_edns == slow->no_edns && quick.texts == slow->texts && quick.ttl_s == slow->ttl_s);
    CHECK(quick.mx_count == slow->mx_count && quick.mx_cut == slow->mx_cut);
    for (size_t i = 0; i < quick.mx_count; i++) {
        CHECK(quick.mx[i].preference == slow->mx[i].preference);
        CHECK(strcmp(quick.mx[i].target, slow->mx[i].target) == 0);
    }
}

static void check_match(ps_span message, const char *name, uint16_t type)
{
    ps_dns_query query = query_for(message, name, type);

    CHECK(ps_dns_match_reply(message, &query) != PS_DNS_MATCH_QUESTION);
    query.id++;
    ps_dns_match match = ps_dns_match_reply(message, &query);
    CHECK(match == PS_DNS_MATCH_QUESTION || match == PS_DNS_MATCH_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ps_dns_answer answer;
    char name[NS_MAXDNAME];

    if (size < 1) return 0;
    uint16_t type = types[data[0] & 3];
    // In a block of its own size, so that a step past the end is seen.
    size_t len = size - 1;
    uint8_t *message = malloc(len == 0 ? 1 : len);
    if (message == NULL) return 0;
    memcpy(message, data + 1, len);
    // Ask for the name that the message says it answers, in lower case, if that is one that could be asked for.
    int name_len = len < 12 ? -1 : ns_name_uncompress(message, message + len, message + 12, name, sizeof name);
    for (size_t i = 0; name_len >= 0 && name[i] != '\0'; i++)
        name[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    if (name_len < 0 || !ps_dns_is_host(ps_span_of(name))) snprintf(name, sizeof name, "one.example.jp");

    ps_span span = {(const char *)message, len};
    ps_dns_read_slow(span, name, type, &answer);
    check_answer(&answer, message, len, type);
    check_quick(span, name, type, &answer);
    check_match(span, name, type);
    free(message);
    return 0;
}
