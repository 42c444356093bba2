// What follows the `@`: as A-labels in lower case, and fit for mail.

#include <assert.h>

#include "mail/character.h"
#include "mail/idn.h"
#include "mail/parse.h"

enum { HOST_BYTES_MAX = 253 }; // RFC 1035 section 3.1: 255 on the wire

// RFC 6761 section 6; local: RFC 6762; onion: RFC 7686; alt: RFC 9476; internal: reserved by ICANN for private use;
// arpa: RFC 3172 and RFC 8375 (home.arpa).
#define NAME(text)                                                                                                     \
    {                                                                                                                  \
        (text), sizeof(text) - 1                                                                                       \
    }
static const ps_span special_use[] = {
    NAME("test"),        NAME("localhost"), NAME("invalid"), NAME("example"), NAME("example.com"), NAME("example.net"),
    NAME("example.org"), NAME("local"),     NAME("onion"),   NAME("alt"),     NAME("internal"),    NAME("arpa"),
};

// A host taken apart from the front, or a domain.
typedef struct label_walk {
    ps_span rest;
    bool more;
} label_walk;

static label_walk labels_of(ps_span host)
{
    return (label_walk){host, true};
}

static bool next_label(label_walk *labels, ps_span *out)
{
    if (!labels->more) return false;
    ps_span rest = labels->rest;
    const char *dot = memchr(rest.bytes, '.', rest.len);
    *out = rest;
    labels->more = dot != NULL;
    if (dot == NULL) return true;
    out->len = (size_t)(dot - rest.bytes);
    labels->rest = ps_span_tail(rest, out->len + 1);
    return true;
}

static bool needs_idna(ps_span label)
{
    return !ps_is_ascii(label) || ps_idn_is_alabel(label);
}

// The bytes that the ASCII form takes at most, 0 when a label is empty. `*out_idna` says whether any label needs
// libidn2.
static size_t measure(ps_span domain, bool *out_idna)
{
    label_walk labels = labels_of(domain);
    size_t size = 0;
    ps_span label;

    while (next_label(&labels, &label)) {
        if (label.len == 0) return 0;
        bool idna = needs_idna(label);
        *out_idna = *out_idna || idna;
        size += (idna && label.len < PS_LABEL_BYTES_MAX ? PS_LABEL_BYTES_MAX : label.len) + 1;
    }
    return size;
}

// Copies in lower case; whether that changed anything.
static bool put_lower(ps_span text, char *out)
{
    bool changed = false;

    for (size_t i = 0; i < text.len; i++) {
        out[i] = ps_lower(text.bytes[i]);
        changed = changed || out[i] != text.bytes[i];
    }
    return changed;
}

static bool put_idna(ps_parse *parse, ps_span label, char *out, size_t *out_len)
{
    ps_label ascii = {0};
    bool alabel = ps_is_ascii(label);

    if (alabel) { // lower case first: the case of an A-label means nothing
        if (put_lower(label, out)) ps_parse_note(parse, PS_REASON_NORMALIZED_CASE);
        label.bytes = out;
    }
    ps_reason reason = ps_idn_to_ascii(label, &ascii);
    if (reason != PS_REASON_OK) {
        parse->detail = ascii.detail;
        return ps_parse_fail(parse, reason);
    }
    if (!alabel) ps_parse_note(parse, PS_REASON_NORMALIZED_IDN);
    parse->idn = parse->idn || ps_span_begins((ps_span){ascii.text, ascii.len}, "xn--");
    memcpy(out, ascii.text, ascii.len);
    *out_len = ascii.len;
    return true;
}

static bool convert_labels(ps_parse *parse, char *bytes)
{
    label_walk labels = labels_of(parse->domain);
    size_t len = 0;
    ps_span label;

    while (next_label(&labels, &label)) {
        size_t label_len = label.len;
        if (needs_idna(label)) {
            if (!put_idna(parse, label, bytes + len, &label_len)) return false;
        } else if (put_lower(label, bytes + len)) {
            ps_parse_note(parse, PS_REASON_NORMALIZED_CASE);
        }
        len += label_len;
        if (labels.more) bytes[len++] = '.';
    }
    parse->host = (ps_span){bytes, len};
    if (parse->idn) ps_parse_note(parse, PS_REASON_IDN_DOMAIN);
    return true;
}

static bool has_upper(ps_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (ps_is_upper(text.bytes[i])) return true;
    }
    return false;
}

// RFC 5321 section 4.1.3 allows address literals; no ESP sends bulk mail to them.
bool ps_parse_host(ps_parse *parse)
{
    bool idna = false;

    if (parse->domain.len == 0) return ps_parse_fail(parse, PS_REASON_DOMAIN_EMPTY);
    if (parse->domain.bytes[0] == '[') return ps_parse_fail(parse, PS_REASON_DOMAIN_IP_LITERAL);
    size_t size = measure(parse->domain, &idna);
    if (size == 0) return ps_parse_fail(parse, PS_REASON_DOMAIN_EMPTY_LABEL);
    parse->host = parse->domain;
    if (!idna && !has_upper(parse->domain)) return true;
    return convert_labels(parse, ps_arena_take(parse->arena, size));
}

static bool is_ldh(ps_span label)
{
    for (size_t i = 0; i < label.len; i++) {
        if (!ps_is_ldh(label.bytes[i])) return false;
    }
    return true;
}

// The worst that is wrong with any label, in the order of the rules; the last label comes out too.
static ps_reason check_labels(ps_parse *parse, ps_span *out_last)
{
    label_walk labels = labels_of(parse->host);
    ps_reason reason = PS_REASON_OK;
    ps_span label;

    while (next_label(&labels, &label)) {
        *out_last = label;
        if (!is_ldh(label)) return PS_REASON_DOMAIN_INVALID_CHARACTER;
        assert(label.len > 0);
        bool hyphen = label.bytes[0] == '-' || label.bytes[label.len - 1] == '-';
        if (hyphen) reason = PS_REASON_DOMAIN_HYPHEN_PLACEMENT;
        if (reason == PS_REASON_OK && label.len > PS_LABEL_BYTES_MAX) reason = PS_REASON_DOMAIN_LABEL_TOO_LONG;
        // RFC 5890 section 2.3.1 reserves these, but they exist below the registered level.
        bool reserved = label.len >= 4 && label.bytes[2] == '-' && label.bytes[3] == '-';
        if (reserved && !ps_span_begins(label, "xn--")) ps_parse_note(parse, PS_REASON_RESERVED_HYPHENS);
    }
    return reason;
}

// `host` is `parent` or lies below it.
static bool is_under(ps_span host, ps_span parent)
{
    if (host.len < parent.len || parent.len == 0) return false;
    size_t skipped = host.len - parent.len;
    return (skipped == 0 || host.bytes[skipped - 1] == '.') && ps_span_equal(ps_span_tail(host, skipped), parent);
}

static bool is_special_use(ps_span host)
{
    for (size_t i = 0; i < PS_COUNT_OF(special_use); i++) {
        if (is_under(host, special_use[i])) return true;
    }
    return false;
}

static bool is_allowed(const ps_address_rules *rules, ps_span host)
{
    for (size_t i = 0; i < rules->special_use_count; i++) {
        if (is_under(host, rules->special_use[i])) return true;
    }
    return rules->special_use_all;
}

static bool is_number(ps_span label)
{
    for (size_t i = 0; i < label.len; i++) {
        if (label.bytes[i] < '0' || label.bytes[i] > '9') return false;
    }
    return true;
}

bool ps_parse_check_host(ps_parse *parse)
{
    ps_span last = {0};
    ps_reason reason = check_labels(parse, &last);

    if (reason != PS_REASON_OK) return ps_parse_fail(parse, reason);
    if (parse->host.len > HOST_BYTES_MAX) return ps_parse_fail(parse, PS_REASON_DOMAIN_TOO_LONG);
    bool special = is_special_use(parse->host);
    if (special && !is_allowed(parse->rules, parse->host)) return ps_parse_fail(parse, PS_REASON_DOMAIN_SPECIAL_USE);
    // RFC 3696 section 2; a bare IPv4 address ends so too.
    if (is_number(last)) return ps_parse_fail(parse, PS_REASON_DOMAIN_NUMERIC_TLD);
    if (last.len == parse->host.len) return ps_parse_fail(parse, PS_REASON_DOMAIN_SINGLE_LABEL);
    if (special || ps_rules_is_tld(parse->rules, last)) return true;
    return ps_parse_fail(parse, PS_REASON_DOMAIN_UNKNOWN_TLD);
}
