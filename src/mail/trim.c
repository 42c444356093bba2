// White space and invisible characters around an address are never part of it.

#include "base/text.h"
#include "mail/character.h"
#include "mail/parse.h"

// Notes what `c` is when it belongs off the ends; false when it stays.
static bool is_trimmed(ps_parse *parse, uint32_t c)
{
    if (c > ' ' && c < 0x7F) return false;
    if (ps_is_white_space(c)) {
        ps_parse_note(parse, PS_REASON_REPAIRED_WHITESPACE);
        return true;
    }
    if (!ps_is_invisible(c)) return false;
    ps_parse_note(parse, PS_REASON_REPAIRED_INVISIBLE);
    return true;
}

static size_t last_character(ps_span text)
{
    size_t at = text.len - 1;

    while (at > 0 && ((unsigned char)text.bytes[at] & 0xC0) == 0x80) {
        at--;
    }
    return at;
}

bool ps_parse_trim(ps_parse *parse)
{
    ps_span text = parse->text;

    while (text.len > 0) {
        size_t used = 0;
        if (!is_trimmed(parse, (uint32_t)ps_utf8_next(text, &used))) break;
        text = ps_span_tail(text, used);
    }
    while (text.len > 0) {
        size_t at = last_character(text), used = at;
        if (!is_trimmed(parse, (uint32_t)ps_utf8_next(text, &used))) break;
        text = ps_span_head(text, at);
    }
    parse->text = text;
    if (text.len == 0) return ps_parse_fail(parse, PS_REASON_EMPTY);
    return true;
}
