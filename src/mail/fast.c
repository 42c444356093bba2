// The short way for most cells: a plain local part, and a domain that the memo knows.
//
// Of such a cell the long way says nothing that the two halves do not say each for itself. Of the local part: its lower
// case, whether it is a role's, the provider's key. Of the domain: all else, which is kept as it was said of `a@` and
// that domain. That holds since nothing in the domain can be taken for a wrapper, a separator or another `@`
// (is_eligible), nothing in the local part opens one (ps_plain_scan), and both together are short.

#include "base/text.h"
#include "mail/character.h"
#include "mail/parse.h"

// What stands behind the `@` is letters, digits, hyphens, dots and non-ASCII characters that do not fold into anything
// else of ASCII.
static bool is_eligible(const ps_address_rules *rules, ps_span domain)
{
    size_t at = 0;

    while (at < domain.len) {
        int32_t c = ps_utf8_next(domain, &at);
        if (c < 0) return false;
        uint32_t folded = c < 0x80 ? (uint32_t)c : ps_fold_character(rules, (uint32_t)c);
        if (folded < 0x80 && folded != '.' && !ps_is_ldh((char)folded)) return false;
    }
    return true;
}

// `domain`, all of whose ASCII is lower-case where it is nothing but ASCII.
static const ps_memo_entry *learn(const ps_address_rules *rules, ps_span domain, ps_arena *arena)
{
    const ps_span local = {"a", 1};
    ps_memo_domain known = {.text = domain};
    ps_address address = {.detail = NULL};

    if (ps_memo_is_full(rules->memo) || !is_eligible(rules, domain)) return NULL;
    ps_parse parse = {.rules = rules, .arena = arena, .text = ps_parse_join(arena, local, domain)};
    ps_parse_run(&parse, &address);
    known.usable = address.key.len > 0;
    if (known.usable) {
        bool same_mailbox = ps_span_equal(address.provider_key, address.key);
        known.provider = parse.known.kind == PS_KNOWN_GOOD ? parse.known.number : 0;
        known.provider_own = same_mailbox;
        known.provider_dots = ps_provider_ignores_dots(known.provider);
        known.findings = parse.findings;
        known.host = parse.host;
        if (parse.idn) known.unicode = ps_span_tail(address.unicode, local.len + 1);
        if (address.suggestion.len > 0) known.meant = ps_span_tail(address.suggestion, local.len + 1);
        if (known.provider == 0 && !same_mailbox) known.provider_key = address.provider_key;
    }
    return ps_memo_add(rules->memo, &known);
}

enum { CELL_BYTES_MIN = PS_MEMO_BYTES_BEFORE + PS_MEMO_TEXT_MIN };

// The domain in lower case; NULL also where that is how it stands in the cell, and the memo does not take it. Apart
// from its caller, which needs no room for a copy.
__attribute__((noinline)) static const ps_memo_entry *find_lower(const ps_address_rules *rules, ps_span domain,
                                                                 ps_arena *arena, bool *out_lowered)
{
    char bytes[PS_MEMO_BYTES_BEFORE + PS_PLAIN_BYTES_MAX] = {0};
    ps_span lower = {bytes + PS_MEMO_BYTES_BEFORE, domain.len};

    // Of other characters than ASCII, case may be more than case.
    if (!ps_is_ascii(domain)) return learn(rules, domain, arena);
    for (size_t i = 0; i < lower.len; i++) {
        bytes[PS_MEMO_BYTES_BEFORE + i] = ps_lower(domain.bytes[i]);
    }
    *out_lowered = !ps_span_equal(lower, domain);
    const ps_memo_entry *known = *out_lowered ? ps_memo_find(rules->memo, lower) : NULL;
    return known != NULL ? known : learn(rules, lower, arena);
}

// A cell in its two halves.
typedef struct halves {
    const ps_address_rules *rules;
    ps_arena *arena;
    ps_span cell, local;
    ps_plain plain;
    const ps_memo_entry *known;
    bool lowered; // `known` is the domain in lower case, which is not how it stands in the cell
} halves;

// The local part in lower case, `@`, the host.
static ps_span join_lower(const halves *h)
{
    ps_span host = ps_memo_host(h->known);
    char *bytes = ps_arena_take(h->arena, h->local.len + 1 + host.len);

    for (size_t i = 0; i < h->local.len; i++) {
        bytes[i] = ps_lower(h->local.bytes[i]);
    }
    bytes[h->local.len] = '@';
    memcpy(bytes + h->local.len + 1, host.bytes, host.len);
    return (ps_span){bytes, h->local.len + 1 + host.len};
}

static ps_span provider_key_of(const halves *h, ps_span key)
{
    const ps_memo_entry *known = h->known;

    if (known->provider_key_len > 0) return ps_arena_copy(h->arena, ps_memo_provider_key(known));
    bool changes = h->plain.plus || (h->plain.dot && known->provider_dots) || !known->provider_own;
    if (known->provider == 0 || !changes) return key;
    return ps_provider_key(h->arena, known->provider, key, known->host_len);
}

static ps_findings fill(const halves *h, ps_address *out)
{
    const ps_memo_entry *known = h->known;
    bool as_written = known->as_written && !h->lowered;
    ps_span sent = as_written ? h->cell : ps_parse_join(h->arena, h->local, ps_memo_host(known));
    ps_span key = h->plain.upper ? join_lower(h) : sent;
    ps_span name = ps_span_head(key, h->local.len);

    out->ascii = sent;
    out->unicode = known->unicode_len > 0 ? ps_parse_join(h->arena, h->local, ps_memo_unicode(known)) : sent;
    out->deliverable = sent;
    out->domain = ps_span_tail(key, h->local.len + 1);
    out->key = key;
    out->provider_key = provider_key_of(h, key);
    out->suggestion = (ps_span){NULL, 0};
    if (known->meant_len > 0) out->suggestion = ps_parse_join(h->arena, h->local, ps_memo_meant(known));
    out->detail = NULL;
    if (h->plain.plus) name.len = (size_t)((const char *)memchr(name.bytes, '+', name.len) - name.bytes);
    ps_findings findings = known->findings | (h->lowered ? PS_FIND(NORMALIZED_CASE) : 0);
    return ps_rules_may_be_role(h->rules, name) ? findings | ps_policy_role(h->rules, name) : findings;
}

ps_findings ps_address_parse(const ps_address_rules *rules, ps_span cell, ps_arena *arena, ps_address *out)
{
    bool lowered = false;

    if (cell.len < CELL_BYTES_MIN || cell.len > PS_PLAIN_BYTES_MAX) return ps_parse_other(rules, cell, arena, out);
    ps_plain plain = rules->scan(cell);
    ps_span domain = ps_span_tail(cell, plain.local_len + 1);
    if (plain.local_len == 0 || domain.len < PS_MEMO_TEXT_MIN) return ps_parse_other(rules, cell, arena, out);
    const ps_memo_entry *known = ps_memo_find(rules->memo, domain);
    if (known == NULL) known = find_lower(rules, domain, arena, &lowered);
    bool fits = known != NULL && known->usable && plain.local_len + 1 + known->host_len <= PS_ADDRESS_BYTES_MAX;
    if (!fits) return ps_parse_other(rules, cell, arena, out);
    halves h = {rules, arena, cell, ps_span_head(cell, plain.local_len), plain, known, lowered};
    return fill(&h, out);
}
