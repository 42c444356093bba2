// Where the halves of an address meet, and what neither half may have outside quotes.

#include "base/text.h"
#include "mail/character.h"
#include "mail/parse.h"

#define NOWHERE SIZE_MAX

// A walk over text that knows what stands in quotes.
typedef struct quote_walk {
    ps_span text;
    size_t at;
    bool quotes_count, quoted;
} quote_walk;

// The next character outside quotes; false at the end. `*out_at` is its offset.
static bool next_unquoted(quote_walk *walk, uint32_t *out, size_t *out_at)
{
    while (walk->at < walk->text.len) {
        size_t at = walk->at;
        uint32_t c = (uint32_t)ps_utf8_next(walk->text, &walk->at);
        if (walk->quoted && c == '\\' && walk->at < walk->text.len) {
            ps_utf8_next(walk->text, &walk->at);
        } else if (walk->quotes_count && c == '"') {
            walk->quoted = !walk->quoted;
        } else if (!walk->quoted) {
            *out = c;
            *out_at = at;
            return true;
        }
    }
    return false;
}

// The `@` right after the closing quote of text that begins with a quote, else the last one.
static size_t find_separator(ps_span text)
{
    quote_walk local = {.text = text, .quotes_count = true};
    uint32_t c = 0;
    size_t at = 0;

    if (text.bytes[0] == '"' && next_unquoted(&local, &c, &at) && c == '@') return at;
    const char *last = memrchr(text.bytes, '@', text.len);
    return last == NULL ? NOWHERE : (size_t)(last - text.bytes);
}

static size_t count_at_signs(ps_span text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        count += text.bytes[i] == '@';
    }
    return count;
}

// Two pieces with one `@` each, with white space, a slash or a bar between.
static bool is_list(ps_span text)
{
    size_t at = 0, start = 0;
    unsigned pieces = 0;

    while (at < text.len) {
        size_t end = at;
        uint32_t c = (uint32_t)ps_utf8_next(text, &at);
        if (!ps_is_white_space(c) && c != '/' && c != '|') continue;
        pieces += count_at_signs((ps_span){text.bytes + start, end - start}) == 1;
        start = at;
    }
    pieces += count_at_signs(ps_span_tail(text, start)) == 1;
    return pieces > 1;
}

// As most bytes are: no stray, no quote and no part of another character.
static bool is_plain_byte(char byte)
{
    return ps_is_atext(byte) || byte == '.';
}

enum { STRAY_WHITE_SPACE = 1, STRAY_PARENTHESIS = 2, STRAY_ANGLE = 4, STRAY_AT_SIGN = 8 };

static unsigned find_strays(ps_span half, bool quotes_count)
{
    quote_walk walk = {.text = half, .quotes_count = quotes_count};
    unsigned strays = 0;
    uint32_t c = 0;
    size_t at = 0;

    for (;;) {
        while (walk.at < half.len && is_plain_byte(half.bytes[walk.at])) {
            walk.at++;
        }
        if (!next_unquoted(&walk, &c, &at)) return strays;
        if (ps_is_white_space(c)) strays |= STRAY_WHITE_SPACE;
        if (c == '(' || c == ')') strays |= STRAY_PARENTHESIS;
        if (c == '<' || c == '>') strays |= STRAY_ANGLE;
        if (c == '@') strays |= STRAY_AT_SIGN;
    }
}

// Quotes mean something before the `@` only. Comments belong to message headers (RFC 5322); an SMTP mailbox has none.
bool ps_parse_split(ps_parse *parse)
{
    ps_span text = parse->text;
    size_t separator = find_separator(text);

    if (separator == NOWHERE) return ps_parse_fail(parse, PS_REASON_NO_AT_SIGN);
    parse->local = ps_span_head(text, separator);
    parse->domain = ps_span_tail(text, separator + 1);
    unsigned strays = find_strays(parse->local, true) | find_strays(parse->domain, false);
    if ((strays & STRAY_AT_SIGN) != 0) {
        return ps_parse_fail(parse, is_list(text) ? PS_REASON_MULTIPLE_ADDRESSES : PS_REASON_MULTIPLE_AT_SIGNS);
    }
    if ((strays & STRAY_WHITE_SPACE) != 0) return ps_parse_fail(parse, PS_REASON_INNER_WHITESPACE);
    if ((strays & STRAY_PARENTHESIS) != 0) return ps_parse_fail(parse, PS_REASON_COMMENT);
    if ((strays & STRAY_ANGLE) != 0) return ps_parse_fail(parse, PS_REASON_UNBALANCED_WRAPPER);
    return true;
}
