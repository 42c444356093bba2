#include "esp/json.h"

#include "base/limits.h"
#include "esp/refuse.h"

void ps_json_reader_init(ps_json_reader *json, const ps_import *import, ps_text *text)
{
    *json = (ps_json_reader){.import = import, .text = text};
    ps_buf_init(&json->value, PS_JSON_VALUE_BYTES_MAX);
}

void ps_json_reader_done(ps_json_reader *json)
{
    ps_buf_done(&json->value);
}

ps_status ps_json_reader_refuse(const ps_json_reader *json, ps_error *err)
{
    ps_refuse(json->import, json->text->line, err, "it is not valid JSON from line %llu on.",
              (unsigned long long)json->text->line);
    ps_error_hint(err, "Export the list again; do not edit the file by hand.");
    return PS_SOURCE;
}

ps_status ps_json_reader_refuse_cut(const ps_json_reader *json, ps_error *err)
{
    ps_refuse(json->import, json->text->line, err, "its JSON ends in the middle: the file is cut.");
    ps_error_hint(err, "Export or copy the file again.");
    return PS_SOURCE;
}

static void skip(ps_text *text, size_t len)
{
    text->rest = (ps_span){text->rest.bytes + len, text->rest.len - len};
}

void ps_json_reader_skip(ps_json_reader *json)
{
    skip(json->text, 1);
}

ps_status ps_json_reader_peek(ps_json_reader *json, char *out, ps_error *err)
{
    ps_text *text = json->text;

    for (;;) {
        ps_status status = ps_text_fill(text, err);
        if (status != PS_OK) return status;
        *out = '\0';
        if (text->rest.len == 0) return PS_OK;
        char c = text->rest.bytes[0];
        if (c == '\0') return ps_json_reader_refuse(json, err); // '\0' is said of the end only
        *out = c;
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return PS_OK;
        if (c == '\n') text->line++;
        skip(text, 1);
    }
}

// Where in a value the scan is. Only brackets and strings are told apart here; the grammar is jansson's.
typedef struct value_scan {
    size_t depth; // brackets open in this value
    size_t string_len;
    bool in_string, escaped;
    bool done;
    bool scalar; // a number or word: it ends before what follows it
} value_scan;

static void scan_string(value_scan *scan, char c)
{
    scan->string_len++;
    if (scan->escaped) {
        scan->escaped = false;
    } else if (c == '\\') {
        scan->escaped = true;
    } else if (c == '"') {
        scan->in_string = false;
        scan->done = scan->depth == 0;
    }
}

// False when `c` no longer belongs to the value.
static bool scan_char(value_scan *scan, char c)
{
    if (scan->in_string) {
        scan_string(scan, c);
        return true;
    }
    if (scan->scalar && strchr(",]}[{\" \t\r\n", c) != NULL) {
        scan->done = true;
        return false;
    }
    switch (c) {
    case '"':
        scan->in_string = true;
        scan->string_len = 0;
        break;
    case '[':
    case '{':
        scan->depth++;
        break;
    case ']':
    case '}':
        if (scan->depth == 0) return false; // no value stands here: jansson says so
        scan->depth--;
        scan->done = scan->depth == 0;
        break;
    default:
        scan->scalar = scan->depth == 0;
        break;
    }
    return true;
}

static ps_status refuse_size(const ps_json_reader *json, const char *what, ps_error *err)
{
    return ps_refuse(json->import, json->text->line, err, "its JSON has %s, as no list has.", what);
}

// As much of the value as `rest` holds.
static ps_status scan_piece(ps_json_reader *json, value_scan *scan, size_t depth, ps_error *err)
{
    ps_text *text = json->text;
    size_t len = 0;
    bool inside = true;

    while (len < text->rest.len && !scan->done && inside) {
        char c = text->rest.bytes[len];
        inside = scan_char(scan, c);
        if (!inside) break;
        len++;
        if (c == '\n') text->line++;
        if (scan->depth + depth > PS_JSON_DEPTH_MAX) return refuse_size(json, "more than 64 levels", err);
        if (scan->string_len > PS_JSON_STRING_BYTES_MAX) return refuse_size(json, "a text over 1 MiB", err);
    }
    if (!inside) scan->done = true;
    ps_buf_add(&json->value, text->rest.bytes, len);
    skip(text, len);
    if (json->value.over_max) return refuse_size(json, "an entry over 64 MiB", err);
    return ps_buf_status(&json->value, "a JSON value", err);
}

static ps_status scan_value(ps_json_reader *json, size_t depth, ps_error *err)
{
    value_scan scan = {.depth = 0};

    ps_buf_clear(&json->value);
    while (!scan.done) {
        ps_status status = ps_text_fill(json->text, err);
        if (status != PS_OK) return status;
        if (json->text->rest.len == 0) return ps_json_reader_refuse_cut(json, err);
        status = scan_piece(json, &scan, depth, err);
        if (status != PS_OK) return status;
    }
    return PS_OK;
}

ps_status ps_json_reader_value(ps_json_reader *json, size_t depth, json_t **out, ps_error *err)
{
    // Numbers beyond 64 bits occur in columns that are not read. A NUL in an address is refused where it matters.
    const size_t flags = JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL;
    json_error_t error = {.line = 0};

    ps_status status = scan_value(json, depth, err);
    if (status != PS_OK) return status;
    json_t *value = json_loadb(json->value.len == 0 ? "" : json->value.bytes, json->value.len, flags, &error);
    if (value == NULL && json_error_code(&error) == json_error_out_of_memory) {
        return ps_error_set(err, PS_RETRY, "There is not enough memory for an entry of %s.",
                            ps_source_shown(json->text->source));
    }
    if (value == NULL) return ps_json_reader_refuse(json, err);
    *out = value;
    return PS_OK;
}
