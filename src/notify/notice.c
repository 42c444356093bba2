#include "notify/notice.h"

#include <inttypes.h>

enum {
    LINE_BYTES_MAX = 8192, // of an entry: an address, two names and a few words, all of it escaped
    REST_BYTES = 64, // for `... and 12 more`
};

void ps_notice_add_entry(const ps_notice_entry *entry, ps_notice_escape *escape, ps_buf *out)
{
    escape(out, entry->address);
    ps_buf_add_text(out, "  ");
    escape(out, entry->source);
    ps_buf_add_char(out, ' ');
    escape(out, entry->list);
    ps_buf_add_text(out, ", ");
    escape(out, entry->class);
    if (entry->day[0] != '\0') ps_buf_add_text(out, ", ");
    escape(out, entry->day);
}

void ps_notice_add_rest(const ps_notice *notice, size_t shown, ps_buf *out)
{
    if (shown < notice->total) ps_buf_add_format(out, "... and %" PRIu64 " more", notice->total - shown);
}

void ps_notice_add_lines(const ps_notice *notice, size_t max, ps_notice_escape *escape, ps_buf *out)
{
    size_t begin = out->len, shown = 0;
    ps_buf line;

    ps_buf_init(&line, LINE_BYTES_MAX);
    for (; shown < notice->entries_count; shown++) {
        ps_buf_clear(&line);
        ps_notice_add_entry(&notice->entries[shown], escape, &line);
        ps_buf_add_char(&line, '\n');
        if (line.failed || out->len - begin + line.len + REST_BYTES > max) break;
        ps_buf_add_span(out, ps_buf_span(&line));
    }
    ps_buf_done(&line);
    ps_notice_add_rest(notice, shown, out);
}
