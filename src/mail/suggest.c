// Other spellings of what was refused. Whether one is any good the rules themselves decide, in a second pass over it.

#include <stdlib.h>
#include <uninorm.h>

#include "base/text.h"
#include "mail/character.h"
#include "mail/parse.h"

// The ways people write `@` to hide it from harvesters, or a URL does.
static const char *const at_signs[] = {"%40", "(at)", "[at]"};

// Where the one stand-in for `@` is; false unless there is exactly one.
static bool find_at_sign(ps_span text, size_t *out_at, size_t *out_len)
{
    unsigned found = 0;

    for (size_t i = 0; i < text.len; i++) {
        for (size_t k = 0; k < PS_COUNT_OF(at_signs); k++) {
            size_t len = strlen(at_signs[k]);
            if (text.bytes[i] != at_signs[k][0] || text.len - i < len) continue;
            if (!ps_ascii_equal_fold((ps_span){text.bytes + i, len}, ps_span_of(at_signs[k]))) continue;
            found++;
            *out_at = i;
            *out_len = len;
        }
    }
    return found == 1;
}

static bool with_at_sign(const ps_parse *parse, ps_span *out)
{
    size_t at = 0, len = 0;
    ps_span text = parse->text;

    if (!find_at_sign(text, &at, &len)) return false;
    ps_span local = ps_ascii_trim(ps_span_head(text, at)), domain = ps_ascii_trim(ps_span_tail(text, at + len));
    *out = ps_parse_join(parse->arena, local, domain);
    return true;
}

static bool is_angle(uint32_t c)
{
    return c == '<' || c == '>';
}

// `text` without the characters that `drop` names.
static ps_span without(const ps_parse *parse, bool (*drop)(uint32_t))
{
    ps_span text = parse->text;
    char *bytes = ps_arena_take(parse->arena, text.len + 1);
    size_t at = 0, len = 0;

    while (at < text.len) {
        size_t start = at;
        uint32_t c = (uint32_t)ps_utf8_next(text, &at);
        if (drop(c)) continue;
        memcpy(bytes + len, text.bytes + start, at - start);
        len += at - start;
    }
    return (ps_span){bytes, len};
}

// What white space cuts off around this place.
static ps_span piece_around(ps_span text, size_t place)
{
    size_t at = 0, start = 0;

    while (at < text.len) {
        size_t end = at;
        if (!ps_is_white_space((uint32_t)ps_utf8_next(text, &at))) continue;
        if (end > place) return (ps_span){text.bytes + start, end - start};
        start = at;
    }
    return ps_span_tail(text, start);
}

// A name, a title or a remark: it holds what no address has outside quotes.
static bool is_remark(ps_span text)
{
    for (size_t at = 0; at < text.len;) {
        uint32_t c = (uint32_t)ps_utf8_next(text, &at);
        bool in_address = c < 0x80 && (c == '.' || ps_is_atext((char)c));
        if (!in_address && !ps_is_white_space(c)) return true;
    }
    return false;
}

// An address that came apart, or one beside a remark.
static bool without_white_space(const ps_parse *parse, ps_span *out)
{
    ps_span text = parse->text, piece = piece_around(text, parse->local.len);
    size_t before = (size_t)(piece.bytes - text.bytes);
    bool whole = piece.bytes[0] != '@' && piece.bytes[piece.len - 1] != '@';
    bool remark = is_remark(ps_span_head(text, before)) || is_remark(ps_span_tail(text, before + piece.len));

    *out = whole && remark ? piece : without(parse, ps_is_white_space);
    return true;
}

// The comma is the key beside the full stop.
static bool with_full_stops(const ps_parse *parse, ps_span *out)
{
    ps_span domain = parse->domain;
    char *bytes = ps_arena_take(parse->arena, domain.len);

    for (size_t i = 0; i < domain.len; i++) {
        bytes[i] = domain.bytes[i];
        if (bytes[i] == ',') bytes[i] = '.';
    }
    *out = ps_parse_join(parse->arena, parse->local, (ps_span){bytes, domain.len});
    return true;
}

static bool without_angles(const ps_parse *parse, ps_span *out)
{
    *out = without(parse, is_angle);
    return true;
}

static bool without_comments(const ps_parse *parse, ps_span *out)
{
    ps_span text = parse->text;
    char *bytes = ps_arena_take(parse->arena, text.len + 1);
    size_t len = 0, depth = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.bytes[i];
        if (c == ')' && depth == 0) return false;
        depth += c == '(';
        if (depth == 0) bytes[len++] = c;
        depth -= c == ')';
    }
    *out = (ps_span){bytes, len};
    return depth == 0;
}

static uint32_t plain_dash(uint32_t c)
{
    return c >= 0x2012 && c <= 0x2015 ? '-' : c; // figure dash to horizontal bar
}

// The letters that circled digits, ligatures and mathematical letters stand for, and a hyphen for a dash.
static bool with_plain_letters(const ps_parse *parse, ps_span *out)
{
    uint8_t room[1024];
    size_t at = 0, len = sizeof(room), dashed_len = 0;
    char *dashed = ps_arena_take(parse->arena, parse->local.len + 1);

    while (at < parse->local.len) {
        dashed_len += ps_utf8_put(plain_dash((uint32_t)ps_utf8_next(parse->local, &at)), dashed + dashed_len);
    }
    uint8_t *plain = u8_normalize(UNINORM_NFKC, (const uint8_t *)dashed, dashed_len, room, &len);
    if (plain == NULL) ps_parse_out_of_memory(); // never: as said there
    *out = ps_parse_join(parse->arena, (ps_span){(const char *)plain, len}, parse->domain);
    if (plain != room) free(plain);
    return true;
}

static bool with_meant_domain(const ps_parse *parse, ps_span *out)
{
    ps_known known = ps_rules_domain(parse->rules, parse->host);
    ps_span meant = {NULL, 0};

    if (parse->idn) return false;
    meant = known.kind == PS_KNOWN_TYPO ? parse->rules->typos[known.number]
                                        : ps_typo_nearest(parse->rules, parse->host, false);
    if (meant.len > 0) *out = ps_parse_join(parse->arena, parse->local, meant);
    return meant.len > 0;
}

static const struct {
    ps_reason reason;
    bool (*spell)(const ps_parse *parse, ps_span *out);
} spellings[] = {
    {PS_REASON_NO_AT_SIGN, with_at_sign},
    {PS_REASON_INNER_WHITESPACE, without_white_space},
    {PS_REASON_COMMENT, without_comments},
    {PS_REASON_UNBALANCED_WRAPPER, without_angles},
    {PS_REASON_DOMAIN_INVALID_CHARACTER, with_full_stops},
    {PS_REASON_LOCAL_UNSAFE_CHARACTER, with_plain_letters},
    {PS_REASON_DOMAIN_UNKNOWN_TLD, with_meant_domain},
};

bool ps_may_suggest(ps_findings findings)
{
    for (size_t i = 0; i < PS_COUNT_OF(spellings); i++) {
        if (ps_findings_has(findings, spellings[i].reason)) return true;
    }
    return false;
}

// With quotes in the text, what the writer meant is a guess.
bool ps_suggest(const ps_parse *parse, ps_span *out)
{
    if (parse->text.len == 0 || memchr(parse->text.bytes, '"', parse->text.len) != NULL) return false;
    for (size_t i = 0; i < PS_COUNT_OF(spellings); i++) {
        if (ps_findings_has(parse->findings, spellings[i].reason)) return spellings[i].spell(parse, out);
    }
    return false;
}
