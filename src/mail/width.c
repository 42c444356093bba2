// Full-width letters, half-width katakana and the look-alikes that input methods, word processors and charset
// conversions put in place of ASCII. None of what is folded here is allowed in an internationalized domain (IDNA2008)
// or mailbox name (PRECIS), so no real address is changed into another.

#include <assert.h>
#include <stdlib.h>
#include <uninorm.h>

#include "base/text.h"
#include "mail/character.h"
#include "mail/parse.h"

static const struct {
    uint16_t from, to;
} look_alikes[] = {
    {0x2010, '-'}, {0x2011, '-'}, {0x2018, '\''}, {0x2019, '\''}, {0x201C, '"'}, {0x201D, '"'}, {0x2212, '-'},
    {0x3002, '.'}, {0x301C, '~'}, {0xFE50, ','},  {0xFE52, '.'},  {0xFE54, ';'}, {0xFE55, ':'}, {0xFE56, '?'},
    {0xFE57, '!'}, {0xFE59, '('}, {0xFE5A, ')'},  {0xFE5B, '{'},  {0xFE5C, '}'}, {0xFE5F, '#'}, {0xFE60, '&'},
    {0xFE61, '*'}, {0xFE62, '+'}, {0xFE63, '-'},  {0xFE64, '<'},  {0xFE65, '>'}, {0xFE66, '='}, {0xFE68, '\\'},
    {0xFE69, '$'}, {0xFE6A, '%'}, {0xFE6B, '@'},
};

// U+FF61 to U+FF9F. The full stop becomes the dot of a domain; the voiced marks are the combining ones.
enum { HALF_WIDTH_FIRST = 0xFF61, VOICED = 0x3099, SEMI_VOICED = 0x309A };
static const uint16_t half_width[] = {
    '.',    0x300C, 0x300D, 0x3001, 0x30FB, 0x30F2, 0x30A1, 0x30A3, 0x30A5, 0x30A7, 0x30A9,      0x30E3, 0x30E5,
    0x30E7, 0x30C3, 0x30FC, 0x30A2, 0x30A4, 0x30A6, 0x30A8, 0x30AA, 0x30AB, 0x30AD, 0x30AF,      0x30B1, 0x30B3,
    0x30B5, 0x30B7, 0x30B9, 0x30BB, 0x30BD, 0x30BF, 0x30C1, 0x30C4, 0x30C6, 0x30C8, 0x30CA,      0x30CB, 0x30CC,
    0x30CD, 0x30CE, 0x30CF, 0x30D2, 0x30D5, 0x30D8, 0x30DB, 0x30DE, 0x30DF, 0x30E0, 0x30E1,      0x30E2, 0x30E4,
    0x30E6, 0x30E8, 0x30E9, 0x30EA, 0x30EB, 0x30EC, 0x30ED, 0x30EF, 0x30F3, VOICED, SEMI_VOICED,
};

uint32_t ps_fold_character(const ps_address_rules *rules, uint32_t c)
{
    if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFF01 + '!';
    if (c >= HALF_WIDTH_FIRST && c - HALF_WIDTH_FIRST < PS_COUNT_OF(half_width))
        return half_width[c - HALF_WIDTH_FIRST];
    if (ps_is_space_separator(c)) return ' ';
    // JIS X 0201 Roman has a yen sign and an overline where ASCII has these.
    if (rules->jis_source && c == 0xA5) return '\\';
    if (rules->jis_source && c == 0x203E) return '~';
    for (size_t i = 0; i < PS_COUNT_OF(look_alikes) && look_alikes[i].from <= c; i++) {
        if (look_alikes[i].from == c) return look_alikes[i].to;
    }
    return c;
}

// The characters written so far. Folding never makes a text longer, so the room is the text's own length.
typedef struct folded {
    char *bytes;
    size_t len, last; // where the last character begins
} folded;

static void put(folded *out, uint32_t c)
{
    out->last = out->len;
    out->len += ps_utf8_put(c, out->bytes + out->len);
}

// A half-width letter and its voiced mark are two characters that make one; no normalization is noted for it.
static bool put_mark_on_last(folded *out, uint32_t mark)
{
    size_t at = out->last;

    if (out->len == 0) return false;
    uint32_t letter = (uint32_t)ps_utf8_next((ps_span){out->bytes, out->len}, &at);
    uint32_t composed = uc_composition(letter, mark);
    if (composed == 0) return false;
    out->len = out->last;
    put(out, composed);
    return true;
}

static void fold_widths(ps_parse *parse, folded *out)
{
    ps_span text = parse->text;
    size_t at = 0;

    while (at < text.len) {
        uint32_t c = (uint32_t)ps_utf8_next(text, &at), to = ps_fold_character(parse->rules, c);
        if (ps_is_dropped(c)) {
            ps_parse_note(parse, PS_REASON_REPAIRED_INVISIBLE);
            continue;
        }
        if (to != c) ps_parse_note(parse, PS_REASON_REPAIRED_WIDTH);
        bool mark = to != c && (to == VOICED || to == SEMI_VOICED);
        if (!mark || !put_mark_on_last(out, to)) put(out, to);
    }
}

// The first character at or after `at` that is no joiner is ASCII. There is one: joiners at the ends were trimmed.
static bool plain_follows(ps_span text, size_t at)
{
    uint32_t c = 0;

    do {
        assert(at < text.len);
        c = (uint32_t)ps_utf8_next(text, &at);
    } while (ps_is_joiner(c));
    return c < 0x80;
}

// A joiner shapes letters of some scripts; beside ASCII, or at an end, it joins nothing.
static void drop_idle_joiners(ps_parse *parse, folded *out)
{
    ps_span text = {out->bytes, out->len};
    size_t at = 0;
    uint32_t before = 0; // an end is as good as ASCII
    bool idle = false; // of the joiners that stand here in a row, all are or none

    out->len = 0;
    while (at < text.len) {
        uint32_t c = (uint32_t)ps_utf8_next(text, &at);
        bool joiner = ps_is_joiner(c);
        if (joiner && !ps_is_joiner(before)) idle = before < 0x80 || plain_follows(text, at);
        before = c;
        if (joiner && idle) {
            ps_parse_note(parse, PS_REASON_REPAIRED_INVISIBLE);
        } else {
            put(out, c);
        }
    }
}

// NFC only: compatibility mapping (NFKC) would make one mailbox of two (RFC 6532 section 3.1).
static ps_span compose(ps_arena *arena, ps_span text)
{
    size_t len = text.len * 3 + 16; // NFC makes UTF-8 at most three times as long (UAX 15)
    uint8_t *room = ps_arena_take(arena, len);
    uint8_t *composed = u8_normalize(UNINORM_NFC, (const uint8_t *)text.bytes, text.len, room, &len);

    if (composed == NULL) ps_parse_out_of_memory(); // never: as said there
    ps_span out = {(const char *)composed, len};
    if (composed != room) { // never: there is room for the longest that can be
        out = ps_arena_copy(arena, out);
        free(composed);
    }
    return out;
}

void ps_parse_fold(ps_parse *parse)
{
    folded out = {0};

    if (ps_is_ascii(parse->text)) return;
    out.bytes = ps_arena_take(parse->arena, parse->text.len + 4);
    fold_widths(parse, &out);
    drop_idle_joiners(parse, &out);
    ps_span text = {out.bytes, out.len};
    parse->text = text;
    if (ps_is_ascii(text)) return;
    parse->text = compose(parse->arena, text);
    if (!ps_span_equal(text, parse->text)) ps_parse_note(parse, PS_REASON_NORMALIZED_NFC);
}
