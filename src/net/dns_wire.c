#include "net/dns_wire.h"

#include <arpa/nameser.h>
#include <assert.h>
#include <netinet/in.h>
#include <stddef.h>

#include "base/text.h"
#include "net/ip.h"

enum {
    HEADER_SIZE = 12,
    LABEL_MAX = 63,
    EDE_OPTION = 15, // RFC 8914
    SOA_SIZE_MIN = 22, // two names and five numbers
    FLAG_AD = 0x20, // in the octet after the others': asks for it, and says so (RFC 6840 5.7, 5.8)
    FLAG_QR = 0x80,
    FLAG_TC = 0x02,
    FLAG_RD = 0x01
};

#define SAME(c) [c] = c
#define LETTER(c) [c] = c, [c - 32] = c // ASCII

const unsigned char ps_dns_lower[UINT8_MAX + 1] = {
    LETTER('a'), LETTER('b'), LETTER('c'), LETTER('d'), LETTER('e'), LETTER('f'), LETTER('g'), LETTER('h'),
    LETTER('i'), LETTER('j'), LETTER('k'), LETTER('l'), LETTER('m'), LETTER('n'), LETTER('o'), LETTER('p'),
    LETTER('q'), LETTER('r'), LETTER('s'), LETTER('t'), LETTER('u'), LETTER('v'), LETTER('w'), LETTER('x'),
    LETTER('y'), LETTER('z'), SAME('0'),   SAME('1'),   SAME('2'),   SAME('3'),   SAME('4'),   SAME('5'),
    SAME('6'),   SAME('7'),   SAME('8'),   SAME('9'),   SAME('-'),   SAME('_'),
};

static bool is_name_character(char c, bool underscore)
{
    unsigned char octet = (unsigned char)c;

    return octet != 0 && ps_dns_lower[octet] == octet && (underscore || octet != '_');
}

static bool is_label(ps_span label, bool host)
{
    if (label.len == 0 || label.len > LABEL_MAX) return false;
    if (!host && (label.bytes[0] == '-' || label.bytes[label.len - 1] == '-')) return false;
    for (size_t i = 0; i < label.len; i++) {
        if (!is_name_character(label.bytes[i], host)) return false;
    }
    return true;
}

static bool is_name(ps_span name, bool host)
{
    size_t start = 0, labels = 0;

    if (name.len >= PS_DNS_NAME_SIZE) return false;
    for (size_t i = 0; i <= name.len; i++) {
        if (i < name.len && name.bytes[i] != '.') continue;
        if (!is_label((ps_span){name.bytes + start, i - start}, host)) return false;
        start = i + 1;
        labels++;
    }
    return host || labels > 1;
}

bool ps_dns_is_domain(ps_span name)
{
    return is_name(name, false);
}

bool ps_dns_is_host(ps_span name)
{
    return is_name(name, true);
}

static unsigned char *put16(unsigned char *at, unsigned value)
{
    at[0] = (unsigned char)(value >> 8);
    at[1] = (unsigned char)value;
    return at + 2;
}

// An octet of the name as it goes out.
static unsigned char with_capital(const ps_dns_query *query, size_t i)
{
    unsigned char c = (unsigned char)query->name[i];
    unsigned capital = c >= 'a' && c <= 'z' ? (unsigned)(query->capitals >> (i % 64) & 1) : 0;

    return (unsigned char)(c - (capital << 5));
}

// The name in labels, with the query's capitals.
static unsigned char *put_name(const ps_dns_query *query, unsigned char *at)
{
    unsigned char *length = at++;

    for (size_t i = 0; query->name[i] != '\0'; i++) {
        if (query->name[i] == '.') {
            *length = (unsigned char)(at - length - 1);
            length = at++;
        } else {
            *at++ = with_capital(query, i);
        }
    }
    *length = (unsigned char)(at - length - 1);
    *at++ = 0;
    return at;
}

size_t ps_dns_query_write(const ps_dns_query *query, unsigned char out[PS_DNS_QUERY_SIZE_MAX])
{
    assert(ps_dns_is_host(ps_span_of(query->name)));
    memset(out, 0, HEADER_SIZE);
    put16(out, query->id);
    out[2] = FLAG_RD;
    out[3] = FLAG_AD;
    out[5] = 1; // one question
    out[11] = query->edns;
    unsigned char *at = put16(put16(put_name(query, out + HEADER_SIZE), query->type), ns_c_in);
    if (!query->edns) return (size_t)(at - out);
    *at++ = 0; // the root
    at = put16(at, ns_t_opt);
    at = put16(at, PS_DNS_UDP_SIZE);
    memset(at, 0, 6); // extended code, version, flags, no options
    return (size_t)(at + 6 - out);
}

static const unsigned char *bytes_of(ps_span message)
{
    return (const unsigned char *)message.bytes;
}

// The question of a reply against the one that was asked, octet by octet: what else it may be is a mismatch.
static ps_dns_match match_question(ps_span message, const ps_dns_query *query)
{
    const unsigned char *at = bytes_of(message) + HEADER_SIZE;
    size_t len = strlen(query->name), label = 0;
    unsigned other = 0, changed = 0; // bits in which it differs, but for capitals; and with them

    if (message.len - HEADER_SIZE < len + 2 + 4 || ns_get16(bytes_of(message) + 4) != 1) return PS_DNS_MATCH_NONE;
    for (size_t i = 0; i <= len; i++) {
        unsigned char c = (unsigned char)query->name[i], got = at[i + 1];
        if (c == '.' || c == '\0') {
            other |= at[label] ^ (unsigned)(i - label);
            label = i + 1;
            continue;
        }
        other |= (unsigned)(ps_dns_lower[got] ^ c);
        changed |= (unsigned)(with_capital(query, i) ^ got);
    }
    other |= at[len + 1] | (ns_get16(at + len + 2) ^ query->type) | (ns_get16(at + len + 4) ^ ns_c_in);
    if (other != 0) return PS_DNS_MATCH_NONE;
    return changed == 0 ? PS_DNS_MATCH : PS_DNS_MATCH_CASE;
}

ps_dns_match ps_dns_match_reply(ps_span message, const ps_dns_query *query)
{
    if (message.len < HEADER_SIZE || (bytes_of(message)[2] & FLAG_QR) == 0) return PS_DNS_MATCH_NONE;

    const unsigned char *bytes = bytes_of(message);
    unsigned code = bytes[3] & 0x0f;
    bool same_id = ns_get16(bytes) == query->id;
    // A server that could not even read the query may leave the question out; the id has to do then.
    bool left_out = ns_get16(bytes + 4) == 0 && code != ns_r_noerror && code != ns_r_nxdomain;
    if (left_out) return same_id ? PS_DNS_MATCH : PS_DNS_MATCH_NONE;
    ps_dns_match match = match_question(message, query);
    if (same_id) return match == PS_DNS_MATCH_NONE ? PS_DNS_MATCH_ID : match;
    return match == PS_DNS_MATCH_NONE ? match : PS_DNS_MATCH_QUESTION;
}

// What the whole message says besides the records asked for.
typedef struct message_reader {
    ns_msg msg;
    ns_rr rr; // the current record
    unsigned code;
    bool soa, ns; // in the authority section
    char zone[NS_MAXDNAME]; // whose SOA it is
    uint32_t absence_ttl_s; // by the SOA
    ps_dns_outcome explanation; // by extended error, or NOT_ASKED
} message_reader;

static const struct {
    unsigned first, last;
    ps_dns_outcome outcome;
} explanations[] = {
    {6, 12, PS_DNS_BOGUS},
    {15, 18, PS_DNS_FILTERED},
    {22, 23, PS_DNS_AUTH_UNREACHABLE},
};

static void read_explanation(message_reader *reader, unsigned code)
{
    for (size_t i = 0; i < PS_COUNT_OF(explanations); i++) {
        bool covers = code >= explanations[i].first && code <= explanations[i].last;
        if (covers && explanations[i].outcome > reader->explanation) reader->explanation = explanations[i].outcome;
    }
}

static bool read_opt(message_reader *reader)
{
    const unsigned char *at = ns_rr_rdata(reader->rr), *end = at + ns_rr_rdlen(reader->rr);

    reader->code |= ns_rr_ttl(reader->rr) >> 24 << 4;
    while (end - at >= 4) {
        unsigned option = ns_get16(at), len = ns_get16(at + 2);
        at += 4;
        if (len > end - at) return false;
        if (option == EDE_OPTION && len >= 2) read_explanation(reader, ns_get16(at));
        at += len;
    }
    return at == end;
}

// How long "there is nothing" holds: the lesser of the record's own time and its last field (RFC 2308 5).
static void read_soa(message_reader *reader)
{
    const unsigned char *end = ns_rr_rdata(reader->rr) + ns_rr_rdlen(reader->rr);
    uint32_t ttl = ns_rr_ttl(reader->rr);

    reader->soa = true;
    memcpy(reader->zone, ns_rr_name(reader->rr), strlen(ns_rr_name(reader->rr)) + 1);
    if (ns_rr_rdlen(reader->rr) >= SOA_SIZE_MIN && ns_get32(end - 4) < ttl) ttl = (uint32_t)ns_get32(end - 4);
    reader->absence_ttl_s = ttl;
}

// Every record of every section once: a message that is broken anywhere is not believed anywhere.
static bool read_frame(message_reader *reader)
{
    for (int i = 0; i < ns_msg_count(reader->msg, ns_s_an); i++) {
        if (ns_parserr(&reader->msg, ns_s_an, i, &reader->rr) != 0) return false;
    }
    for (int i = 0; i < ns_msg_count(reader->msg, ns_s_ns); i++) {
        if (ns_parserr(&reader->msg, ns_s_ns, i, &reader->rr) != 0) return false;
        reader->ns |= ns_rr_type(reader->rr) == ns_t_ns;
        if (ns_rr_type(reader->rr) == ns_t_soa) read_soa(reader);
    }
    for (int i = 0; i < ns_msg_count(reader->msg, ns_s_ar); i++) {
        if (ns_parserr(&reader->msg, ns_s_ar, i, &reader->rr) != 0) return false;
        if (ns_rr_type(reader->rr) == ns_t_opt && !read_opt(reader)) return false;
    }
    return true;
}

// A name in a record's data as lower-case text; false when the bytes are no name.
static bool read_name(const message_reader *reader, const unsigned char *at, char out[NS_MAXDNAME])
{
    const unsigned char *end = ns_rr_rdata(reader->rr) + ns_rr_rdlen(reader->rr);
    int len = ns_name_uncompress(ns_msg_base(reader->msg), ns_msg_end(reader->msg), at, out, NS_MAXDNAME);

    if (len < 0 || at + len != end) return false;
    for (char *c = out; *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
    }
    return true;
}

void ps_dns_answer_place_mx(ps_dns_answer *answer, unsigned preference)
{
    size_t count = answer->mx_count, place = count;

    answer->mx[count].preference = (uint16_t)preference;
    while (place > 0 && answer->mx[place - 1].preference > preference)
        place--;
    answer->mx_cut |= count == PS_DNS_MX_MAX;
    if (count < PS_DNS_MX_MAX) answer->mx_count++;
    if (place == count) return;
    const ps_dns_mx placed = answer->mx[count];
    memmove(&answer->mx[place + 1], &answer->mx[place], (count - place) * sizeof placed);
    answer->mx[place] = placed;
}

static bool add_mx(const message_reader *reader, ps_dns_answer *answer)
{
    const unsigned char *data = ns_rr_rdata(reader->rr);
    char target[NS_MAXDNAME];

    if (ns_rr_rdlen(reader->rr) < 3 || !read_name(reader, data + 2, target)) return false;
    bool usable = strcmp(target, ".") == 0 || ps_dns_is_host(ps_span_of(target)) || ps_ip_is_literal(target);
    char *out = answer->mx[answer->mx_count].target;
    memcpy(out, usable ? target : "", usable ? strlen(target) + 1 : 1);
    ps_dns_answer_place_mx(answer, ns_get16(data));
    return true;
}

static bool add_a(const message_reader *reader, ps_dns_answer *answer)
{
    if (ns_rr_rdlen(reader->rr) != NS_INADDRSZ) return false;
    answer->addresses |= ps_ip4_kind(ns_rr_rdata(reader->rr));
    return true;
}

static bool add_aaaa(const message_reader *reader, ps_dns_answer *answer)
{
    if (ns_rr_rdlen(reader->rr) != NS_IN6ADDRSZ) return false;
    answer->addresses |= ps_ip6_kind(ns_rr_rdata(reader->rr));
    return true;
}

// The strings of a TXT record are one text (RFC 7208 3.3); what is longer than the policy looked for is not it.
static bool add_text(const message_reader *reader, ps_dns_answer *answer)
{
    static const char version[] = "v=spf1", nothing[] = "v=spf1 -all";
    const unsigned char *at = ns_rr_rdata(reader->rr), *end = at + ns_rr_rdlen(reader->rr);
    char text[sizeof nothing + 1];
    size_t len = 0;

    while (at < end) {
        size_t piece = *at++;
        if (piece > (size_t)(end - at)) return false;
        for (size_t i = 0; i < piece && len < sizeof text; i++)
            text[len++] = (char)at[i];
        at += piece;
    }
    while (len > 0 && len < sizeof text && text[len - 1] == ' ')
        len--;
    size_t head = sizeof version - 1;
    bool policy = len >= head && ps_ascii_equal_fold((ps_span){text, head}, ps_span_of(version)) &&
                  (len == head || text[head] == ' ');
    answer->texts++;
    answer->policies += policy;
    answer->sends_nothing |= ps_ascii_equal_fold((ps_span){text, len}, ps_span_of(nothing));
    return true;
}

static const struct {
    uint16_t type;
    bool (*add)(const message_reader *reader, ps_dns_answer *answer);
} adders[] = {{ns_t_mx, add_mx}, {ns_t_a, add_a}, {ns_t_aaaa, add_aaaa}, {ns_t_txt, add_text}};

static bool is_found(const ps_dns_answer *answer)
{
    return answer->mx_count > 0 || answer->addresses != 0 || answer->texts > 0;
}

static bool add_record(const message_reader *reader, uint16_t type, ps_dns_answer *answer)
{
    uint32_t ttl = ns_rr_ttl(reader->rr);

    if (!is_found(answer) || ttl < answer->ttl_s) answer->ttl_s = ttl;
    for (size_t i = 0; i < PS_COUNT_OF(adders); i++) {
        if (adders[i].type == type) return adders[i].add(reader, answer);
    }
    return false;
}

// What the answer section says of one name: `*found` records of the type, or the alias in `next` ("" without one).
static bool read_records(message_reader *reader, const char *name, uint16_t type, ps_dns_answer *answer, char *next)
{
    next[0] = '\0';
    for (int i = 0; i < ns_msg_count(reader->msg, ns_s_an); i++) {
        if (ns_parserr(&reader->msg, ns_s_an, i, &reader->rr) != 0) return false;
        if (ns_rr_class(reader->rr) != ns_c_in) continue;
        if (!ps_ascii_equal_fold(ps_span_of(ns_rr_name(reader->rr)), ps_span_of(name))) continue;
        if (ns_rr_type(reader->rr) == type && !add_record(reader, type, answer)) return false;
        if (ns_rr_type(reader->rr) == ns_t_cname && !read_name(reader, ns_rr_rdata(reader->rr), next)) return false;
    }
    return true;
}

static bool is_within(const char *name, const char *zone)
{
    ps_span inner = ps_span_of(name), outer = ps_span_of(zone);

    if (strcmp(zone, ".") == 0) return true;
    if (inner.len < outer.len) return false;
    size_t start = inner.len - outer.len;
    return ps_ascii_equal_fold((ps_span){name + start, outer.len}, outer) && (start == 0 || name[start - 1] == '.');
}

// Follow the aliases from `name` to the records of the type or to the end.
static ps_dns_outcome read_chain(message_reader *reader, const char *name, uint16_t type, ps_dns_answer *answer)
{
    char current[NS_MAXDNAME], next[NS_MAXDNAME];

    assert(strlen(name) < PS_DNS_NAME_SIZE);
    memcpy(current, name, strlen(name) + 1);
    for (;;) {
        if (!read_records(reader, current, type, answer, next)) return PS_DNS_BAD_ANSWER;
        if (is_found(answer)) return PS_DNS_FOUND;
        if (next[0] == '\0') break;
        if (++answer->hops > PS_DNS_HOPS_MAX) return PS_DNS_CNAME_LOOP;
        memcpy(current, next, sizeof current);
    }
    answer->zone_shown = reader->soa && is_within(current, reader->zone);
    if (reader->soa) return PS_DNS_NODATA;
    if (answer->hops > 0) {
        if (!ps_dns_is_host(ps_span_of(current))) return PS_DNS_BAD_ANSWER;
        memcpy(answer->name, current, strlen(current) + 1);
        return PS_DNS_ELSEWHERE;
    }
    // Name servers and no SOA (RFC 2308 2.2): a referral, from a server that resolves for nobody.
    return reader->ns ? PS_DNS_RESOLVER_ERROR : PS_DNS_NODATA;
}

static const struct {
    unsigned code;
    ps_dns_outcome outcome;
    bool no_edns;
} codes[] = {
    {ns_r_formerr, PS_DNS_RESOLVER_ERROR, true}, {ns_r_servfail, PS_DNS_SERVFAIL, false},
    {ns_r_notimpl, PS_DNS_RESOLVER_ERROR, true}, {ns_r_refused, PS_DNS_REFUSED, false},
    {ns_r_badvers, PS_DNS_RESOLVER_ERROR, true},
};

static ps_dns_outcome read_error(const message_reader *reader, ps_dns_answer *answer)
{
    for (size_t i = 0; i < PS_COUNT_OF(codes); i++) {
        if (codes[i].code != reader->code) continue;
        answer->no_edns = codes[i].no_edns;
        bool explained = codes[i].outcome == PS_DNS_SERVFAIL && reader->explanation != PS_DNS_NOT_ASKED;
        return explained ? reader->explanation : codes[i].outcome;
    }
    return PS_DNS_RESOLVER_ERROR;
}

static ps_dns_outcome read_outcome(message_reader *reader, const char *name, uint16_t type, ps_dns_answer *answer)
{
    if (!read_frame(reader)) return PS_DNS_BAD_ANSWER;
    if (reader->explanation == PS_DNS_FILTERED) return PS_DNS_FILTERED;
    if (reader->code != ns_r_noerror && reader->code != ns_r_nxdomain) return read_error(reader, answer);

    ps_dns_outcome outcome = read_chain(reader, name, type, answer);
    if (reader->code == ns_r_noerror || outcome == PS_DNS_BAD_ANSWER) return outcome;
    // "There is no such name" and its records in one message: one of the two is a lie.
    return outcome == PS_DNS_FOUND ? PS_DNS_BAD_ANSWER : PS_DNS_NXDOMAIN;
}

void ps_dns_answer_clear(ps_dns_answer *out)
{
    // Without the names, which are most of it.
    memset(out, 0, offsetof(ps_dns_answer, name));
    out->name[0] = '\0';
    out->outcome = PS_DNS_BAD_ANSWER;
}

void ps_dns_read_slow(ps_span message, const char *name, uint16_t type, ps_dns_answer *out)
{
    message_reader reader = {.explanation = PS_DNS_NOT_ASKED};

    ps_dns_answer_clear(out);
    if (message.len < HEADER_SIZE || message.len > UINT16_MAX) return;
    if (bytes_of(message)[2] & FLAG_TC) {
        out->outcome = PS_DNS_TRUNCATED;
        return;
    }
    if (ns_initparse(bytes_of(message), (int)message.len, &reader.msg) != 0) return;
    reader.code = bytes_of(message)[3] & 0x0f;
    out->outcome = read_outcome(&reader, name, type, out);
    if (ps_dns_is_negative(out->outcome)) out->ttl_s = reader.absence_ttl_s;
}

void ps_dns_read(ps_span message, const char *name, uint16_t type, ps_dns_answer *out)
{
    if (!ps_dns_read_quick(message, name, type, out)) ps_dns_read_slow(message, name, type, out);
    out->authentic = message.len >= HEADER_SIZE && (bytes_of(message)[3] & FLAG_AD) != 0;
}
