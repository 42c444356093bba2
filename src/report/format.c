#include "report/format.h"

#include <stdbool.h>
#include <stddef.h>

#include "presend/span.h"

void ps_add_count(ps_buf *out, uint64_t count)
{
    char digits[32];
    size_t at = sizeof digits;

    for (unsigned written = 0; written == 0 || count > 0; written++) {
        if (written > 0 && written % 3 == 0) digits[--at] = ',';
        digits[--at] = (char)('0' + count % 10);
        count /= 10;
    }
    ps_buf_add(out, digits + at, sizeof digits - at);
}

void ps_add_rows(ps_buf *out, uint64_t count)
{
    ps_add_count(out, count);
    ps_buf_add_text(out, count == 1 ? " row" : " rows");
}

static void add_tenths(ps_buf *out, uint64_t tenths)
{
    ps_add_count(out, tenths / 10);
    ps_buf_add_format(out, ".%u", (unsigned)(tenths % 10));
}

void ps_add_share(ps_buf *out, uint64_t part, uint64_t whole)
{
    if (whole == 0) {
        ps_buf_add_char(out, '-');
        return;
    }
    // The product of a count of rows and 1000 fits: no file has 2^54 rows.
    uint64_t tenths = (part * 1000 + whole / 2) / whole;
    bool too_low = part > 0 && tenths == 0;
    bool too_high = part < whole && tenths >= 1000;
    if (too_low || too_high) ps_buf_add_char(out, too_low ? '<' : '>');
    add_tenths(out, too_low ? 1 : too_high ? 999 : tenths);
    ps_buf_add_char(out, '%');
}

void ps_add_fraction(ps_buf *out, double fraction)
{
    add_tenths(out, fraction > 0 ? (uint64_t)(fraction * 1000 + 0.5) : 0);
    ps_buf_add_char(out, '%');
}

void ps_add_size(ps_buf *out, uint64_t bytes)
{
    static const char *const units[] = {" kB", " MB", " GB", " TB"};
    uint64_t unit = 1000;
    size_t i = 0;

    if (bytes < 1000) {
        ps_add_count(out, bytes);
        ps_buf_add_text(out, bytes == 1 ? " byte" : " bytes");
        return;
    }
    for (; i + 1 < PS_COUNT_OF(units) && bytes >= unit * 1000; i++)
        unit *= 1000;
    uint64_t tenth = unit / 10;
    add_tenths(out, bytes / tenth + (bytes % tenth >= tenth / 2));
    ps_buf_add_text(out, units[i]);
}
