#include "report/html.h"

#include "base/text.h"

// `text` as ps_add_visible() shows it: nothing in it steers a terminal or turns the direction of writing. What is left
// to do is what HTML gives a meaning to.
static void escape(ps_buf *out, ps_span text)
{
    static const char *const entities[128] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;", ['`'] = "&#96;",
    };
    size_t copied = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        if (c >= 128 || entities[c] == NULL) continue;
        ps_buf_add(out, text.bytes + copied, i - copied);
        ps_buf_add_text(out, entities[c]);
        copied = i + 1;
    }
    ps_buf_add(out, text.bytes + copied, text.len - copied);
}

void ps_html_text(ps_buf *out, ps_span text)
{
    ps_buf visible;

    ps_buf_init(&visible, text.len * 4 + 1); // every byte at most as \x..
    ps_add_visible(&visible, text);
    if (visible.failed) out->failed = true;
    escape(out, ps_buf_span(&visible));
    ps_buf_done(&visible);
}

// Attributes are always quoted, so the same characters are all there is to escape; the name tells the writer's intent.
void ps_html_attribute(ps_buf *out, ps_span text)
{
    ps_html_text(out, text);
}

static size_t line_len(ps_span text, size_t start)
{
    size_t end = start;

    while (end < text.len && text.bytes[end] != '\n' && text.bytes[end] != '\t')
        end++;
    return end - start;
}

void ps_html_lines(ps_buf *out, ps_span text)
{
    for (size_t start = 0; start < text.len;) {
        size_t len = line_len(text, start);
        bool last = start + len == text.len;
        char end = last ? '\0' : text.bytes[start + len];
        size_t shown = len > 0 && end == '\n' && text.bytes[start + len - 1] == '\r' ? len - 1 : len;
        ps_html_text(out, (ps_span){text.bytes + start, shown});
        if (!last) ps_buf_add_char(out, end);
        start += len + 1;
    }
}
