#include "stage/domain_counts.h"

#include <assert.h>

#include "base/memory.h"

ps_status ps_domain_counts_open(ps_domain_counts *out, ps_error *err)
{
    ps_domain_counts counts = {.numbers = 0};
    ps_status status = ps_intern_open(&counts.names, err);

    if (status != PS_OK) return status;
    // Address space, most of it: pages are taken as they are written to.
    counts.narrow = ps_memory_new(PS_DOMAIN_NUMBERS, sizeof *counts.narrow, err);
    if (counts.narrow != NULL) counts.wide = ps_memory_new(PS_DOMAIN_NUMBERS, sizeof *counts.wide, err);
    if (counts.wide == NULL) {
        ps_domain_counts_close(&counts);
        return PS_RETRY;
    }
    *out = counts;
    return PS_OK;
}

void ps_domain_counts_close(ps_domain_counts *counts)
{
    ps_intern_close(&counts->names);
    ps_memory_free(counts->named);
    ps_memory_free(counts->wide);
    ps_memory_free(counts->narrow);
    *counts = (ps_domain_counts){.numbers = 0};
}

static void add(struct ps_domain_wide *into, const struct ps_domain_wide *rows)
{
    into->ordinary += rows->ordinary;
    for (size_t v = 0; v < PS_VERDICT_COUNT; v++)
        into->verdict[v] += rows->verdict[v];
}

static struct ps_domain_wide widened(const struct ps_domain_narrow *narrow)
{
    struct ps_domain_wide wide = {.ordinary = narrow->ordinary};

    for (size_t v = 0; v < PS_VERDICT_COUNT; v++)
        wide.verdict[v] = narrow->verdict[v];
    return wide;
}

void ps_domain_counts_widen(ps_domain_counts *counts, uint32_t number)
{
    struct ps_domain_wide rows = widened(&counts->narrow[number]);

    add(&counts->wide[number], &rows);
    counts->narrow[number] = (struct ps_domain_narrow){.ordinary = 0};
    if (number >= counts->wide_numbers) counts->wide_numbers = (size_t)number + 1;
}

// All rows of a number.
static struct ps_domain_wide rows_of(const ps_domain_counts *counts, size_t number)
{
    struct ps_domain_wide rows = widened(&counts->narrow[number]);

    if (number < counts->wide_numbers) add(&rows, &counts->wide[number]);
    return rows;
}

static uint64_t sum_of(const struct ps_domain_wide *rows)
{
    uint64_t sum = 0;

    for (size_t v = 0; v < PS_VERDICT_COUNT; v++)
        sum += rows->verdict[v];
    return sum;
}

static ps_status add_named(ps_domain_counts *counts, ps_span name, const struct ps_domain_wide *rows, ps_error *err)
{
    size_t before = counts->names.count;
    uint32_t number;
    // Room first, so that every name has its counts.
    ps_status status =
        ps_memory_grow((void **)&counts->named, &counts->named_capacity, before + 1, sizeof *counts->named, err);
    if (status == PS_OK) status = ps_intern_add(&counts->names, name, &number, err);
    if (status != PS_OK) return status;

    if (number == before) counts->named[number] = (struct ps_domain_wide){.ordinary = 0};
    add(&counts->named[number], rows);
    return PS_OK;
}

ps_status ps_domain_counts_add_named(ps_domain_counts *counts, ps_span name, ps_verdict verdict, bool ordinary,
                                     ps_error *err)
{
    struct ps_domain_wide row = {.ordinary = ordinary};

    row.verdict[verdict] = 1;
    return add_named(counts, name, &row, err);
}

// By way of the wide counts, so that the narrow ones stay below the half.
static void merge_number(ps_domain_counts *into, const ps_domain_counts *other, uint32_t number)
{
    struct ps_domain_wide rows = rows_of(other, number);
    struct ps_domain_narrow *narrow = &into->narrow[number];
    uint64_t most = sum_of(&rows) + rows.ordinary;

    if (most == 0) return;
    for (size_t v = 0; v < PS_VERDICT_COUNT; v++)
        most += narrow->verdict[v];
    if (most + narrow->ordinary > INT16_MAX) {
        ps_domain_counts_widen(into, number);
        add(&into->wide[number], &rows);
        return;
    }
    for (size_t v = 0; v < PS_VERDICT_COUNT; v++)
        narrow->verdict[v] = (uint16_t)(narrow->verdict[v] + rows.verdict[v]);
    narrow->ordinary = (uint16_t)(narrow->ordinary + rows.ordinary);
}

ps_status ps_domain_counts_merge(ps_domain_counts *into, ps_domain_counts *other, ps_error *err)
{
    ps_status status = PS_OK;

    assert(into->rules == NULL && other->rules == NULL);
    if (into->numbers == 0 && into->names.count == 0) { // nothing is written down twice where nobody else counted any
        ps_domain_counts own = *into;
        *into = *other;
        *other = own;
    }
    for (uint32_t number = 1; number < other->numbers; number++)
        merge_number(into, other, number);
    if (other->numbers > into->numbers) into->numbers = other->numbers;
    for (size_t i = 0; i < other->names.count && status == PS_OK; i++)
        status = add_named(into, ps_intern_text(&other->names, i), &other->named[i], err);
    return status;
}

// A number's rows go to the name.
static ps_status move_to_name(ps_domain_counts *counts, uint32_t number, ps_span name, ps_error *err)
{
    struct ps_domain_wide rows = rows_of(counts, number);

    if (sum_of(&rows) == 0) return PS_OK;
    ps_status status = add_named(counts, name, &rows, err);
    if (status != PS_OK) return status;
    counts->narrow[number] = (struct ps_domain_narrow){.ordinary = 0};
    if (number < counts->wide_numbers) counts->wide[number] = (struct ps_domain_wide){.ordinary = 0};
    return PS_OK;
}

static ps_status move_respelt(ps_domain_counts *counts, ps_error *err)
{
    ps_numbered_domain domain = {.number = 0};
    ps_status status = PS_OK;

    while (status == PS_OK && ps_address_domain_next(counts->rules, &domain)) {
        if (domain.number < counts->numbers && domain.respelt)
            status = move_to_name(counts, domain.number, domain.name, err);
    }
    return status;
}

static ps_status move_named(ps_domain_counts *counts, ps_error *err)
{
    ps_numbered_domain domain = {.number = 0};
    ps_status status = PS_OK;

    while (status == PS_OK && ps_address_domain_next(counts->rules, &domain)) {
        if (domain.number < counts->numbers && ps_intern_find(&counts->names, domain.name) != PS_INDEX_NONE)
            status = move_to_name(counts, domain.number, domain.name, err);
    }
    return status;
}

// A domain that is spelt in several ways has as many numbers; its rows are counted under its name, with those that had
// no number.
ps_status ps_domain_counts_settle(ps_domain_counts *counts, const ps_address_rules *rules, ps_error *err)
{
    assert(counts->rules == NULL);
    counts->rules = rules;
    ps_status status = move_respelt(counts, err);
    return status == PS_OK && counts->names.count > 0 ? move_named(counts, err) : status;
}

static bool tell(ps_span name, const struct ps_domain_wide *rows, ps_domain_count *out)
{
    *out = (ps_domain_count){.name = name, .rows = sum_of(rows), .ordinary = rows->ordinary};
    memcpy(out->verdict, rows->verdict, sizeof out->verdict);
    return out->rows > 0;
}

bool ps_domain_counts_next(const ps_domain_counts *counts, ps_domain_place *place, ps_domain_count *out)
{
    assert(counts->rules != NULL);
    while (ps_address_domain_next(counts->rules, &place->numbered)) {
        if (place->numbered.number >= counts->numbers) continue;
        struct ps_domain_wide rows = rows_of(counts, place->numbered.number);
        if (tell(place->numbered.name, &rows, out)) return true;
    }
    while (place->named < counts->names.count) {
        size_t number = place->named++;
        if (tell(ps_intern_text(&counts->names, number), &counts->named[number], out)) return true;
    }
    return false;
}
