#include "esp/shape.h"

#include <string.h>

#include "base/text.h"
#include "mail/character.h"

// Characters outside ASCII that stand for one inside it, or for nothing.
static const char wide_at[] = "\xEF\xBC\xA0", small_at[] = "\xEF\xB9\xAB";
static const char wide_blank[] = "\xE3\x80\x80", no_break[] = "\xC2\xA0", bom[] = "\xEF\xBB\xBF";
static const char *const full_stops[] = {".", "\xE3\x80\x82", "\xEF\xBD\xA1", "\xEF\xBC\x8E"}; // . U+3002 U+FF61 U+FF0E

static size_t starts(ps_span text, size_t at, const char *with)
{
    size_t len = strlen(with);

    return text.len - at >= len && memcmp(text.bytes + at, with, len) == 0 ? len : 0;
}

static size_t blank_at(ps_span text, size_t at)
{
    char c = text.bytes[at];

    if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
    size_t len = starts(text, at, wide_blank);
    if (len == 0) len = starts(text, at, no_break);
    return len != 0 ? len : starts(text, at, bom);
}

// ASCII, and no blank: no character that is one ends in such a byte.
static bool is_mark(char c)
{
    return c > ' ' && (c & 0x80) == 0;
}

ps_span ps_shape_trim(ps_span text)
{
    size_t from = 0, end = 0;

    if (text.len == 0) return text; // perhaps of nothing at all
    if (is_mark(text.bytes[0]) && is_mark(text.bytes[text.len - 1])) return text; // as nearly all are
    while (from < text.len) {
        size_t blank = blank_at(text, from);
        if (blank == 0) break;
        from += blank;
    }
    bool ends = from < text.len && is_mark(text.bytes[text.len - 1]);
    if (ends) return (ps_span){text.bytes + from, text.len - from};
    for (size_t i = from; i < text.len;) {
        size_t blank = blank_at(text, i);
        i += blank == 0 ? 1 : blank;
        if (blank == 0) end = i;
    }
    return (ps_span){text.bytes + from, end > from ? end - from : 0};
}

static size_t at_sign(ps_span text, size_t at)
{
    if (text.bytes[at] == '@') return 1;
    size_t len = starts(text, at, wide_at);
    return len != 0 ? len : starts(text, at, small_at);
}

ps_span ps_shape_after_at(ps_span text)
{
    size_t len = text.len == 0 ? 0 : at_sign(text, 0);

    return (ps_span){text.bytes + len, text.len - len};
}

bool ps_shape_has_at(ps_span text)
{
    const char *plain = text.len < 2 ? NULL : memchr(text.bytes + 1, '@', text.len - 1);

    // Whichever sign comes first, at least this one is behind it.
    if (plain != NULL && plain + 1 < text.bytes + text.len) return true;
    for (size_t i = 1; i < text.len; i++) {
        size_t len = at_sign(text, i);
        if (len != 0) return i + len < text.len;
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static size_t full_stop_at(ps_span text, size_t at)
{
    for (size_t i = 0; i < PS_COUNT_OF(full_stops); i++) {
        size_t len = starts(text, at, full_stops[i]);
        if (len != 0) return len;
    }
    return 0;
}

bool ps_shape_is_domain(ps_span text)
{
    size_t labels = 0, label_len = 0, digits = 0;

    for (size_t i = starts(text, 0, "*."); i < text.len;) {
        size_t stop = full_stop_at(text, i);
        if (stop != 0) {
            if (label_len == 0) return false;
            labels++;
            i += stop;
            if (i == text.len) return labels > 1 && digits < label_len; // the root's dot
            label_len = digits = 0;
            continue;
        }
        if (at_sign(text, i) != 0) return false;
        char c = text.bytes[i++];
        if (!is_alnum(c) && c != '-' && c != '_' && (unsigned char)c < 0x80) return false;
        label_len++;
        if (is_digit(c)) digits++;
    }
    return labels > 0 && label_len > 0 && digits < label_len;
}

static bool is_hex(ps_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.bytes[i];
        if (!is_digit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) return false;
    }
    return true;
}

// Base64 of 16, 20, 32 and 64 bytes ends in this many `=`.
static bool is_base64(ps_span text, size_t padding)
{
    size_t body = text.len - padding;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.bytes[i];
        bool fits = i < body ? is_alnum(c) || c == '+' || c == '/' || c == '-' || c == '_' : c == '=';
        if (!fits) return false;
    }
    return true;
}

static ps_span without_quotes(ps_span text)
{
    bool quoted =
        text.len >= 2 && (text.bytes[0] == '"' || text.bytes[0] == '\'') && text.bytes[text.len - 1] == text.bytes[0];

    return quoted ? (ps_span){text.bytes + 1, text.len - 2} : text;
}

static unsigned char hex_value(char c)
{
    return (unsigned char)(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
}

bool ps_shape_hex(ps_span text, size_t bytes, unsigned char *out)
{
    text = without_quotes(text);
    if (text.len != 2 * bytes || !is_hex(text)) return false;
    for (size_t i = 0; i < bytes; i++)
        out[i] = (unsigned char)(hex_value(text.bytes[2 * i]) << 4 | hex_value(text.bytes[2 * i + 1]));
    return true;
}

bool ps_shape_is_digest(ps_span text)
{
    static const struct {
        size_t hex_len, base64_len, padding;
    } digests[] = {{32, 24, 2}, {40, 28, 1}, {64, 44, 1}, {128, 88, 2}};

    text = without_quotes(text);
    for (size_t i = 0; i < PS_COUNT_OF(digests); i++) {
        if (text.len == digests[i].hex_len && is_hex(text)) return true;
        if (text.len == digests[i].base64_len && is_base64(text, digests[i].padding)) return true;
    }
    return false;
}

bool ps_shape_is_pattern(ps_span text, ps_entry_kind kind)
{
    const char *at = memchr(text.bytes, '@', text.len);
    size_t local_len = at == NULL ? 0 : (size_t)(at - text.bytes);

    if (text.bytes[0] == '"') return false; // a quoted local part may hold anything
    if (starts(text, 0, "@*.") != 0 && kind != PS_ENTRY_ADDRESS) text = (ps_span){text.bytes + 1, text.len - 1};
    size_t skip = starts(text, 0, "*.") != 0 && kind != PS_ENTRY_ADDRESS ? 2 : 0;
    if (memchr(text.bytes + skip, '*', text.len - skip) != NULL) return true;
    // .example.net: with the domain or without?
    if (text.bytes[0] == '.' && !ps_shape_has_at(text) && text.len > 1) return true;
    // ^ and $ alone are letters of an address like any other.
    if (text.bytes[0] == '^' && (text.bytes[text.len - 1] == '$' || memchr(text.bytes, '\\', text.len) != NULL))
        return true;
    if (text.len > 1 && text.bytes[0] == '/' && text.bytes[text.len - 1] == '/') return true;
    // SQL's %@example.net, and character classes.
    return local_len > 0 && (at[-1] == '%' || text.bytes[0] == '%' || at[-1] == ']');
}

// Marks that people set around an address or between two, and that stand in none.
static const struct {
    uint16_t first, last;
} marks[] = {
    {0xAB, 0xAB},     {0xB7, 0xB7},     {0xBB, 0xBB},     {0x2013, 0x2027}, {0x2030, 0x205E},
    {0x2190, 0x2211}, {0x2213, 0x2BFF}, {0x3001, 0x3001}, {0x3003, 0x3003}, {0x3008, 0x301B},
    {0x301D, 0x3020}, {0x30FB, 0x30FB}, {0xFF5F, 0xFF60}, {0xFF62, 0xFF65},
};

static bool is_separator(uint32_t c)
{
    if (c >= 0xFF01 && c <= 0xFF5E) c = c - 0xFF01 + '!'; // full-width
    if (c < 0x80) return c <= ' ' || c == 0x7F || strchr(",;:|/<>()[]{}\"'\\", (int)c) != NULL;
    for (size_t i = 0; i < PS_COUNT_OF(marks) && c >= marks[i].first; i++) {
        if (c <= marks[i].last) return true;
    }
    return ps_is_white_space(c);
}

static size_t separator_at(ps_span text, size_t at)
{
    size_t end = at;
    int32_t c = ps_utf8_next(text, &end);

    return c >= 0 && is_separator((uint32_t)c) ? end - at : 0;
}

bool ps_shape_part(ps_span *rest, ps_span *out)
{
    size_t from = 0, end;

    while (from < rest->len) {
        size_t len = separator_at(*rest, from);
        if (len == 0) break;
        from += len;
    }
    if (from == rest->len) return false;
    end = from + 1;
    while (end < rest->len && separator_at(*rest, end) == 0)
        end++;
    *out = (ps_span){rest->bytes + from, end - from};
    *rest = (ps_span){rest->bytes + end, rest->len - end};
    return true;
}

bool ps_shape_cut_tail(ps_span *part)
{
    const char *at = part->len == 0 ? NULL : memrchr(part->bytes, '@', part->len);
    size_t len = at == NULL ? part->len : (size_t)(at + 1 - part->bytes), before = part->len;

    while (len < part->len &&
           (ps_is_ldh(part->bytes[len]) || part->bytes[len] == '.' || (part->bytes[len] & 0x80) != 0))
        len++;
    while (len > 0 && (part->bytes[len - 1] == '.' || part->bytes[len - 1] == '-'))
        len--;
    part->len = len;
    return len < before;
}
