#ifndef PS_FACTS_DATE_H
#define PS_FACTS_DATE_H

// Cells that hold dates, one at a time. What a whole column is, facts/date_column.h finds out.

#include "base/buf.h"
#include "base/clock.h"
#include "presend/facts.h"

typedef enum ps_date_result {
    PS_DATE_READ,
    PS_DATE_MISSING, // empty, or one of the words and dates that stand for nothing (0000-00-00, なし, NULL, ...)
    PS_DATE_UNREADABLE
} ps_date_result;

// The civil day of a cell (UTF-8, untrimmed, full-width digits folded, a spreadsheet's leading apostrophe dropped): a
// time with an offset or Z is moved to `zone`, one without is taken as the zone's own. `form` AUTO takes every form
// that says itself what it is; D/M/Y, epoch and Excel's serials have to be known.
ps_date_result ps_date_read(ps_span cell, ps_date_form form, const ps_zone *zone, ps_day *out);

// The same, and which form it was: `form` itself, or of AUTO's the one that fits. `*out_form` is set where a date was
// read.
ps_date_result ps_date_read_form(ps_span cell, ps_date_form form, const ps_zone *zone, ps_day *out,
                                 ps_date_form *out_form);

const char *ps_date_form_word(ps_date_form form); // as the job file writes it: iso ymd dmy ...

// The forms whose bits are set, such as `iso ymd`; nothing for none.
void ps_date_forms_text(uint32_t forms, ps_buf *out);

#endif
