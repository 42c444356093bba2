// The short way for most cells: a plain local part, and a domain that the memo knows.
//
// Of such a cell the long way says nothing that the two halves do not say each for itself. Of the local part: its lower
// case, whether it is a role's, the provider's key. Of the domain: all else, which is kept as it was said of `a@` and
// that domain. That holds since nothing in the domain can be taken for a wrapper, a separator or another `@`
// (is_eligible), nothing in the local part opens one (ps_plain), and both together are short.

#include "base/text.h"
#include "mail/character.h"
#include "mail/parse.h"

// What stands behind the `@` is letters, digits, hyphens, dots and non-ASCII characters that do not fold into anything
// else of ASCII.
static bool is_eligible(const ps_address_rules *rules, ps_span domain)
{
    size_t at = 0;

    while (at < domain.len) {
        char first = domain.bytes[at];
        bool ascii = (first & 0x80) == 0;
        int32_t c = ascii ? first : ps_utf8_next(domain, &at);
        if (c < 0) return false;
        at += ascii;
        uint32_t folded = ascii ? (uint32_t)c : ps_fold_character(rules, (uint32_t)c);
        if (folded < 0x80 && folded != '.' && !ps_is_ldh((char)folded)) return false;
    }
    return true;
}

// Which marks of a cell make some form differ from it, or something is to be said of it. An address that has none is
// its own key.
static uint8_t minds_of(const ps_memo_domain *known, bool same_mailbox)
{
    bool plain = ps_span_equal(known->host, known->text) && known->unicode.len == 0 && known->findings == 0;
    const uint8_t upper = PS_PLAIN_UPPER | PS_PLAIN_HOST_UPPER;

    if (!plain || !same_mailbox) return PS_PLAIN_ANY;
    if (known->provider == 0) return upper;
    return upper | PS_PLAIN_PLUS | (ps_provider_ignores_dots(known->provider) ? PS_PLAIN_DOT : 0);
}

// A cell in its two halves.
typedef struct halves {
    const ps_address_rules *rules;
    ps_arena *arena;
    ps_span cell, local;
    uint32_t marks;
    ps_memo_key key; // of the domain
    const ps_memo_entry *known; // of the domain; of the domain in lower case where the key is
} halves;

static ps_span host_of(const halves *h)
{
    return ps_span_tail(h->cell, h->local.len + 1);
}

static ps_span lower_of(ps_arena *arena, ps_span text)
{
    char *bytes = ps_arena_room(arena, text.len);

    ps_put_lower(bytes, text);
    return (ps_span){bytes, text.len};
}

// Of what is refused, and for what nothing else suggests itself, the findings are all that the long way says.
static bool is_settled(const ps_parse *parse)
{
    return !ps_may_suggest(parse->findings) && parse->detail == NULL;
}

static void learn_usable(ps_memo_domain *known, const ps_parse *parse, const ps_address *address)
{
    bool same_mailbox = ps_span_equal(address->provider_key, address->key);

    known->provider = parse->known.kind == PS_KNOWN_GOOD ? parse->known.number : 0;
    known->host = parse->host;
    if (parse->idn) known->unicode = ps_span_tail(address->unicode, parse->local.len + 1);
    if (address->suggestion.len > 0) known->meant = ps_span_tail(address->suggestion, parse->local.len + 1);
    if (known->provider == 0 && !same_mailbox) known->provider_key = address->provider_key;
    known->minds = minds_of(known, same_mailbox);
}

static const ps_memo_entry *learn(const halves *h)
{
    const ps_span local = {"a", 1};
    ps_address address = {.detail = NULL};
    ps_span text = host_of(h);

    if (!is_eligible(h->rules, text)) return NULL;
    if (h->key.lowered) text = lower_of(h->arena, text);
    ps_parse parse = {.rules = h->rules, .arena = h->arena, .text = ps_parse_join(h->arena, local, text)};
    ps_parse_short(&parse, &address);
    ps_memo_domain known = {.text = text, .minds = PS_PLAIN_ANY, .findings = parse.findings};
    known.usable = address.key.len > 0;
    known.refused = !known.usable && is_settled(&parse);
    if (known.usable) learn_usable(&known, &parse, &address);
    const ps_memo_entry *kept = ps_memo_add(h->rules->memo, &known, &h->key);
    return kept != NULL ? kept : ps_memo_make(h->arena, &known);
}

static ps_findings role_of(const ps_address_rules *rules, ps_span name, uint32_t marks)
{
    if ((marks & PS_PLAIN_PLUS) != 0) name.len = (size_t)((const char *)memchr(name.bytes, '+', name.len) - name.bytes);
    return ps_rules_may_be_role(rules, name) ? ps_policy_role(rules, name) : 0;
}

// What few domains have.
static void fill_more(const halves *h, ps_address *out)
{
    ps_span unicode = ps_memo_unicode(h->known), meant = ps_memo_meant(h->known);
    ps_span provider_key = ps_memo_provider_key(h->known);

    if (unicode.len > 0) out->unicode = ps_parse_join(h->arena, h->local, unicode);
    if (meant.len > 0) out->suggestion = ps_parse_join(h->arena, h->local, meant);
    if (provider_key.len > 0) out->provider_key = ps_arena_copy(h->arena, provider_key);
}

// How the address is sent, and its key.
typedef struct forms {
    ps_span sent, key;
} forms;

// Where the host is the domain as written, but for its case, the key is the cell in lower case.
static forms forms_as_written(const halves *h)
{
    const bool host_upper = h->key.lowered, upper = (h->marks & PS_PLAIN_UPPER) != 0;

    if (!upper && !host_upper) return (forms){h->cell, h->cell};
    const ps_span key = lower_of(h->arena, h->cell);
    if (!host_upper) return (forms){h->cell, key};
    return (forms){upper ? ps_parse_join(h->arena, h->local, ps_span_tail(key, h->local.len + 1)) : key, key};
}

static forms forms_of(const halves *h)
{
    if (h->known->as_written) return forms_as_written(h);
    const ps_span host = ps_memo_host(h->known), sent = ps_parse_join(h->arena, h->local, host);
    return (forms){sent, (h->marks & PS_PLAIN_UPPER) != 0 ? lower_of(h->arena, sent) : sent};
}

// Some form is not the cell as it stands.
static ps_findings fill(const halves *h, ps_address *out)
{
    const ps_memo_entry *known = h->known;
    const forms f = forms_of(h);
    const uint32_t upper = PS_PLAIN_UPPER | PS_PLAIN_HOST_UPPER;
    bool one_mailbox = known->provider == 0 || (h->marks & known->minds & ~upper) == 0;
    size_t host_at = h->local.len + 1;

    *out = (ps_address){
        .ascii = f.sent,
        .unicode = f.sent,
        .deliverable = f.sent,
        .domain = ps_span_tail(f.key, host_at),
        .key = f.key,
        .provider_key = one_mailbox ? f.key : ps_provider_key(h->arena, known->provider, f.key, f.key.len - host_at),
        .domain_number = known->number,
    };
    if (known->has_more) fill_more(h, out);
    ps_findings findings = ps_memo_findings(known) | (h->key.lowered ? PS_FIND(NORMALIZED_CASE) : 0);
    return findings | role_of(h->rules, ps_span_head(f.key, h->local.len), h->marks);
}

// What the halves say; false, and nothing done, where they do not say all.
static bool parse_halves(halves *h, ps_address *out, ps_findings *out_findings)
{
    if (h->known == NULL) h->known = learn(h);
    const ps_memo_entry *known = h->known;
    if (known == NULL) return false;
    if (known->refused && !h->key.lowered) { // of capitals the refusal does not say whether they came up before
        *out = (ps_address){.detail = NULL};
        *out_findings = ps_memo_findings(known);
        return true;
    }
    if (!known->usable || h->local.len + 1 + ps_memo_host(known).len > PS_ADDRESS_BYTES_MAX) return false;
    *out_findings = fill(h, out);
    return true;
}

static halves halves_of(const ps_address_rules *rules, ps_span cell, const ps_glance *glance, ps_arena *arena)
{
    halves h = {
        .rules = rules,
        .arena = arena,
        .cell = cell,
        .local = ps_span_head(cell, glance->plain.local_len),
        .marks = glance->plain.marks,
    };

    ps_memo_key_of(host_of(&h), (h.marks & PS_PLAIN_HOST_UPPER) != 0, &h.key);
    h.known = ps_memo_find_from(rules->memo, glance->likely, host_of(&h), &h.key);
    return h;
}

// The second step: the first has asked for the memory that this one reads, and this one asks for what the third reads.
static void find_likely(const ps_address_rules *rules, ps_glance *glances, size_t count)
{
    for (ps_glance *glance = glances; glance < glances + count; glance++) {
        if (glance->plain.local_len > 0) glance->likely = ps_memo_likely(rules->memo, glance->hash, glance->host_len);
    }
}

bool ps_parse_plain(const ps_address_rules *rules, ps_span cell, ps_arena *arena, ps_address *out,
                    ps_findings *out_findings)
{
    const ps_cells one = {.first = &cell, .count = 1};
    ps_glance glance;

    rules->glance_each(rules->memo, &one, &glance);
    if (glance.plain.local_len == 0) return false;
    find_likely(rules, &glance, 1);
    halves h = halves_of(rules, cell, &glance, arena);
    return parse_halves(&h, out, out_findings);
}

// Behind an address a blank is what the glance takes for its domain's.
static bool ends_in_blank(ps_span cell)
{
    char last = cell.bytes[cell.len - 1];

    return last == ' ' || last == '\t';
}

// ASCII, kana, kanji and their repetition mark: what folding leaves as it is.
static bool is_inert(int32_t c)
{
    if (c < 0x7F) return c >= ' ' && c != '@' && c != '<' && c != '>';
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3041 && c <= 0x3096) || (c >= 0x30A1 && c <= 0x30FC) || c == 0x3005;
}

// The name before an address in angle brackets is not looked at, but for what may be another address or is to be said
// of it. False where that takes a closer look.
static bool is_name(ps_span name, ps_findings *out)
{
    enum { IDEOGRAPHIC_SPACE = 0x3000 };

    for (size_t at = 0; at < name.len;) {
        bool inside = at > 0; // at the ends of the cell it is white space
        int32_t c = ps_utf8_next(name, &at);
        bool wide = c == IDEOGRAPHIC_SPACE && inside;
        if (wide) *out |= PS_FIND(REPAIRED_WIDTH);
        if (!wide && !is_inert(c)) return false;
    }
    return true;
}

static bool take_angled(ps_span *text, ps_findings *out)
{
    ps_findings found = PS_FIND(REPAIRED_WRAPPER);
    bool closed = text->len > 0 && text->bytes[text->len - 1] == '>';
    const char *open = closed ? memchr(text->bytes, '<', text->len) : NULL;

    if (open == NULL || !is_name((ps_span){text->bytes, (size_t)(open - text->bytes)}, &found)) return false;
    *text = (ps_span){open + 1, (size_t)(text->bytes + text->len - 1 - (open + 1))};
    *out |= found;
    return true;
}

// White space around a cell comes from pasting, and a name from mail programs; what they hold is most often as plain as
// any other.
__attribute__((noinline)) static ps_findings parse_odd(const ps_address_rules *rules, ps_span cell, ps_arena *arena,
                                                       ps_address *out)
{
    ps_span inner = ps_ascii_trim(cell);
    ps_findings findings = 0, around = inner.len < cell.len ? PS_FIND(REPAIRED_WHITESPACE) : 0;
    bool odd = take_angled(&inner, &around) || around != 0;

    if (odd && cell.len <= PS_ADDRESS_CELL_BYTES_MAX && ps_parse_plain(rules, inner, arena, out, &findings))
        return findings | around;
    return ps_parse_other(rules, cell, arena, out);
}

ps_findings ps_address_parse_unlike(const ps_address_rules *rules, ps_span cell, const ps_glance *glance,
                                    ps_arena *arena, ps_address *out)
{
    ps_findings findings = 0;

    if (glance->plain.local_len == 0 || ends_in_blank(cell)) return parse_odd(rules, cell, arena, out);
    halves h = halves_of(rules, cell, glance, arena);
    return parse_halves(&h, out, &findings) ? findings : ps_parse_other(rules, cell, arena, out);
}

// The number of the domain of an ordinary cell; else 0.
static uint32_t ordinary_number(const ps_address_rules *rules, ps_span cell, const ps_glance *glance)
{
    const uint32_t marks = glance->plain.marks, local_len = glance->plain.local_len;
    const ps_memo_entry *known = glance->likely;

    if (local_len == 0 || (marks & PS_PLAIN_HOST_UPPER) != 0) return 0;
    if (!ps_memo_is(known, ps_span_tail(cell, local_len + 1)) || (marks & known->minds) != 0) return 0;
    return role_of(rules, ps_span_head(cell, local_len), marks) == 0 ? known->number : 0;
}

uint64_t ps_address_look(const ps_address_rules *rules, const ps_cells *cells, ps_glance *glances, uint32_t *numbers)
{
    uint64_t ordinary = 0;

    rules->glance_each(rules->memo, cells, glances);
    find_likely(rules, glances, cells->count);
    for (size_t i = 0; i < cells->count; i++) {
        numbers[i] = ordinary_number(rules, ps_cells_at(cells, i), &glances[i]);
        ordinary |= (uint64_t)(numbers[i] != 0) << i;
    }
    return ordinary;
}

// An ordinary cell.
static void fill_cell(ps_span cell, size_t local_len, uint32_t number, ps_address *out)
{
    *out = (ps_address){
        .ascii = cell,
        .unicode = cell,
        .deliverable = cell,
        .domain = ps_span_tail(cell, local_len + 1),
        .key = cell,
        .provider_key = cell,
        .domain_number = number,
    };
}

ps_findings ps_address_parse_glanced(const ps_address_rules *rules, ps_span cell, const ps_glance *glance,
                                     ps_arena *arena, ps_address *out)
{
    uint32_t number = ordinary_number(rules, cell, glance);

    if (number == 0) return ps_address_parse_unlike(rules, cell, glance, arena, out);
    fill_cell(cell, glance->plain.local_len, number, out);
    return 0;
}

ps_findings ps_address_parse(const ps_address_rules *rules, ps_span cell, ps_arena *arena, ps_address *out)
{
    const ps_cells one = {.first = &cell, .count = 1};
    ps_glance glance;
    uint32_t number;

    if (ps_address_look(rules, &one, &glance, &number) == 0)
        return ps_address_parse_unlike(rules, cell, &glance, arena, out);
    fill_cell(cell, glance.plain.local_len, number, out);
    return 0;
}
