#include "facts/date_column.h"

#include <string.h>

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

// Four days at once; a yes has all bits set, a no none.
typedef int32_t four __attribute__((vector_size(16)));
enum { FOUR = 4 };

typedef struct lanes {
    four oldest, newest, none, future; // of the last two the numbers, less than zero
} lanes;

// Blanks come at random: nothing here depends on them.
static void add_four(lanes *into, four days, ps_day last)
{
    four none = days == PS_DAY_NONE, ahead = days > last, beside = none | ahead;
    four low = (days & ~beside) | (beside & INT32_MAX), high = (days & ~ahead) | (ahead & PS_DAY_NONE);
    four older = low < into->oldest;
    four newer = high > into->newest;

    into->none += none;
    into->future += ahead;
    into->oldest = (low & older) | (into->oldest & ~older);
    into->newest = (high & newer) | (into->newest & ~newer);
}

static void merge_lanes(const lanes *found, size_t count, ps_date_days *into)
{
    for (size_t i = 0; i < FOUR; i++) {
        uint64_t future = (uint64_t)-found->future[i], filled = count / FOUR - (uint64_t)-found->none[i] - future;
        const ps_date_days lane = {filled, future, filled > 0 ? found->oldest[i] : PS_DAY_NONE, found->newest[i]};
        ps_date_days_merge(into, &lane);
    }
}

size_t ps_date_days_add_all(ps_date_days *days, const ps_day *all, size_t count, ps_day as_of)
{
    lanes found = {.oldest = (four){0} + INT32_MAX, .newest = (four){0} + PS_DAY_NONE};
    uint64_t before = days->filled + days->future;
    size_t whole = count / FOUR * FOUR;

    for (size_t i = 0; i < whole; i += FOUR) {
        four next;
        memcpy(&next, all + i, sizeof next);
        add_four(&found, next, as_of + CLOCK_AHEAD_DAYS);
    }
    merge_lanes(&found, whole, days);
    for (size_t i = whole; i < count; i++) {
        if (all[i] != PS_DAY_NONE) ps_date_days_add(days, all[i], as_of);
    }
    return (size_t)(days->filled + days->future - before);
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
