#include "engine/repeats.h"

#include <string.h>

#include "base/memory.h"
#include "stage/row.h"

enum { WORD_BITS = 64 };

static ps_status too_many_rows(ps_error *err)
{
    ps_error_set(err, PS_INPUT, "The recipients have more than %u rows, too many to look for duplicates in.",
                 UINT32_MAX);
    ps_error_hint(err, "Split the list into several jobs.");
    return PS_INPUT;
}

// Files come one after the other, so whatever was counted last is before a new one.
static void note_file(ps_repeats *repeats, uint32_t file, uint64_t rows_before)
{
    for (; repeats->file < file; repeats->file++)
        repeats->rows.rows_before[repeats->file + 1] = rows_before;
}

static ps_status make_marks(uint64_t **marks, size_t *capacity, size_t before, size_t words, ps_error *err)
{
    ps_status status = ps_memory_grow((void **)marks, capacity, words, sizeof **marks, err);

    if (status == PS_OK) memset(*marks + before, 0, (words - before) * sizeof **marks);
    return status;
}

static ps_status make_room(ps_repeats *repeats, uint64_t last, ps_error *err)
{
    ps_repeated *rows = &repeats->rows;
    size_t words = last / WORD_BITS + 1;

    if (words <= rows->words) return PS_OK;
    ps_status status = make_marks(&rows->marks, &rows->capacity, rows->words, words, err);
    if (status == PS_OK) status = make_marks(&rows->later, &rows->later_capacity, rows->words, words, err);
    if (status == PS_OK) rows->words = words;
    return status;
}

static void mark(uint64_t *marks, uint64_t row)
{
    marks[row / WORD_BITS] |= UINT64_C(1) << row % WORD_BITS;
}

// Rows with an address, of a batch.
typedef struct noted {
    ps_hash identities[PS_FIRST_ROWS_BLOCK];
    uint32_t rows[PS_FIRST_ROWS_BLOCK];
    size_t count;
} noted;

static ps_status note_block(ps_repeats *repeats, const noted *block, ps_error *err)
{
    uint32_t firsts[PS_FIRST_ROWS_BLOCK];

    memcpy(firsts, block->rows, block->count * sizeof *firsts);
    ps_status status = ps_first_rows_claim(&repeats->seen, block->identities, firsts, block->count, err);
    for (size_t i = 0; i < block->count && status == PS_OK; i++) {
        if (firsts[i] == block->rows[i]) continue;
        repeats->count += !ps_repeated_marked(&repeats->rows, repeats->rows.marks, firsts[i]);
        mark(repeats->rows.marks, firsts[i]);
        mark(repeats->rows.marks, block->rows[i]);
        mark(repeats->rows.later, block->rows[i]);
    }
    return status;
}

// The next rows with an address, from row `from` on; gives where those behind them begin.
static size_t take_block(const ps_facts *facts, const ps_batch *batch, uint64_t before, size_t from, noted *out)
{
    size_t i = from;

    out->count = 0;
    for (; i < batch->row_count && out->count < PS_FIRST_ROWS_BLOCK; i++) {
        const ps_row *row = &batch->rows[i];
        out->identities[out->count] = ps_row_identity(facts, row);
        out->rows[out->count] = (uint32_t)(before + ps_row_number(batch, row));
        out->count += ps_row_has_key(row);
    }
    return i;
}

// What a block touches is on its way while the one before is noted.
static ps_status note_rows(ps_repeats *repeats, const ps_facts *facts, const ps_batch *batch, ps_error *err)
{
    uint64_t before = repeats->rows.rows_before[batch->file];
    noted blocks[2], *now = &blocks[0], *next = &blocks[1];
    size_t from = take_block(facts, batch, before, 0, now);
    ps_status status = PS_OK;

    while (now->count > 0 && status == PS_OK) {
        from = take_block(facts, batch, before, from, next);
        ps_first_rows_prefetch(&repeats->seen, next->identities, next->count);
        status = note_block(repeats, now, err);
        noted *noted_now = now;
        now = next;
        next = noted_now;
    }
    return status;
}

ps_status ps_repeats_note(ps_repeats *repeats, const ps_facts *facts, const ps_batch *batch, uint64_t rows_expected,
                          ps_error *err)
{
    if (batch->row_count == 0) return PS_OK;
    note_file(repeats, batch->file, repeats->rows_end);
    uint64_t before = repeats->rows.rows_before[batch->file],
             last = before + ps_row_number(batch, &batch->rows[batch->row_count - 1]);
    if (last > UINT32_MAX) // a row takes half a word
        return too_many_rows(err);
    bool first = repeats->seen.count == 0;
    ps_status status = first ? ps_first_rows_open(&repeats->seen, rows_expected, err) : PS_OK;
    if (status == PS_OK) status = make_room(repeats, last, err);
    repeats->rows_end = last;
    return status == PS_OK ? note_rows(repeats, facts, batch, err) : status;
}

void ps_repeats_seal(ps_repeats *repeats)
{
    ps_first_rows_close(&repeats->seen);
}

void ps_repeats_want(const ps_repeats *repeats, ps_batch *batch)
{
    batch->wanted = (ps_wanted){
        .marks = repeats->rows.marks,
        .from = repeats->rows.rows_before[batch->file] + batch->first_number,
        .end = repeats->rows.words * WORD_BITS,
    };
}

static void keep(const ps_repeats *repeats, const uint64_t *marks, ps_batch *batch)
{
    size_t kept = 0, width = batch->layout->mapped_count;
    uint64_t before = repeats->rows.rows_before[batch->file];

    for (size_t i = 0; i < batch->row_count; i++) {
        if (!ps_repeated_marked(&repeats->rows, marks, before + ps_row_number(batch, &batch->rows[i]))) continue;
        memmove(&batch->values[kept * width], &batch->values[i * width], width * sizeof *batch->values);
        batch->rows[kept++] = batch->rows[i];
    }
    batch->row_count = kept;
}

void ps_repeats_keep(const ps_repeats *repeats, ps_batch *batch)
{
    keep(repeats, repeats->rows.marks, batch);
}

void ps_repeats_keep_later(const ps_repeats *repeats, ps_batch *batch)
{
    keep(repeats, repeats->rows.later, batch);
}

void ps_repeats_done(ps_repeats *repeats)
{
    ps_repeats_seal(repeats);
    ps_memory_free(repeats->rows.marks);
    ps_memory_free(repeats->rows.later);
    *repeats = (ps_repeats){.count = 0};
}
