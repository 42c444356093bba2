#ifndef PS_FACTS_DATE_SCAN_H
#define PS_FACTS_DATE_SCAN_H

// The hand-checked scanners behind facts/date.h: a cell's plain text, form by form. No library guesses a form, and none
// of these does: each takes the whole text or nothing.

#include <stdbool.h>

#include "base/clock.h"
#include "presend/job.h"

// A date as it is written, before its zone moves it.
typedef struct ps_written {
    enum {
        PS_WRITTEN_CIVIL, // year, month and day; they may not exist
        PS_WRITTEN_INSTANT, // `number` is in seconds since 1970
        PS_WRITTEN_DAY // `number` is in days since 1970
    } kind;
    int year, month, day;
    int hour, minute, second;
    bool has_offset;
    int offset_s; // east of Greenwich
    int64_t number;
} ps_written;

// The text (ASCII and kanji, trimmed) in this form, which is not AUTO.
bool ps_date_scan(ps_span text, ps_date_form form, ps_written *out);

#endif
