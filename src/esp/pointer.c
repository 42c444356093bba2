#include "esp/pointer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"

enum {
    NAME_BYTES_MAX = 128,
    NUMBER_BYTES_MAX = 32,
    VALUES_MAX = 8 << 20 // an honest page of 256 MiB has less; each takes up to 100 bytes
};

// A reference token without its escapes; false when it is longer than any member's name.
static bool unescape(const char *token, size_t len, char out[NAME_BYTES_MAX], size_t *out_len)
{
    size_t count = 0;

    for (size_t i = 0; i < len && count < NAME_BYTES_MAX; i++) {
        bool escape = token[i] == '~' && i + 1 < len;
        out[count++] = !escape ? token[i] : token[i + 1] == '1' ? '/' : '~';
        i += escape;
    }
    *out_len = count;
    return count < NAME_BYTES_MAX;
}

static const json_t *step(const json_t *from, const char *token, size_t len)
{
    char name[NAME_BYTES_MAX];
    size_t name_len;

    if (json_is_array(from)) return json_array_get(from, strtoul(token, NULL, 10));
    if (memchr(token, '~', len) == NULL) return json_object_getn(from, token, len);
    return unescape(token, len, name, &name_len) ? json_object_getn(from, name, name_len) : NULL;
}

const json_t *ps_pointer_get(const json_t *root, const char *pointer)
{
    const json_t *at = pointer == NULL ? NULL : root;

    while (at != NULL && *pointer == '/') {
        pointer++;
        size_t len = strcspn(pointer, "/");
        at = step(at, pointer, len);
        pointer += len;
    }
    return json_is_null(at) ? NULL : at;
}

bool ps_pointer_is_valid(const char *pointer)
{
    if (pointer[0] != '\0' && pointer[0] != '/') return false;
    for (const char *at = strchr(pointer, '~'); at != NULL; at = strchr(at + 1, '~')) {
        if (at[1] != '0' && at[1] != '1') return false;
    }
    return true;
}

// Codes are whole numbers, times may be fractions of seconds.
static ps_span number_text(double number, ps_arena *arena)
{
    char *text = ps_arena_take(arena, NUMBER_BYTES_MAX);
    bool whole = number > -1e15 && number < 1e15 && number == (double)(long long)number;
    int len = whole ? snprintf(text, NUMBER_BYTES_MAX, "%lld", (long long)number)
                    : snprintf(text, NUMBER_BYTES_MAX, "%.17g", number);

    return (ps_span){text, (size_t)len};
}

bool ps_pointer_text(const json_t *value, ps_arena *arena, ps_span *out)
{
    *out = (ps_span){NULL, 0};
    if (value == NULL || json_is_null(value)) return true;
    if (json_is_string(value)) *out = (ps_span){json_string_value(value), json_string_length(value)};
    if (json_is_boolean(value)) *out = ps_span_of(json_is_true(value) ? "true" : "false");
    if (json_is_number(value)) *out = number_text(json_number_value(value), arena);
    return !json_is_array(value) && !json_is_object(value);
}

bool ps_json_within_limits(ps_span text)
{
    size_t depth = 0, from = 0, values = 0;
    bool in_string = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.bytes[i];
        if (in_string) {
            if (c == '\\') i++;
            in_string = c != '"';
            if (i - from > PS_JSON_STRING_BYTES_MAX) return false;
        } else if (c == '"') {
            in_string = true;
            from = i;
        } else if (c == '[' || c == '{') {
            depth++;
            if (depth > PS_JSON_DEPTH_MAX) return false;
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        } else if (c == ',' && ++values > VALUES_MAX) {
            return false;
        }
    }
    return true;
}
