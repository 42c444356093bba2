#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/inspect_write.h"
#include "facts/date.h"
#include "mail/charset.h"

// A scalar in double quotes, which any text can stand in.
static void add_quoted(ps_span text, ps_buf *out)
{
    ps_buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        if (byte == '"' || byte == '\\') {
            ps_buf_add_format(out, "\\%c", byte);
        } else if (byte < 0x20 || byte == 0x7F) {
            ps_buf_add_format(out, "\\x%02x", byte);
        } else {
            ps_buf_add_char(out, (char)byte);
        }
    }
    ps_buf_add_char(out, '"');
}

static bool is_unique(const ps_layout *layout, size_t index)
{
    for (size_t i = 0; i < layout->column_count; i++) {
        if (i != index && ps_span_equal(ps_ascii_trim(layout->names[i]), ps_ascii_trim(layout->names[index])))
            return false;
    }
    return true;
}

// The first column of its kind that the job can name: a header that stands once, and is not too long.
static bool is_writable(const ps_inspection *inspection, size_t slot)
{
    enum { HEADER_BYTES_MAX = 1000 };
    const ps_layout *layout = ps_inspect_layout(inspection);
    const ps_mapped *mapped = &layout->mapped[slot];

    if (ps_layout_slot(layout, mapped->column) != (int)slot) return false;
    if (layout->headerless) return true;
    ps_span name = ps_ascii_trim(layout->names[mapped->index]);
    return name.len > 0 && name.len <= HEADER_BYTES_MAX && is_unique(layout, mapped->index);
}

static void add_columns(const ps_inspection *inspection, ps_buf *out)
{
    const ps_layout *layout = ps_inspect_layout(inspection);

    ps_buf_add_text(out, "    columns:\n");
    for (size_t slot = 0; slot < layout->mapped_count; slot++) {
        const ps_mapped *mapped = &layout->mapped[slot];
        if (!is_writable(inspection, slot)) continue;
        ps_buf_add_format(out, "      %s: ", ps_column_name(mapped->column));
        if (layout->headerless) {
            ps_buf_add_format(out, "%u", (unsigned)mapped->index + 1);
        } else {
            add_quoted(ps_ascii_trim(layout->names[mapped->index]), out);
        }
        ps_buf_add_char(out, '\n');
    }
}

// Forms that say themselves what they are stay open: tomorrow's file may mix them. The others are written down.
static void add_dates(const ps_inspection *inspection, ps_buf *out)
{
    const ps_layout *layout = ps_inspect_layout(inspection);
    bool first = true;

    for (size_t slot = 0; slot < layout->mapped_count; slot++) {
        ps_column column = layout->mapped[slot].column;
        ps_date_form form = inspection->table.dates[column];
        if (ps_column_kind_of(column) != PS_COLUMN_KIND_DATE || form == PS_DATE_FORM_AUTO) continue;
        if (first) ps_buf_add_text(out, "    dates: # how they are written, where a single cell cannot tell\n");
        first = false;
        ps_buf_add_format(out, "      %s: %s\n", ps_column_name(column), ps_date_form_word(form));
    }
}

static void add_suppressions(const char *const *paths, size_t count, ps_buf *out)
{
    if (count > 0) ps_buf_add_text(out, "suppressions: # everybody in these lists is left out\n");
    for (size_t i = 0; i < count; i++) {
        ps_buf_add_format(out, "  - {name: list-%zu, type: file, file: ", i + 1);
        add_quoted(ps_span_of(paths[i]), out);
        ps_buf_add_text(out, "}\n");
    }
    if (count > 0) return;
    ps_buf_add_text(
        out, "# NOBODY IS LEFT OUT AS THIS STANDS: no list of people who unsubscribed, complained or bounced is\n"
             "# named. Put the lists of all your mail services here before you send, as below.\n"
             "suppressions: none\n"
             "# suppressions:\n"
             "#   - {name: unsubscribes, type: file, file: unsubscribes.csv}\n"
             "#   - {name: bounces, type: file, file: bounces.csv}\n");
}

void ps_inspect_job(const ps_inspection *inspection, const char *const *paths, size_t paths_count, ps_buf *out)
{
    const ps_layout *layout = ps_inspect_layout(inspection);

    ps_buf_add_text(out,
                    "# A job for presend, made from what the recipient file looks like. Read it once: what was found "
                    "stands here\n# as what you say. `presend run` takes it as it is.\n"
                    "version: 1\n\n"
                    "# The zone that dates without one are in, and in which days begin: Asia/Tokyo, +09:00.\n");
    ps_buf_add_format(out, "timezone: %s\n\nrecipients:\n  - file: ", inspection->job.timezone);
    add_quoted(ps_span_of(paths[0]), out);
    ps_buf_add_format(out, " # %s, delimiter %s\n", ps_charset_name(layout->stored),
                      layout->delimiter == '\t' ? "tab" : (char[2]){layout->delimiter, '\0'});
    if (layout->headerless) ps_buf_add_text(out, "    header: none # columns are numbers from 1\n");
    add_columns(inspection, out);
    add_dates(inspection, out);
    ps_buf_add_char(out, '\n');
    add_suppressions(paths + 1, paths_count - 1, out);
    ps_buf_add_text(
        out, "\n# Who is inactive: without this key it is reported, never applied. Profiles: b2c_weekly b2c_daily "
             "b2c_monthly b2b\n"
             "# engagement: {profile: b2c_weekly}\n"
             "\noutput: {directory: presend-out}\n");
}
