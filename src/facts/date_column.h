#ifndef PS_FACTS_DATE_COLUMN_H
#define PS_FACTS_DATE_COLUMN_H

// How the dates of a whole column are written. Most forms say themselves what they are; of the cells that no such form
// fits, a column keeps what they would be as day first, as month first and as epoch, until all of them are seen.

#include "facts/date.h"

typedef struct ps_date_days {
    uint64_t filled, future; // future: further ahead of as_of than a clock may be
    ps_day oldest, newest; // of the filled ones
} ps_date_days;

typedef struct ps_date_doubt {
    ps_date_days day_first, month_first, epoch;
    uint64_t only_day_first, only_month_first; // cells that are a date in one order alone
    uint64_t other_digits; // numbers of an epoch's length that lie outside its years
} ps_date_doubt;

typedef enum ps_date_decision {
    PS_DATE_DECIDED,
    PS_DATE_UNDECIDED, // day and month could stand either way in every cell
    PS_DATE_CONTRADICTED // some cells say day first, others month first
} ps_date_decision;

void ps_date_days_init(ps_date_days *days);
void ps_date_days_add(ps_date_days *days, ps_day day, ps_day as_of);
// The same of many, of which PS_DAY_NONE are no days. Gives how many there were.
size_t ps_date_days_add_all(ps_date_days *days, const ps_day *all, size_t count, ps_day as_of);
void ps_date_days_merge(ps_date_days *into, const ps_date_days *other);

void ps_date_doubt_init(ps_date_doubt *doubt);
// A cell that AUTO cannot read.
void ps_date_doubt_add(ps_date_doubt *doubt, ps_span cell, const ps_zone *zone, ps_day as_of);
void ps_date_doubt_merge(ps_date_doubt *into, const ps_date_doubt *other);

// The form that most cells of the column have; `evident` of them AUTO can read. `*out` is AUTO, EPOCH, DMY or MDY, and
// AUTO too where it is not decided.
ps_date_decision ps_date_doubt_decide(const ps_date_doubt *doubt, uint64_t evident, ps_date_form *out);

// What the column's cells are in a form of those; NULL for AUTO.
const ps_date_days *ps_date_doubt_days(const ps_date_doubt *doubt, ps_date_form form);

#endif
