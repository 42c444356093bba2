#ifndef PS_FACTS_DATE_LONG_H
#define PS_FACTS_DATE_LONG_H

// The long way of facts/date.h: any cell, by folding it and asking the scanners.

#include "facts/date.h"

ps_date_result ps_date_read_long(ps_span cell, ps_date_form form, const ps_zone *zone, ps_day *out,
                                 ps_date_form *out_form);

#endif
