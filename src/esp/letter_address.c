#include "esp/letter_address.h"

#include "base/text.h"
#include "esp/shape.h"

// Small letters are none (RFC 3461 section 4): alice+3d has a tag.
static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// `+3D` is = and `+2B` is + (RFC 3461 section 4). No other letter of an address needs to be written so, and a plain +
// is often meant as it stands.
static ps_span decode_xtext(ps_arena *arena, ps_span text)
{
    char *out = ps_arena_take(arena, text.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        bool coded = text.bytes[i] == '+' && i + 2 < text.len;
        int value = coded ? hex_value(text.bytes[i + 1]) * 16 + hex_value(text.bytes[i + 2]) : 0;
        bool known = value == '=' || value == '+';
        out[len++] = known ? (char)value : text.bytes[i];
        i += known ? 2 : 0;
    }
    return (ps_span){out, len};
}

// `\x{1F600}` is one character (RFC 6533 section 3).
static ps_span decode_utf8_type(ps_arena *arena, ps_span text)
{
    char *out = ps_arena_take(arena, text.len + 4);
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        uint32_t point = 0;
        size_t at = i + 3;
        bool coded = text.len - i > 4 && memcmp(text.bytes + i, "\\x{", 3) == 0;
        for (; coded && at < text.len && hex_value(text.bytes[at]) >= 0 && point < 0x110000; at++)
            point = point * 16 + (uint32_t)hex_value(text.bytes[at]);
        if (coded && at > i + 3 && at < text.len && text.bytes[at] == '}' && point < 0x110000) {
            len += ps_utf8_put(point, out + len);
            i = at;
        } else {
            out[len++] = text.bytes[i];
        }
    }
    return (ps_span){out, len};
}

// What stands in angle brackets, else the first that looks like an address.
ps_span ps_letter_address_in(ps_span text)
{
    const char *open = text.len == 0 ? NULL : memrchr(text.bytes, '<', text.len);
    ps_span part, inner = text;

    if (open != NULL) {
        size_t len = text.len - (size_t)(open + 1 - text.bytes);
        const char *close = memchr(open + 1, '>', len);
        inner = (ps_span){open + 1, close == NULL ? len : (size_t)(close - open - 1)};
        if (ps_shape_has_at(inner)) return ps_shape_trim(inner);
    }
    while (ps_shape_part(&text, &part)) {
        if (ps_shape_has_at(part)) return part;
    }
    return (ps_span){NULL, 0};
}

// `rfc822; alice@example.com`, with comments and brackets about.
ps_span ps_letter_typed_address(ps_arena *arena, ps_span text)
{
    if (text.len == 0) return text;
    const char *semicolon = memchr(text.bytes, ';', text.len);
    size_t from = semicolon == NULL ? 0 : (size_t)(semicolon + 1 - text.bytes);
    ps_span value = {text.bytes + from, text.len - from};

    if (ps_ascii_begins_fold(text, "utf-8")) return ps_letter_address_in(decode_utf8_type(arena, value));
    ps_span address = ps_letter_address_in(value);
    return address.len == 0 ? address : decode_xtext(arena, address);
}

// Where a comma ends the first of a list: none within quotes or brackets does.
static size_t length_of_first(ps_span list)
{
    bool quoted = false, pointed = false;

    for (size_t i = 0; i < list.len; i++) {
        char c = list.bytes[i];
        if (c == ',' && !quoted && !pointed) return i;
        if (c == '"') quoted = !quoted;
        if (!quoted && (c == '<' || c == '>')) pointed = c == '<';
        if (quoted && c == '\\') i++;
    }
    if (!quoted && !pointed) return list.len;
    const char *comma = memchr(list.bytes, ',', list.len); // a quote without an end holds nothing together
    return comma == NULL ? list.len : (size_t)(comma - list.bytes);
}

bool ps_letter_next_address(ps_span *list, ps_span *out)
{
    while (list->len > 0) {
        size_t len = length_of_first(*list), skipped = len < list->len;
        *out = ps_letter_address_in((ps_span){list->bytes, len});
        *list = (ps_span){list->bytes + len + skipped, list->len - len - skipped};
        if (out->len > 0) return true;
    }
    return false;
}

// The only address of a field; none where there are several. The name beside an address is often another one.
ps_span ps_letter_only_address(ps_span text)
{
    ps_span address, only = {NULL, 0};

    while (ps_letter_next_address(&text, &address)) {
        if (only.len > 0 && !ps_ascii_equal_fold(address, only)) return (ps_span){NULL, 0};
        only = address;
    }
    return only;
}

// A return path that names the recipient, such as bounce+carol=example.com@mail.example.com.
ps_span ps_letter_return_path(ps_arena *arena, ps_span text)
{
    ps_span path = ps_letter_address_in(text), none = {NULL, 0};
    const char *at = path.len == 0 ? NULL : memrchr(path.bytes, '@', path.len);
    const char *plus = at == NULL ? NULL : memchr(path.bytes, '+', (size_t)(at - path.bytes));

    if (plus == NULL || ps_ascii_begins_fold(path, "SRS")) return none; // a forwarder's, who has his own use for signs
    ps_span coded = {plus + 1, (size_t)(at - plus - 1)};
    const char *equals = memchr(coded.bytes, '=', coded.len);
    if (equals == NULL || memrchr(coded.bytes, '=', coded.len) != equals) return none;
    char *copy = ps_arena_take(arena, coded.len + 1);
    memcpy(copy, coded.bytes, coded.len);
    copy[equals - coded.bytes] = '@';
    ps_span address = {copy, coded.len};
    return ps_shape_has_at(address) ? address : none;
}
