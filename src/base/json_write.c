#include "base/json_write.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

void ps_json_init(ps_json *json, ps_buf *out, unsigned indent)
{
    *json = (ps_json){.out = out, .indent = indent, .first = true};
}

static void break_line(ps_json *json)
{
    if (json->indent == 0) return;
    ps_buf_add_char(json->out, '\n');
    size_t blanks = (size_t)json->depth * json->indent;
    char *end = ps_buf_extend(json->out, blanks);
    if (end != NULL) memset(end, ' ', blanks);
}

// The short escapes of RFC 8259 section 7; 0 where there is none.
static char short_escape(int32_t code_point)
{
    static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

    if (code_point == '"' || code_point == '\\') return (char)code_point;
    return (size_t)code_point < sizeof letters ? letters[code_point] : '\0';
}

// U+2028 and U+2029 end a line in JavaScript before ES2019 and in many a log; DEL and C1 steer terminals.
static bool needs_escape(int32_t c)
{
    return c < 0x20 || c == '"' || c == '\\' || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
}

// `text` is valid UTF-8.
static void put_escaped(ps_buf *out, ps_span text)
{
    size_t offset = 0, copied = 0;

    while (offset < text.len) {
        size_t start = offset;
        int32_t code_point = ps_utf8_next(text, &offset);
        if (!needs_escape(code_point)) continue;
        ps_buf_add(out, text.bytes + copied, start - copied);
        copied = offset;
        char letter = short_escape(code_point);
        if (letter != '\0') {
            ps_buf_add_format(out, "\\%c", letter);
        } else {
            ps_buf_add_format(out, "\\u%04x", (unsigned)code_point);
        }
    }
    ps_buf_add(out, text.bytes + copied, text.len - copied);
}

static void put_quoted(ps_buf *out, ps_span text)
{
    ps_buf_add_char(out, '"');
    put_escaped(out, text);
    ps_buf_add_char(out, '"');
}

// RFC 4648 section 4, with padding.
static void put_base64(ps_buf *out, ps_span bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    ps_buf_add_char(out, '"');
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t bits = (uint32_t)(unsigned char)bytes.bytes[i] << 16;
        if (left > 1) bits |= (uint32_t)(unsigned char)bytes.bytes[i + 1] << 8;
        if (left > 2) bits |= (uint32_t)(unsigned char)bytes.bytes[i + 2];
        const char group[4] = {digits[bits >> 18], digits[bits >> 12 & 63], left > 1 ? digits[bits >> 6 & 63] : '=',
                               left > 2 ? digits[bits & 63] : '='};
        ps_buf_add(out, group, sizeof group);
    }
    ps_buf_add_char(out, '"');
}

// Everything that stands before a value: the comma, the line, the member's name with `suffix`.
static void begin_named(ps_json *json, const char *name, const char *suffix)
{
    if (!json->first) ps_buf_add_char(json->out, ',');
    if (json->depth > 0) break_line(json);
    json->first = false;
    if (name == NULL) return;
    assert(ps_utf8_valid(ps_span_of(name)));
    ps_buf_add_char(json->out, '"');
    put_escaped(json->out, ps_span_of(name));
    put_escaped(json->out, ps_span_of(suffix));
    ps_buf_add_text(json->out, json->indent == 0 ? "\":" : "\": ");
}

static void begin(ps_json *json, const char *name)
{
    begin_named(json, name, "");
}

static void open_container(ps_json *json, const char *name, char bracket)
{
    begin(json, name);
    ps_buf_add_char(json->out, bracket);
    json->depth++;
    json->first = true;
}

static void close_container(ps_json *json, char bracket)
{
    assert(json->depth > 0);
    json->depth--;
    if (!json->first) break_line(json);
    ps_buf_add_char(json->out, bracket);
    json->first = false;
}

void ps_json_object(ps_json *json, const char *name)
{
    open_container(json, name, '{');
}

void ps_json_object_end(ps_json *json)
{
    close_container(json, '}');
}

void ps_json_array(ps_json *json, const char *name)
{
    open_container(json, name, '[');
}

void ps_json_array_end(ps_json *json)
{
    close_container(json, ']');
}

void ps_json_text(ps_json *json, const char *name, const char *text)
{
    if (text == NULL) {
        ps_json_null(json, name);
    } else {
        ps_json_span(json, name, ps_span_of(text));
    }
}

void ps_json_span(ps_json *json, const char *name, ps_span text)
{
    if (ps_utf8_valid(text)) {
        begin(json, name);
        put_quoted(json->out, text);
    } else if (name != NULL) {
        begin_named(json, name, "_b64");
        put_base64(json->out, text);
    } else {
        ps_json_object(json, NULL);
        begin(json, "b64");
        put_base64(json->out, text);
        ps_json_object_end(json);
    }
}

void ps_json_count(ps_json *json, const char *name, uint64_t value)
{
    begin(json, name);
    ps_buf_add_format(json->out, "%llu", (unsigned long long)value);
}

void ps_json_int(ps_json *json, const char *name, int64_t value)
{
    begin(json, name);
    ps_buf_add_format(json->out, "%lld", (long long)value);
}

// `millionths` below 1000000, without its trailing zeros; nothing for 0.
static void put_fraction(ps_buf *out, unsigned millionths)
{
    int digits = 6;

    if (millionths == 0) return;
    for (; millionths % 10 == 0; digits--)
        millionths /= 10;
    ps_buf_add_format(out, ".%0*u", digits, millionths);
}

void ps_json_number(ps_json *json, const char *name, double value)
{
    const double exact = 9007199254740992.0; // 2^53: from here on doubles have no fraction
    double size = value < 0 ? -value : value;

    if (!__builtin_isfinite(value)) {
        ps_json_null(json, name);
        return;
    }
    begin(json, name);
    if (size >= exact) {
        ps_buf_add_format(json->out, "%.0f", value); // no locale changes this: there is neither point nor grouping
        return;
    }
    uint64_t whole = (uint64_t)size;
    unsigned millionths = (unsigned)((size - (double)whole) * 1e6 + 0.5);
    if (millionths == 1000000) {
        whole++;
        millionths = 0;
    }
    if (value < 0 && (whole > 0 || millionths > 0)) ps_buf_add_char(json->out, '-');
    ps_buf_add_format(json->out, "%llu", (unsigned long long)whole);
    put_fraction(json->out, millionths);
}

void ps_json_bool(ps_json *json, const char *name, bool value)
{
    begin(json, name);
    ps_buf_add_text(json->out, value ? "true" : "false");
}

void ps_json_null(ps_json *json, const char *name)
{
    begin(json, name);
    ps_buf_add_text(json->out, "null");
}
