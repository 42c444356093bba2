// What stands before the `@`: RFC 5321 section 4.1.2, with the non-ASCII characters of RFC 6531.

#include "base/text.h"
#include "mail/carrier_jp.h"
#include "mail/character.h"
#include "mail/parse.h"
#include "mail/precis.h"

enum { LOCAL_BYTES_MAX = 64 }; // RFC 5321 section 4.5.3.1.1, octets; RFC 6531 keeps it

// What a mailbox name consists of, quotes apart.
typedef enum local_shape { SHAPE_DOT_ATOM, SHAPE_STRAY_DOTS, SHAPE_OTHER } local_shape;

static local_shape shape_of(ps_span mailbox)
{
    bool stray = false;

    for (size_t i = 0; i < mailbox.len; i++) {
        char c = mailbox.bytes[i];
        bool edge = i == 0 || i + 1 == mailbox.len || mailbox.bytes[i - 1] == '.';
        if (c == '.' && edge) stray = true;
        if (c != '.' && (c & 0x80) == 0 && !ps_is_atext(c)) return SHAPE_OTHER;
    }
    return stray ? SHAPE_STRAY_DOTS : SHAPE_DOT_ATOM;
}

// `mailbox` as a Quoted-string, with no more escapes than it needs.
static ps_span quote(ps_arena *arena, ps_span mailbox)
{
    char *bytes = ps_arena_take(arena, mailbox.len * 2 + 2);
    size_t len = 0;

    bytes[len++] = '"';
    for (size_t i = 0; i < mailbox.len; i++) {
        char c = mailbox.bytes[i];
        if (c == '"' || c == '\\') bytes[len++] = '\\';
        bytes[len++] = c;
    }
    bytes[len++] = '"';
    return (ps_span){bytes, len};
}

// QcontentSMTP up to the closing quote, which must end the text; the content without escapes goes to `out`. False when
// it does not.
static bool unquote(ps_span text, char *out, size_t *out_len)
{
    size_t len = 0;

    for (size_t i = 1; i < text.len; i++) {
        char c = text.bytes[i];
        if (c == '"') {
            *out_len = len;
            return i + 1 == text.len;
        }
        if (c == '\\') {
            i++;
            if (i == text.len || text.bytes[i] < ' ') return false; // only printable ASCII may be escaped
            c = text.bytes[i];
        }
        out[len++] = c;
    }
    return false;
}

// White space other than the blank has come this far only inside quotes.
static bool has_control(ps_span text)
{
    size_t at = 0;

    while (at < text.len) {
        int32_t c = ps_utf8_next(text, &at);
        if (c < ' ' || c == 0x85) return true;
    }
    return false;
}

static bool keep_carrier_form(ps_parse *parse)
{
    if (!parse->mailbox_ascii || !ps_carrier_is_legacy(parse->mailbox, parse->host)) return false;
    ps_parse_note(parse, PS_REASON_CARRIER_LEGACY_LOCAL);
    parse->local_out = parse->mailbox;
    if (parse->rules->legacy_carrier_quoted) parse->local_out = quote(parse->arena, parse->mailbox);
    return true;
}

// Needless quotes are dropped: both forms name one mailbox.
static bool parse_quoted(ps_parse *parse)
{
    char *bytes = ps_arena_take(parse->arena, parse->local.len);
    size_t len = 0;

    if (!unquote(parse->local, bytes, &len)) return ps_parse_fail(parse, PS_REASON_LOCAL_BAD_QUOTING);
    parse->mailbox = (ps_span){bytes, len};
    if (len == 0) return ps_parse_fail(parse, PS_REASON_LOCAL_EMPTY);
    if (has_control(parse->mailbox)) return ps_parse_fail(parse, PS_REASON_CONTROL_CHARACTER);
    parse->mailbox_ascii = ps_is_ascii(parse->mailbox);
    local_shape shape = shape_of(parse->mailbox);
    if (shape == SHAPE_STRAY_DOTS && keep_carrier_form(parse)) return true;
    if (shape == SHAPE_DOT_ATOM) {
        ps_parse_note(parse, PS_REASON_NORMALIZED_QUOTES);
        parse->local_out = parse->mailbox;
        return true;
    }
    ps_parse_note(parse, PS_REASON_LOCAL_QUOTED);
    parse->local_out = quote(parse->arena, parse->mailbox);
    if (ps_span_equal(parse->local_out, parse->local)) parse->local_out = parse->local;
    return true;
}

static bool parse_unquoted(ps_parse *parse)
{
    bool has_quote = memchr(parse->local.bytes, '"', parse->local.len) != NULL;
    local_shape shape = shape_of(parse->local);

    parse->mailbox = parse->local;
    parse->local_out = parse->local;
    parse->mailbox_ascii = ps_is_ascii(parse->mailbox);
    if (has_quote) return ps_parse_fail(parse, PS_REASON_LOCAL_BAD_QUOTING);
    if (shape == SHAPE_OTHER) return ps_parse_fail(parse, PS_REASON_LOCAL_INVALID_CHARACTER);
    if (shape == SHAPE_DOT_ATOM || keep_carrier_form(parse)) return true;
    return ps_parse_fail(parse, PS_REASON_LOCAL_DOT_PLACEMENT);
}

bool ps_parse_local(ps_parse *parse)
{
    if (parse->local.len == 0) return ps_parse_fail(parse, PS_REASON_LOCAL_EMPTY);
    bool parsed = parse->local.bytes[0] == '"' ? parse_quoted(parse) : parse_unquoted(parse);
    if (!parsed) return false;
    if (!parse->mailbox_ascii && !ps_precis_is_identifier(parse->mailbox)) {
        return ps_parse_fail(parse, PS_REASON_LOCAL_UNSAFE_CHARACTER);
    }
    // Quotes count where they are part of the name, not where an option adds them to an old carrier form.
    bool carrier = ps_findings_has(parse->findings, PS_REASON_CARRIER_LEGACY_LOCAL);
    size_t len = carrier ? parse->mailbox.len : parse->local_out.len;
    if (len > LOCAL_BYTES_MAX) return ps_parse_fail(parse, PS_REASON_LOCAL_TOO_LONG);
    if (!parse->mailbox_ascii) ps_parse_note(parse, PS_REASON_SMTPUTF8_REQUIRED);
    return true;
}
