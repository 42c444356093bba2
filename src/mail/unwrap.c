// What people and programs put around an address: a display name, brackets, quotes, mailto:, a list's separator, a full
// stop.

#include "base/text.h"
#include "mail/character.h"
#include "mail/parse.h"

enum { ROUNDS_MAX = 6 }; // wrappers within wrappers; nobody writes more

#define IDEOGRAPHIC_COMMA "\xE3\x80\x81" // U+3001

static const char *const separators[] = {",", ";", IDEOGRAPHIC_COMMA};

static const struct {
    const char *open, *close;
} pairs[] = {
    {"\"", "\""},
    {"'", "'"},
    {"(", ")"},
    {"[", "]"},
    {"{", "}"},
    {"\xE3\x80\x8C", "\xE3\x80\x8D"}, // corner brackets, U+300C
    {"\xE3\x80\x8E", "\xE3\x80\x8F"}, // white corner brackets, U+300E
    {"\xE3\x80\x90", "\xE3\x80\x91"}, // lenticular brackets, U+3010
    {"\xE3\x80\x94", "\xE3\x80\x95"}, // tortoise shell brackets, U+3014
    {"\xE3\x80\x88", "\xE3\x80\x89"}, // angle brackets, U+3008
    {"\xE3\x80\x8A", "\xE3\x80\x8B"}, // double angle brackets, U+300A
    {"\xC2\xAB", "\xC2\xBB"}, // guillemets, U+00AB
    {"\xE2\x80\xB9", "\xE2\x80\xBA"}, // single guillemets, U+2039
};

static size_t separator_len(ps_span text)
{
    for (size_t i = 0; i < PS_COUNT_OF(separators); i++) {
        if (ps_span_begins(text, separators[i])) return strlen(separators[i]);
    }
    return 0;
}

// Whether two or more of the parts between top-level separators hold an `@`: then nobody can say which address is
// meant.
static bool has_several(ps_span text)
{
    bool quoted = false, angled = false, at_sign = false;
    unsigned parts = 0;

    if (text.len == 0 || memchr(text.bytes, '@', text.len) == memrchr(text.bytes, '@', text.len)) return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.bytes[i];
        size_t len = quoted || angled ? 0 : separator_len(ps_span_tail(text, i));
        if (quoted && c == '\\') {
            i++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == '<' || c == '>')) {
            angled = c == '<';
        } else if (len > 0) {
            parts += at_sign;
            at_sign = false;
            i += len - 1;
        }
        at_sign = at_sign || c == '@';
    }
    return parts + at_sign > 1;
}

// RFC 5322 section 3.4, name-addr: the name is not looked at, even if it holds an address.
static bool take_angle_address(ps_parse *parse)
{
    ps_span text = parse->text;

    if (!ps_span_ends(text, ">")) return false;
    const char *open = memrchr(text.bytes, '<', text.len);
    if (open == NULL) return false;
    size_t skipped = (size_t)(open + 1 - text.bytes);
    parse->text = (ps_span){open + 1, text.len - skipped - 1};
    return true;
}

static ps_span percent_decode(ps_arena *arena, ps_span text)
{
    char *bytes = ps_arena_take(arena, text.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        int high = i + 2 < text.len ? ps_hex_value(text.bytes[i + 1]) : -1;
        int low = high >= 0 ? ps_hex_value(text.bytes[i + 2]) : -1;
        bool escape = text.bytes[i] == '%' && low >= 0;
        bytes[len++] = (char)(escape ? high << 4 | low : text.bytes[i]);
        i += escape ? 2 : 0;
    }
    return (ps_span){bytes, len};
}

// RFC 6068 section 2. Only here are percent escapes decoded: elsewhere `%` is a character like any other. What comes
// out is as new as the cell was, so it is checked and folded again.
static bool take_mailto(ps_parse *parse, bool *out_changed)
{
    static const char scheme[] = "mailto:";
    size_t scheme_len = sizeof(scheme) - 1;

    if (parse->text.len < scheme_len ||
        !ps_ascii_equal_fold(ps_span_head(parse->text, scheme_len), ps_span_of(scheme))) {
        return true;
    }
    ps_span text = ps_span_tail(parse->text, scheme_len);
    const char *question = text.len == 0 ? NULL : memchr(text.bytes, '?', text.len);
    if (question != NULL) text.len = (size_t)(question - text.bytes);
    *out_changed = true;
    parse->text = text;
    if (text.len == 0 || memchr(text.bytes, '%', text.len) == NULL) return true;
    parse->text = percent_decode(parse->arena, text);
    if (!ps_parse_check_text(parse)) return false;
    ps_parse_fold(parse);
    return true;
}

// No letter, digit or dot opens anything.
static bool opens_nothing(ps_span text)
{
    return text.len == 0 || text.bytes[0] == '.' || ps_is_ldh(text.bytes[0]);
}

static bool take_pair(ps_parse *parse)
{
    if (opens_nothing(parse->text)) return false;
    for (size_t i = 0; i < PS_COUNT_OF(pairs); i++) {
        size_t open_len = strlen(pairs[i].open), close_len = strlen(pairs[i].close);
        ps_span text = parse->text;
        if (text.len < open_len + close_len || !ps_span_begins(text, pairs[i].open)) continue;
        if (!ps_span_ends(text, pairs[i].close)) continue;
        ps_span inside = {text.bytes + open_len, text.len - open_len - close_len};
        if (inside.len == 0 || memchr(inside.bytes, '@', inside.len) == NULL) continue;
        if (memmem(inside.bytes, inside.len, pairs[i].open, open_len) != NULL) continue;
        if (memmem(inside.bytes, inside.len, pairs[i].close, close_len) != NULL) continue;
        parse->text = inside;
        return true;
    }
    return false;
}

static bool take_separators(ps_parse *parse)
{
    size_t leading = separator_len(parse->text), trailing = 0;

    parse->text = ps_span_tail(parse->text, leading);
    for (size_t i = 0; i < PS_COUNT_OF(separators); i++) {
        if (ps_span_ends(parse->text, separators[i])) trailing = strlen(separators[i]);
    }
    parse->text.len -= trailing;
    return leading + trailing > 0;
}

// The root's dot, or a sentence's. Two are a mistake of another kind.
static bool take_trailing_dot(ps_parse *parse)
{
    if (!ps_span_ends(parse->text, ".") || ps_span_ends(parse->text, "..")) return false;
    parse->text.len--;
    ps_parse_note(parse, PS_REASON_REPAIRED_TRAILING_DOT);
    return true;
}

bool ps_parse_unwrap(ps_parse *parse)
{
    bool changed = true;

    if (has_several(parse->text)) return ps_parse_fail(parse, PS_REASON_MULTIPLE_ADDRESSES);
    for (int round = 0; changed && round < ROUNDS_MAX; round++) {
        changed = false;
        if (!ps_parse_trim(parse)) return false;
        bool wrapped = take_angle_address(parse);
        if (!take_mailto(parse, &wrapped)) return false;
        wrapped = take_pair(parse) || wrapped;
        wrapped = take_separators(parse) || wrapped;
        if (wrapped) ps_parse_note(parse, PS_REASON_REPAIRED_WRAPPER);
        changed = take_trailing_dot(parse) || wrapped;
    }
    return ps_parse_trim(parse);
}
