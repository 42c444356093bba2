#include "facts/date_column.h"

enum {
    CLOCK_AHEAD_DAYS = 1, // a clock in another zone; more is no date of the past
    EPOCH_AHEAD_DAYS = 366 // further ahead, a number is no moment that an export would hold
};

void ps_date_days_init(ps_date_days *days)
{
    *days = (ps_date_days){.oldest = PS_DAY_NONE, .newest = PS_DAY_NONE};
}

void ps_date_days_add(ps_date_days *days, ps_day day, ps_day as_of)
{
    if (day > as_of + CLOCK_AHEAD_DAYS) {
        days->future++;
        return;
    }
    days->filled++;
    if (days->oldest == PS_DAY_NONE || day < days->oldest) days->oldest = day;
    if (days->newest == PS_DAY_NONE || day > days->newest) days->newest = day;
}

// Blanks come at random: nothing here depends on them.
size_t ps_date_days_add_all(ps_date_days *days, const ps_day *all, size_t count, ps_day as_of)
{
    ps_day oldest = INT32_MAX, newest = PS_DAY_NONE, last = as_of + CLOCK_AHEAD_DAYS;
    uint32_t known = 0, future = 0;

    for (size_t i = 0; i < count; i++) {
        bool none = all[i] == PS_DAY_NONE, ahead = all[i] > last;
        ps_day low = none || ahead ? INT32_MAX : all[i], high = ahead ? PS_DAY_NONE : all[i];
        known += !none;
        future += ahead;
        oldest = low < oldest ? low : oldest;
        newest = high > newest ? high : newest;
    }
    const ps_date_days found = {known - future, future, newest == PS_DAY_NONE ? PS_DAY_NONE : oldest, newest};
    ps_date_days_merge(days, &found);
    return known;
}

void ps_date_days_merge(ps_date_days *into, const ps_date_days *other)
{
    into->filled += other->filled;
    into->future += other->future;
    if (other->oldest == PS_DAY_NONE) return;
    if (into->oldest == PS_DAY_NONE || other->oldest < into->oldest) into->oldest = other->oldest;
    if (into->newest == PS_DAY_NONE || other->newest > into->newest) into->newest = other->newest;
}

void ps_date_doubt_init(ps_date_doubt *doubt)
{
    *doubt = (ps_date_doubt){.only_day_first = 0};
    ps_date_days_init(&doubt->day_first);
    ps_date_days_init(&doubt->month_first);
    ps_date_days_init(&doubt->epoch);
}

static bool is_digits(ps_span cell)
{
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.bytes[i] < '0' || cell.bytes[i] > '9') return false;
    }
    return cell.len > 0;
}

void ps_date_doubt_add(ps_date_doubt *doubt, ps_span cell, const ps_zone *zone, ps_day as_of)
{
    ps_day day = PS_DAY_NONE, other = PS_DAY_NONE;
    bool day_first = ps_date_read(cell, PS_DATE_FORM_DMY, zone, &day) == PS_DATE_READ;
    bool month_first = ps_date_read(cell, PS_DATE_FORM_MDY, zone, &other) == PS_DATE_READ;

    if (day_first) ps_date_days_add(&doubt->day_first, day, as_of);
    if (month_first) ps_date_days_add(&doubt->month_first, other, as_of);
    doubt->only_day_first += day_first && !month_first;
    doubt->only_month_first += month_first && !day_first;
    if (day_first || month_first) return;
    bool epoch = ps_date_read(cell, PS_DATE_FORM_EPOCH, zone, &day) == PS_DATE_READ && day <= as_of + EPOCH_AHEAD_DAYS;
    if (epoch) ps_date_days_add(&doubt->epoch, day, as_of);
    doubt->other_digits += !epoch && is_digits(cell);
}

void ps_date_doubt_merge(ps_date_doubt *into, const ps_date_doubt *other)
{
    ps_date_days_merge(&into->day_first, &other->day_first);
    ps_date_days_merge(&into->month_first, &other->month_first);
    ps_date_days_merge(&into->epoch, &other->epoch);
    into->only_day_first += other->only_day_first;
    into->only_month_first += other->only_month_first;
    into->other_digits += other->other_digits;
}

static uint64_t cells_of(const ps_date_days *days)
{
    return days->filled + days->future;
}

static ps_date_decision decide_order(const ps_date_doubt *doubt, ps_date_form *out)
{
    if (doubt->only_day_first > 0 && doubt->only_month_first > 0) return PS_DATE_CONTRADICTED;
    if (doubt->only_day_first == 0 && doubt->only_month_first == 0) return PS_DATE_UNDECIDED;
    *out = doubt->only_day_first > 0 ? PS_DATE_FORM_DMY : PS_DATE_FORM_MDY;
    return PS_DATE_DECIDED;
}

ps_date_decision ps_date_doubt_decide(const ps_date_doubt *doubt, uint64_t evident, ps_date_form *out)
{
    // Cells that fit both orders stand in both counts.
    uint64_t ordered = cells_of(&doubt->day_first) + doubt->only_month_first;
    uint64_t epoch = doubt->other_digits > 0 ? 0 : cells_of(&doubt->epoch); // one number that is none: no epoch

    *out = PS_DATE_FORM_AUTO;
    if (ordered > evident && ordered > epoch) return decide_order(doubt, out);
    if (epoch > evident) *out = PS_DATE_FORM_EPOCH;
    return PS_DATE_DECIDED;
}

const ps_date_days *ps_date_doubt_days(const ps_date_doubt *doubt, ps_date_form form)
{
    if (form == PS_DATE_FORM_DMY) return &doubt->day_first;
    if (form == PS_DATE_FORM_MDY) return &doubt->month_first;
    return form == PS_DATE_FORM_EPOCH ? &doubt->epoch : NULL;
}
