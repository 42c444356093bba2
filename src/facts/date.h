#ifndef PS_FACTS_DATE_H
#define PS_FACTS_DATE_H

// Cells that hold dates.

#include "base/clock.h"
#include "presend/facts.h"

typedef enum ps_date_result {
    PS_DATE_READ,
    PS_DATE_MISSING, // empty, or one of the words and dates that stand for nothing (0000-00-00, なし, NULL, ...)
    PS_DATE_UNREADABLE
} ps_date_result;

// The civil day of a cell (UTF-8, untrimmed, full-width digits folded): 2024-02-01 and 2024/2/1 forms, with or without
// a time; a time with an offset or Z is moved to `zone`, one without is taken as the zone's own. `form` AUTO takes
// either form.
ps_date_result ps_date_read(ps_span cell, ps_date_form form, const ps_zone *zone, ps_day *out);

#endif
