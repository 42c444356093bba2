#include "stage/domain_counts.h"

#include "base/limits.h"
#include "base/memory.h"

// Who fills a word's half empties it before it adds again, so each thread adds once at most beyond the half.
static_assert((1 << (PS_DOMAIN_FIELD_BITS - 1)) - 1 + PS_THREADS_MAX * PS_DOMAIN_PENDING_MAX <
                  1 << PS_DOMAIN_FIELD_BITS,
              "no field runs over into the next");

static ps_status open_whole(ps_domain_whole *out, ps_error *err)
{
    // Address space, most of it: pages are taken as they are written to.
    out->late = ps_memory_new(PS_DOMAIN_NUMBERS, sizeof *out->late, err);
    if (out->late == NULL) return PS_RETRY;
    out->wide = ps_memory_new(PS_DOMAIN_NUMBERS, sizeof *out->wide, err);
    return out->wide == NULL ? PS_RETRY : PS_OK;
}

ps_status ps_domain_counts_open(const ps_domain_counts *whole, ps_domain_counts *out, ps_error *err)
{
    ps_domain_counts counts = {.is_part = whole != NULL};
    ps_status status = ps_intern_open(&counts.names, err);

    if (status != PS_OK) return status;
    if (whole != NULL) {
        counts.whole = whole->whole;
    } else {
        status = open_whole(&counts.whole, err);
    }
    if (status == PS_OK) counts.early = ps_memory_new(PS_DOMAIN_EARLY, sizeof *counts.early, err);
    if (counts.early == NULL) {
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
    ps_memory_free(counts->early);
    if (!counts->is_part) {
        ps_memory_free(counts->whole.wide);
        ps_memory_free(counts->whole.late);
    }
    *counts = (ps_domain_counts){.numbers = 0};
}

// In a word: some of its number's rows are in the wide counts. Without it nobody looks there, for to clear what is zero
// takes memory, too.
#define WIDENED (UINT64_C(1) << 63)
static_assert(PS_DOMAIN_FIELDS * PS_DOMAIN_FIELD_BITS <= 63, "a bit beyond the fields");

static uint64_t field_of(uint64_t word, size_t i)
{
    return word >> (i * PS_DOMAIN_FIELD_BITS) & ((1U << PS_DOMAIN_FIELD_BITS) - 1);
}

// All that counts are is sums, so no order is asked of the threads; who reads them does so when they are done.
static void add_wide(const ps_domain_whole *whole, uint32_t number, uint64_t word)
{
    for (size_t i = 0; i < PS_DOMAIN_FIELDS; i++) {
        if (field_of(word, i) == 0) continue;
        atomic_fetch_add_explicit(&whole->wide[number][i], field_of(word, i), memory_order_relaxed);
    }
}

void ps_domain_counts_widen(ps_domain_counts *counts, uint32_t number)
{
    add_wide(&counts->whole, number, counts->early[number]);
    counts->early[number] = WIDENED;
}

void ps_domain_counts_flush(ps_domain_counts *counts)
{
    _Atomic uint64_t *late = &counts->whole.late[counts->pending_number];
    uint64_t rows = counts->pending;

    counts->pending = 0;
    if (rows == 0) return;
    uint64_t word = atomic_fetch_add_explicit(late, rows, memory_order_relaxed) + rows;
    if (!ps_domain_word_half_full(word)) return;
    add_wide(&counts->whole, counts->pending_number, atomic_exchange_explicit(late, WIDENED, memory_order_relaxed));
}

static void add(struct ps_domain_sum *into, const struct ps_domain_sum *rows)
{
    for (size_t i = 0; i < PS_DOMAIN_FIELDS; i++)
        into->field[i] += rows->field[i];
}

static uint64_t word_of(const ps_domain_counts *counts, size_t number)
{
    if (number < PS_DOMAIN_EARLY) return counts->early[number];
    return atomic_load_explicit(&counts->whole.late[number], memory_order_relaxed);
}

// All rows of a number.
static struct ps_domain_sum rows_of(const ps_domain_counts *counts, size_t number)
{
    const _Atomic uint64_t *wide = counts->whole.wide[number];
    uint64_t word = word_of(counts, number);
    struct ps_domain_sum rows;

    for (size_t i = 0; i < PS_DOMAIN_FIELDS; i++) {
        rows.field[i] = field_of(word, i);
        if ((word & WIDENED) != 0) rows.field[i] += atomic_load_explicit(&wide[i], memory_order_relaxed);
    }
    return rows;
}

static void forget(ps_domain_counts *counts, size_t number)
{
    // Nobody counts any more, so what is in its wide counts is never looked at again.
    if (number < PS_DOMAIN_EARLY) counts->early[number] = 0;
    if (number >= PS_DOMAIN_EARLY) atomic_store_explicit(&counts->whole.late[number], 0, memory_order_relaxed);
}

static uint64_t sum_of(const struct ps_domain_sum *rows)
{
    uint64_t sum = 0;

    for (size_t v = 0; v < PS_VERDICT_COUNT; v++)
        sum += rows->field[v];
    return sum;
}

static ps_status add_named(ps_domain_counts *counts, ps_span name, const struct ps_domain_sum *rows, ps_error *err)
{
    size_t before = counts->names.count;
    uint32_t number;
    // Room first, so that every name has its counts.
    ps_status status =
        ps_memory_grow((void **)&counts->named, &counts->named_capacity, before + 1, sizeof *counts->named, err);
    if (status == PS_OK) status = ps_intern_add(&counts->names, name, &number, err);
    if (status != PS_OK) return status;

    if (number == before) counts->named[number] = (struct ps_domain_sum){.field = {0}};
    add(&counts->named[number], rows);
    return PS_OK;
}

ps_status ps_domain_counts_add_named(ps_domain_counts *counts, ps_span name, ps_verdict verdict, bool ordinary,
                                     ps_error *err)
{
    struct ps_domain_sum row = {.field = {[PS_VERDICT_COUNT] = ordinary}};

    row.field[verdict] = 1;
    return add_named(counts, name, &row, err);
}

// Two words that are not half full do not run over.
static void merge_early(ps_domain_counts *into, const ps_domain_counts *part)
{
    for (uint32_t number = 1; number < PS_DOMAIN_EARLY && number < part->numbers; number++) {
        uint64_t widened = (into->early[number] | part->early[number]) & WIDENED;
        into->early[number] = ((into->early[number] & ~WIDENED) + (part->early[number] & ~WIDENED)) | widened;
        if (ps_domain_word_half_full(into->early[number])) ps_domain_counts_widen(into, number);
    }
}

ps_status ps_domain_counts_merge(ps_domain_counts *into, ps_domain_counts *part, ps_error *err)
{
    ps_status status = PS_OK;

    assert(into->rules == NULL && part->is_part && part->whole.late == into->whole.late);
    ps_domain_counts_flush(part);
    merge_early(into, part);
    if (part->numbers > into->numbers) into->numbers = part->numbers;
    for (size_t i = 0; i < part->names.count && status == PS_OK; i++)
        status = add_named(into, ps_intern_text(&part->names, i), &part->named[i], err);
    return status;
}

// A number's rows go to the name.
static ps_status move_to_name(ps_domain_counts *counts, uint32_t number, ps_span name, ps_error *err)
{
    struct ps_domain_sum rows = rows_of(counts, number);

    if (sum_of(&rows) == 0) return PS_OK;
    ps_status status = add_named(counts, name, &rows, err);
    if (status != PS_OK) return status;
    forget(counts, number);
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
    assert(counts->rules == NULL && !counts->is_part);
    ps_domain_counts_flush(counts);
    counts->rules = rules;
    ps_status status = move_respelt(counts, err);
    return status == PS_OK && counts->names.count > 0 ? move_named(counts, err) : status;
}

static bool tell(ps_span name, const struct ps_domain_sum *rows, ps_domain_count *out)
{
    *out = (ps_domain_count){.name = name, .rows = sum_of(rows), .ordinary = rows->field[PS_VERDICT_COUNT]};
    memcpy(out->verdict, rows->field, sizeof out->verdict);
    return out->rows > 0;
}

bool ps_domain_counts_next(const ps_domain_counts *counts, ps_domain_place *place, ps_domain_count *out)
{
    assert(counts->rules != NULL);
    while (ps_address_domain_next(counts->rules, &place->numbered)) {
        if (place->numbered.number >= counts->numbers) continue;
        struct ps_domain_sum rows = rows_of(counts, place->numbered.number);
        if (tell(place->numbered.name, &rows, out)) return true;
    }
    while (place->named < counts->names.count) {
        size_t number = place->named++;
        if (tell(ps_intern_text(&counts->names, number), &counts->named[number], out)) return true;
    }
    return false;
}
