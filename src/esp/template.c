#include "esp/template.h"

#include "net/http.h"

static const char *const names[] = {
#define X(symbol, name) name,
    PS_TEMPLATE_NAMES(X)
#undef X
};

static const char json_suffix[] = "_json";

// A {name} that text begins with.
typedef struct place {
    ps_template_name name;
    bool json;
    size_t len; // braces included
} place;

static bool read_place(const char *text, place *out)
{
    size_t len = text[0] == '{' ? strcspn(text + 1, "{}") : 0;
    const size_t suffix_len = sizeof json_suffix - 1;

    if (len == 0 || text[len + 1] != '}') return false;
    ps_span inside = {text + 1, len};
    out->len = len + 2;
    out->json = len > suffix_len && strncmp(text + 1 + len - suffix_len, json_suffix, suffix_len) == 0;
    if (out->json) inside.len -= suffix_len;
    for (unsigned i = 0; i < PS_TEMPLATE_COUNT; i++) {
        out->name = (ps_template_name)i;
        if (ps_span_equal(inside, ps_span_of(names[i]))) return true;
    }
    return false;
}

static void add_json(ps_buf *out, ps_span value)
{
    if (value.bytes == NULL) {
        ps_buf_add_text(out, "null");
        return;
    }
    ps_buf_add_char(out, '"');
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.bytes[i];
        if (c == '"' || c == '\\') {
            ps_buf_add_char(out, '\\');
            ps_buf_add_char(out, (char)c);
        } else if (c < 0x20 || c == 0x7f) {
            ps_buf_add_format(out, "\\u%04x", (unsigned)c);
        } else {
            ps_buf_add_char(out, (char)c);
        }
    }
    ps_buf_add_char(out, '"');
}

void ps_template_add(ps_buf *out, const char *text, ps_template_mode mode, const ps_template_values *values)
{
    place at;

    while (*text != '\0') {
        if (!read_place(text, &at)) {
            ps_buf_add_char(out, *text++);
            continue;
        }
        text += at.len;
        ps_span value = values->of[at.name];
        if (at.json) {
            add_json(out, value);
        } else if (mode == PS_TEMPLATE_URL) {
            ps_http_add_encoded(out, value);
        } else {
            ps_buf_add_span(out, value);
        }
    }
}

bool ps_template_has(const char *text, ps_template_name name)
{
    place at;

    for (; text != NULL && *text != '\0'; text++) {
        if (read_place(text, &at) && at.name == name) return true;
    }
    return false;
}
