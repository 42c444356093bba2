// Is the cell text at all?

#include "base/text.h"
#include "mail/character.h"
#include "mail/parse.h"

enum { REPLACEMENT_CHARACTER = 0xFFFD }; // something was lost before presend saw it

static bool is_text(ps_span text)
{
    size_t at = 0;

    while (at < text.len) {
        int32_t c = ps_utf8_next(text, &at);
        if (c < 0 || c == REPLACEMENT_CHARACTER) return false;
    }
    return true;
}

static bool has_control(ps_span text)
{
    size_t at = 0;

    while (at < text.len) {
        if (ps_is_control((uint32_t)ps_utf8_next(text, &at))) return true;
    }
    return false;
}

// Nothing but printable ASCII, as most cells are.
static bool is_printable(ps_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.bytes[i] < ' ' || text.bytes[i] > '~') return false;
    }
    return true;
}

// Bytes first, since the trimming between the two checks reads characters.
bool ps_parse_check_text(ps_parse *parse)
{
    if (is_printable(parse->text)) return ps_parse_trim(parse);
    if (!is_text(parse->text)) return ps_parse_fail(parse, PS_REASON_INVALID_ENCODING);
    if (!ps_parse_trim(parse)) return false;
    if (has_control(parse->text)) return ps_parse_fail(parse, PS_REASON_CONTROL_CHARACTER);
    return true;
}
