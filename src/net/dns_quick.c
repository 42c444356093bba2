// The short way for what resolvers send most: an answer whose records are all of the name and type asked for, or none
// at all. Anything else is left to the C library; that both agree is what the fuzz target checks.

#include <arpa/nameser.h>
#include <assert.h>
#include <netinet/in.h>

#include "net/dns_wire.h"
#include "net/ip.h"

enum {
    HEADER_SIZE = 12,
    POINTER_SIZE = 2,
    RECORD_SIZE = 10, // type, class, TTL, length
    POINTER_TO_QUESTION = 0xc000 | HEADER_SIZE,
    LABEL_MAX = 63,
    NAME_OCTETS_MAX = 255, // RFC 1035 3.1
    SOA_SIZE_MIN = 22
};

typedef struct cursor {
    const unsigned char *start, *end, *at;
} cursor;

typedef struct record {
    const unsigned char *data;
    uint32_t ttl;
    uint16_t type, class, len;
    bool of_question; // its owner is the name asked for
} record;

static bool has(const cursor *c, size_t size)
{
    return (size_t)(c->end - c->at) >= size;
}

// One label into `out` (may be NULL) in lower case. Only letters, digits, hyphens and underscores are taken there.
static bool take_label(const unsigned char *label, unsigned size, char *out)
{
    bool odd = false;

    for (unsigned i = 0; i < size && out != NULL; i++) {
        unsigned char letter = ps_dns_lower[label[i]];
        odd |= letter == 0;
        out[i] = (char)letter;
    }
    return !odd;
}

// Where a pointer leads, or NULL. Each must lead further back than the last: then there is no circle.
static const unsigned char *follow(const cursor *c, const unsigned char *pointer, const unsigned char *lowest)
{
    if (c->end - pointer < POINTER_SIZE) return NULL;
    const unsigned char *to = c->start + (ns_get16(pointer) & 0x3fff);
    return to < lowest ? to : NULL;
}

// One name, whose text goes to `out` (may be NULL), nothing for the root; the cursor ends behind it.
static bool walk_labels(cursor *c, char out[PS_DNS_NAME_SIZE])
{
    const unsigned char *at = c->at, *lowest = c->at;
    bool jumped = false, first = true;
    size_t octets = 1;

    while (at < c->end && *at != 0) {
        unsigned size = *at;
        if (size >= 0xc0) {
            if (!jumped) c->at = at + POINTER_SIZE;
            jumped = true;
            at = lowest = follow(c, at, lowest);
            if (at == NULL) return false;
            continue;
        }
        octets += size + 1;
        if (size > LABEL_MAX || octets > NAME_OCTETS_MAX || (size_t)(c->end - at) < size + 1) return false;
        if (out != NULL && !first) *out++ = '.';
        if (!take_label(at + 1, size, out)) return false;
        if (out != NULL) out += size;
        first = false;
        at += size + 1;
    }
    if (at >= c->end) return false;
    if (!jumped) c->at = at + 1;
    if (out != NULL) *out = '\0';
    return true;
}

// The same; the root is a dot.
static bool walk_name(cursor *c, char out[PS_DNS_NAME_SIZE])
{
    if (!walk_labels(c, out)) return false;
    if (out[0] == '\0') memcpy(out, ".", 2);
    return true;
}

static bool read_record(cursor *c, record *out)
{
    out->of_question = has(c, POINTER_SIZE) && ns_get16(c->at) == POINTER_TO_QUESTION;
    if (out->of_question) {
        c->at += POINTER_SIZE;
    } else if (!walk_labels(c, NULL)) {
        return false;
    }
    if (!has(c, RECORD_SIZE)) return false;
    out->type = (uint16_t)ns_get16(c->at);
    out->class = (uint16_t)ns_get16(c->at + 2);
    out->ttl = (uint32_t)ns_get32(c->at + 4);
    out->len = (uint16_t)ns_get16(c->at + 8);
    c->at += RECORD_SIZE;
    if (!has(c, out->len)) return false;
    out->data = c->at;
    c->at += out->len;
    return true;
}

static bool take_mx(const cursor *c, const record *r, ps_dns_answer *answer)
{
    if (r->len < 3) return false;
    cursor name = {c->start, c->end, r->data + 2};
    if (!walk_name(&name, answer->mx[answer->mx_count].target) || name.at != r->data + r->len) return false;
    ps_dns_answer_place_mx(answer, ns_get16(r->data));
    return true;
}

static bool take(const cursor *c, const record *r, uint16_t type, ps_dns_answer *answer)
{
    bool first = answer->mx_count == 0 && answer->addresses == 0;

    // An alias, or another name's record: the order of things matters then.
    if (r->type != type || r->class != ns_c_in || !r->of_question) return false;
    if (first || r->ttl < answer->ttl_s) answer->ttl_s = r->ttl;
    if (type == ns_t_mx) return take_mx(c, r, answer);
    if (type == ns_t_a && r->len == NS_INADDRSZ) {
        answer->addresses |= ps_ip4_kind(r->data);
        return true;
    }
    if (type == ns_t_aaaa && r->len == NS_IN6ADDRSZ) {
        answer->addresses |= ps_ip6_kind(r->data);
        return true;
    }
    return false;
}

// Whether the zone of an SOA, whose name is at `owner`, is one that `name` is in.
static bool is_zone_of(cursor owner, const char *name)
{
    char zone[PS_DNS_NAME_SIZE];
    size_t len = strlen(name);

    if (!walk_name(&owner, zone)) return false;
    if (strcmp(zone, ".") == 0) return true;
    size_t size = strlen(zone);
    if (size > len || memcmp(name + len - size, zone, size) != 0) return false;
    return size == len || name[len - size - 1] == '.';
}

// What stands in the authority section: an SOA, where there is nothing to be found.
static void note_soa(const record *r, uint32_t *absence_ttl_s)
{
    uint32_t minimum = r->len >= SOA_SIZE_MIN ? (uint32_t)ns_get32(r->data + r->len - 4) : r->ttl;

    *absence_ttl_s = minimum < r->ttl ? minimum : r->ttl;
}

// The question, which is `name` as it was matched before: each length octet takes the place of the dot before its
// label.
static bool skip_question(cursor *c, const char *name, uint16_t type)
{
    size_t len = strlen(name);

    if (!has(c, len + 2 + 4) || c->at[len + 1] != 0 || ns_get16(c->at + len + 2) != type) return false;
    c->at += len + 2 + 4;
    return true;
}

static bool is_plain_opt(const record *r)
{
    return r->len == 0 && r->ttl >> 24 == 0;
}

// `absence_ttl_s` is of the SOA, NULL without one.
static bool conclude(ps_dns_answer *out, unsigned code, const uint32_t *absence_ttl_s)
{
    bool found = out->mx_count > 0 || out->addresses != 0;
    bool absent = code == ns_r_nxdomain;

    if ((found && absent) || (!found && absence_ttl_s == NULL)) return false; // contradicts itself, or is a referral
    out->outcome = found ? PS_DNS_FOUND : PS_DNS_NODATA;
    if (absent) out->outcome = PS_DNS_NXDOMAIN;
    out->zone_shown = !found;
    if (!found) out->ttl_s = *absence_ttl_s;
    return true;
}

bool ps_dns_read_quick(ps_span message, const char *name, uint16_t type, ps_dns_answer *out)
{
    const unsigned char *bytes = (const unsigned char *)message.bytes;
    cursor c = {bytes, bytes + message.len, bytes + HEADER_SIZE};
    uint32_t absence_ttl_s = 0;
    bool soa = false;
    record r;

    if (message.len < HEADER_SIZE || message.len > UINT16_MAX || (bytes[2] & 0x02) != 0) return false;
    unsigned code = bytes[3] & 0x0f;
    if ((code != ns_r_noerror && code != ns_r_nxdomain) || ns_get16(bytes + 4) != 1) return false;
    ps_dns_answer_clear(out);
    if (!skip_question(&c, name, type)) return false;
    for (unsigned i = ns_get16(bytes + 6); i > 0; i--) {
        if (!read_record(&c, &r) || !take(&c, &r, type, out)) return false;
    }
    for (unsigned i = ns_get16(bytes + 8); i > 0; i--) {
        cursor owner = c;
        if (!read_record(&c, &r)) return false;
        if (r.type != ns_t_soa) continue;
        if (!is_zone_of(owner, name)) return false;
        soa = true;
        note_soa(&r, &absence_ttl_s);
    }
    for (unsigned i = ns_get16(bytes + 10); i > 0; i--) {
        if (!read_record(&c, &r)) return false;
        if (r.type == ns_t_opt && !is_plain_opt(&r)) return false;
    }
    if (c.at != c.end) return false;
    return conclude(out, code, soa ? &absence_ttl_s : NULL);
}
