// The short way for most cells: a plain local part, and a domain that the memo knows.
//
// Of such a cell the long way says nothing that the two halves do not say each for itself. Of the local part: its lower
// case, whether it is a role's, the provider's key. Of the domain: all else, which is kept as it was said of `a@` and
// that domain. That holds since nothing in the domain can be taken for a wrapper, a separator or another `@`
// (is_eligible), nothing in the local part opens one (ps_plain_scan), and both together are short.

#include "base/text.h"
#include "mail/character.h"
#include "mail/parse.h"

// Shorter cells are rare, and lack the bytes before a domain that the memo may read.
enum { CELL_BYTES_MIN = PS_MEMO_BYTES_BEFORE + PS_MEMO_TEXT_MIN };

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

// Which marks of a local part make some form differ from the cell. An address that has none is its own key.
static uint8_t minds_of(const ps_memo_domain *known, bool same_mailbox)
{
    bool plain = ps_span_equal(known->host, known->text) && known->unicode.len == 0 && known->meant.len == 0;

    if (!plain || !same_mailbox) return PS_PLAIN_ANY;
    if (known->provider == 0) return PS_PLAIN_UPPER;
    return PS_PLAIN_UPPER | PS_PLAIN_PLUS | (ps_provider_ignores_dots(known->provider) ? PS_PLAIN_DOT : 0);
}

// `domain`, all of whose ASCII is lower-case where it is nothing but ASCII.
static const ps_memo_entry *learn(const ps_address_rules *rules, ps_span domain, ps_arena *arena)
{
    const ps_span local = {"a", 1};
    ps_memo_domain known = {.text = domain, .minds = PS_PLAIN_ANY};
    ps_address address = {.detail = NULL};

    if (ps_memo_is_full(rules->memo) || !is_eligible(rules, domain)) return NULL;
    ps_parse parse = {.rules = rules, .arena = arena, .text = ps_parse_join(arena, local, domain)};
    ps_parse_short(&parse, &address);
    known.usable = address.key.len > 0;
    if (known.usable) {
        bool same_mailbox = ps_span_equal(address.provider_key, address.key);
        known.provider = parse.known.kind == PS_KNOWN_GOOD ? parse.known.number : 0;
        known.findings = parse.findings;
        known.host = parse.host;
        if (parse.idn) known.unicode = ps_span_tail(address.unicode, local.len + 1);
        if (address.suggestion.len > 0) known.meant = ps_span_tail(address.suggestion, local.len + 1);
        if (known.provider == 0 && !same_mailbox) known.provider_key = address.provider_key;
        known.minds = minds_of(&known, same_mailbox);
    }
    return ps_memo_add(rules->memo, &known);
}

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
    const ps_memo_entry *known = *out_lowered ? ps_memo_find(rules->memo, lower, ps_memo_hash(lower)) : NULL;
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
    if (known->provider == 0) return key;
    return ps_provider_key(h->arena, known->provider, key, known->host_len);
}

static ps_findings role_of(const ps_address_rules *rules, ps_span name, uint32_t marks)
{
    if ((marks & PS_PLAIN_PLUS) != 0) name.len = (size_t)((const char *)memchr(name.bytes, '+', name.len) - name.bytes);
    return ps_rules_may_be_role(rules, name) ? ps_policy_role(rules, name) : 0;
}

// Some form is not the cell as it stands.
static ps_findings fill(const halves *h, ps_address *out)
{
    const ps_memo_entry *known = h->known;
    bool as_written = known->as_written && !h->lowered;
    ps_span sent = as_written ? h->cell : ps_parse_join(h->arena, h->local, ps_memo_host(known));
    ps_span key = (h->plain.marks & PS_PLAIN_UPPER) != 0 ? join_lower(h) : sent;

    out->ascii = sent;
    out->unicode = known->unicode_len > 0 ? ps_parse_join(h->arena, h->local, ps_memo_unicode(known)) : sent;
    out->deliverable = sent;
    out->domain = ps_span_tail(key, h->local.len + 1);
    out->key = key;
    out->provider_key = provider_key_of(h, key);
    out->suggestion = (ps_span){NULL, 0};
    if (known->meant_len > 0) out->suggestion = ps_parse_join(h->arena, h->local, ps_memo_meant(known));
    out->domain_number = known->number;
    out->detail = NULL;
    ps_findings findings = known->findings | (h->lowered ? PS_FIND(NORMALIZED_CASE) : 0);
    return findings | role_of(h->rules, ps_span_head(key, h->local.len), h->plain.marks);
}

// Apart from its caller, which is quicker without.
__attribute__((noinline)) static ps_findings parse_halves(halves *h, ps_span domain, ps_address *out)
{
    if (h->known == NULL) h->known = find_lower(h->rules, domain, h->arena, &h->lowered);
    bool fits = h->known != NULL && h->known->usable && h->local.len + 1 + h->known->host_len <= PS_ADDRESS_BYTES_MAX;
    return fits ? fill(h, out) : ps_parse_other(h->rules, h->cell, h->arena, out);
}

ps_glance ps_address_glance(const ps_address_rules *rules, ps_span cell)
{
    const ps_glance none = {.plain = {.local_len = 0}};

    if (cell.len < CELL_BYTES_MIN || cell.len > PS_PLAIN_BYTES_MAX) return none;
    ps_plain plain = rules->scan(cell);
    if (plain.local_len == 0 || cell.len - plain.local_len - 1 < PS_MEMO_TEXT_MIN) return none;
    ps_glance glance = {plain, ps_memo_hash(ps_span_tail(cell, plain.local_len + 1))};
    ps_memo_prefetch(rules->memo, glance.hash);
    return glance;
}

void ps_address_prefetch(const ps_address_rules *rules, const ps_glance *glance)
{
    if (glance->plain.local_len > 0) ps_memo_prefetch_entry(rules->memo, glance->hash);
}

ps_findings ps_address_parse_glanced(const ps_address_rules *rules, ps_span cell, const ps_glance *glance,
                                     ps_arena *arena, ps_address *out)
{
    const ps_plain plain = glance->plain;

    if (plain.local_len == 0) return ps_parse_other(rules, cell, arena, out);
    ps_span local = ps_span_head(cell, plain.local_len), domain = ps_span_tail(cell, plain.local_len + 1);
    const ps_memo_entry *known = ps_memo_find(rules->memo, domain, glance->hash);
    if (known == NULL || (plain.marks & known->minds) != 0) {
        halves h = {rules, arena, cell, local, plain, known, false};
        return parse_halves(&h, domain, out);
    }
    out->ascii = cell;
    out->unicode = cell;
    out->deliverable = cell;
    out->domain = domain;
    out->key = cell;
    out->provider_key = cell;
    out->suggestion = (ps_span){NULL, 0};
    out->domain_number = known->number;
    out->detail = NULL;
    return known->findings | role_of(rules, local, plain.marks);
}

ps_findings ps_address_parse(const ps_address_rules *rules, ps_span cell, ps_arena *arena, ps_address *out)
{
    const ps_glance glance = ps_address_glance(rules, cell);

    return ps_address_parse_glanced(rules, cell, &glance, arena, out);
}
