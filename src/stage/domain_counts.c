#include "stage/domain_counts.h"

#include <assert.h>

#include "base/limits.h"
#include "base/memory.h"

// Who fills a word's half empties it before it adds again, so each thread adds once at most beyond the half.
static_assert((1 << (PS_DOMAIN_FIELD_BITS - 1)) - 1 + PS_THREADS_MAX * PS_DOMAIN_PENDING_MAX <
                  1 << PS_DOMAIN_FIELD_BITS,
              "no field runs over into the next");

static ps_status open_whole(const char *folder, ps_domain_whole *out, ps_error *err)
{
    if (folder != NULL) {
        out->file = ps_memory_new(1, sizeof *out->file, err);
        if (out->file == NULL) return PS_RETRY;
        ps_domain_file_init(folder, out->file);
    }
    // Address space, most of it: pages are taken as they are written to.
    out->late = ps_memory_new(PS_DOMAIN_NUMBERS, sizeof *out->late, err);
    if (out->late == NULL) return PS_RETRY;
    out->wide = ps_memory_new(PS_DOMAIN_NUMBERS, sizeof *out->wide, err);
    return out->wide == NULL ? PS_RETRY : PS_OK;
}

ps_status ps_domain_counts_open(const ps_domain_counts *whole, const char *folder, ps_domain_counts *out, ps_error *err)
{
    ps_domain_counts counts = {.is_part = whole != NULL};
    ps_status status = PS_OK;

    if (whole != NULL) counts.whole = whole->whole;
    if (whole == NULL) status = open_whole(folder, &counts.whole, err);
    if (status == PS_OK) status = ps_domain_names_open(counts.whole.file, &counts.named, err);
    if (status == PS_OK) counts.early = ps_memory_new(PS_DOMAIN_EARLY, sizeof *counts.early, err);
    if (counts.early == NULL) {
        ps_domain_counts_close(&counts);
        return PS_RETRY;
    }
    *out = counts;
    return PS_OK;
}

static void close_whole(ps_domain_whole *whole)
{
    if (whole->file != NULL) ps_domain_file_done(whole->file);
    ps_memory_free(whole->file);
    ps_memory_free(whole->wide);
    ps_memory_free(whole->late);
}

void ps_domain_counts_close(ps_domain_counts *counts)
{
    ps_domain_names_close(&counts->named);
    ps_memory_free(counts->early);
    if (!counts->is_part) close_whole(&counts->whole);
    *counts = (ps_domain_counts){.numbers = 0};
}

// Beyond the fields of a word. Some of its number's rows are in the wide counts: without it nobody looks there, for to
// clear what is zero takes memory, too.
#define WIDENED (UINT64_C(1) << 63)
// The number's rows are told under the name.
#define NAMED (UINT64_C(1) << 62)

// All that counts are is sums, so no order is asked of the threads; who reads them does so when they are done.
static void add_wide(const ps_domain_whole *whole, uint32_t number, uint64_t word)
{
    for (size_t i = 0; i < PS_DOMAIN_FIELDS; i++) {
        if (ps_domain_word_field(word, i) == 0) continue;
        atomic_fetch_add_explicit(&whole->wide[number][i], ps_domain_word_field(word, i), memory_order_relaxed);
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

static uint64_t word_of(const ps_domain_counts *counts, size_t number)
{
    if (number < PS_DOMAIN_EARLY) return counts->early[number];
    return atomic_load_explicit(&counts->whole.late[number], memory_order_relaxed);
}

// All rows of a number.
static ps_domain_sum rows_of(const ps_domain_counts *counts, size_t number)
{
    const _Atomic uint64_t *wide = counts->whole.wide[number];
    uint64_t word = word_of(counts, number);
    ps_domain_sum rows;

    for (size_t i = 0; i < PS_DOMAIN_FIELDS; i++) {
        rows.field[i] = ps_domain_word_field(word, i);
        if ((word & WIDENED) != 0) rows.field[i] += atomic_load_explicit(&wide[i], memory_order_relaxed);
    }
    return rows;
}

static void set_word(ps_domain_counts *counts, size_t number, uint64_t word)
{
    if (number < PS_DOMAIN_EARLY) counts->early[number] = word;
    if (number >= PS_DOMAIN_EARLY) atomic_store_explicit(&counts->whole.late[number], word, memory_order_relaxed);
}

ps_status ps_domain_counts_add_named(ps_domain_counts *counts, ps_span name, ps_verdict verdict, bool ordinary,
                                     ps_error *err)
{
    ps_domain_sum row = {.field = {[PS_VERDICT_COUNT] = ordinary}};

    row.field[verdict] = 1;
    return ps_domain_names_add(&counts->named, name, &row, err);
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
    assert(into->rules == NULL && part->is_part && part->whole.late == into->whole.late);
    ps_domain_counts_flush(part);
    merge_early(into, part);
    if (part->numbers > into->numbers) into->numbers = part->numbers;
    return ps_domain_names_merge(&into->named, &part->named, err);
}

// A number's rows go to the name, and are forgotten.
static ps_status move_to_name(ps_domain_counts *counts, uint32_t number, ps_span name, ps_error *err)
{
    ps_domain_sum rows = rows_of(counts, number);

    if (ps_domain_sum_rows(&rows) == 0) return PS_OK;
    set_word(counts, number, 0); // nobody counts any more, so what is in its wide counts is never looked at again
    return ps_domain_names_add(&counts->named, name, &rows, err);
}

// A domain that is spelt in several ways has as many numbers; its rows are counted under its name, with those that had
// no number.
ps_status ps_domain_counts_settle(ps_domain_counts *counts, const ps_address_rules *rules, ps_error *err)
{
    ps_numbered_domain domain = {.number = 0};
    ps_status status = PS_OK;

    assert(counts->rules == NULL && !counts->is_part);
    ps_domain_counts_flush(counts);
    counts->rules = rules;
    while (status == PS_OK && ps_address_domain_next(rules, &domain)) {
        if (domain.number < counts->numbers && domain.respelt)
            status = move_to_name(counts, domain.number, domain.name, err);
    }
    return status == PS_OK ? ps_domain_names_seal(&counts->named, &counts->parts, err) : status;
}

static void tell(ps_span name, const ps_domain_sum *rows, ps_domain_take *take, void *context)
{
    ps_domain_count domain = {
        .name = name, .rows = ps_domain_sum_rows(rows), .ordinary = rows->field[PS_VERDICT_COUNT]};

    memcpy(domain.verdict, rows->field, sizeof domain.verdict);
    if (domain.rows > 0) take(context, &domain);
}

// Names with the rows of the number that the name itself has, which is then told of no more.
static void tell_named(ps_domain_counts *counts, ps_domain_take *take, void *context)
{
    const ps_domain_names *named = &counts->named;

    for (size_t i = 0; i < named->names.count; i++) {
        ps_span name = ps_intern_text(&named->names, i);
        ps_domain_sum rows = named->sums[i];
        uint32_t number = ps_address_domain_number(counts->rules, name);
        if (number > 0 && number < counts->numbers) {
            ps_domain_sum own = rows_of(counts, number);
            ps_domain_sum_add(&rows, &own);
            set_word(counts, number, word_of(counts, number) | NAMED);
        }
        tell(name, &rows, take, context);
    }
}

static void tell_numbered(const ps_domain_counts *counts, ps_domain_take *take, void *context)
{
    ps_numbered_domain domain = {.number = 0};

    while (ps_address_domain_next(counts->rules, &domain)) {
        if (domain.number >= counts->numbers || (word_of(counts, domain.number) & NAMED) != 0) continue;
        ps_domain_sum rows = rows_of(counts, domain.number);
        tell(domain.name, &rows, take, context);
    }
}

ps_status ps_domain_counts_each(ps_domain_counts *counts, ps_domain_take *take, void *context, ps_error *err)
{
    ps_status status = PS_OK;

    assert(counts->rules != NULL);
    for (size_t part = 0; part < counts->parts && status == PS_OK; part++) {
        status = ps_domain_names_read(&counts->named, part, err);
        if (status == PS_OK) tell_named(counts, take, context);
    }
    if (status == PS_OK) tell_numbered(counts, take, context);
    return status;
}
