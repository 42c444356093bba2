// What must hold for any cell that may be a date.
// layer: facts
// replays: 200000

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "facts/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static ps_zone *zone;

static void must(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

// ASCII as full-width letters, which means the same.
static ps_span widen(ps_span cell, char *out)
{
    size_t len = 0;

    for (size_t i = 0; i < cell.len; i++) {
        char c = cell.bytes[i];
        if (c <= ' ' || c > '~') {
            out[len++] = c;
            continue;
        }
        unsigned wide = 0xFF01 + (unsigned)(c - '!');
        out[len++] = (char)(unsigned char)(0xE0 | wide >> 12);
        out[len++] = (char)(unsigned char)(0x80 | (wide >> 6 & 0x3F));
        out[len++] = (char)(unsigned char)(0x80 | (wide & 0x3F));
    }
    return (ps_span){out, len};
}

static void check_written_again(ps_day day)
{
    char text[PS_DAY_TEXT_SIZE];
    ps_day again = PS_DAY_NONE;

    ps_day_text(day, text);
    if (text[0] == '\0') return; // moved out of the years by its zone
    ps_date_result result = ps_date_read(ps_span_of(text), PS_DATE_FORM_ISO, zone, &again);
    must(result != PS_DATE_UNREADABLE, "a day that was read can be read again");
    must(result == PS_DATE_MISSING || again == day, "a day stays itself");
}

static void check_form(ps_span cell, ps_span wide, ps_date_form form)
{
    ps_day day = PS_DAY_NONE, wide_day = PS_DAY_NONE;
    ps_date_form found = PS_DATE_FORM_COUNT;
    ps_date_result result = ps_date_read_form(cell, form, zone, &day, &found);

    must((result == PS_DATE_READ) == (day != PS_DAY_NONE), "a day comes out when one was read in its form");
    must((result == PS_DATE_READ) == (found != PS_DATE_FORM_COUNT), "the form comes out with it");
    must(ps_date_read(wide, form, zone, &wide_day) == result && wide_day == day, "full-width letters mean the same");
    if (result == PS_DATE_READ) check_written_again(day);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    enum { CELL_MAX = 512 };
    char wide_bytes[3 * CELL_MAX];
    ps_day day = PS_DAY_NONE, other = PS_DAY_NONE;

    if (zone == NULL) must(ps_zone_new("Asia/Tokyo", &zone, NULL) == PS_OK, "a zone opens");
    if (len > CELL_MAX) return 0;
    ps_span cell = {(const char *)bytes, len};
    ps_date_result result = ps_date_read(cell, PS_DATE_FORM_AUTO, zone, &day);
    must((result == PS_DATE_READ) == (day != PS_DAY_NONE), "a day comes out when one was read");
    if (result == PS_DATE_READ) check_written_again(day);
    ps_date_result wide = ps_date_read(widen(cell, wide_bytes), PS_DATE_FORM_AUTO, zone, &other);
    must(wide == result && other == day, "full-width letters mean the same");
    ps_date_result iso = ps_date_read(cell, PS_DATE_FORM_ISO, zone, &other);
    must(iso == result || iso == PS_DATE_UNREADABLE, "a named form reads less, not otherwise");
    for (int form = PS_DATE_FORM_AUTO; form < PS_DATE_FORM_COUNT; form++)
        check_form(cell, widen(cell, wide_bytes), (ps_date_form)form);
    return 0;
}
