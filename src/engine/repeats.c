#include "engine/repeats.h"

#include <string.h>

#include "base/memory.h"
#include "stage/row.h"

enum { KIND_SEEN = 1, WORD_BITS = 64 };
enum { PREFETCHED = PS_ROSTER_BLOCK }; // rows ahead: what they touch is on its way while the ones before are noted

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

static ps_status make_room(ps_repeats *repeats, uint64_t last, ps_error *err)
{
    size_t words = last / WORD_BITS + 1;
    ps_status status =
        ps_memory_grow((void **)&repeats->rows.marks, &repeats->rows.capacity, words, sizeof *repeats->rows.marks, err);

    if (status != PS_OK || words <= repeats->rows.words) return status;
    memset(repeats->rows.marks + repeats->rows.words, 0, (words - repeats->rows.words) * sizeof *repeats->rows.marks);
    repeats->rows.words = words;
    return PS_OK;
}

static bool is_marked(const ps_repeats *repeats, uint64_t row)
{
    return (repeats->rows.marks[row / WORD_BITS] >> row % WORD_BITS & 1) != 0;
}

static void mark(ps_repeats *repeats, uint64_t row)
{
    repeats->rows.marks[row / WORD_BITS] |= UINT64_C(1) << row % WORD_BITS;
}

static ps_status note_row(ps_repeats *repeats, ps_hash identity, uint32_t row, ps_error *err)
{
    uint32_t first = row;
    ps_status status = ps_roster_claim(repeats->seen, (ps_roster_key){identity, KIND_SEEN}, row, &first, err);

    if (status != PS_OK || first == row) return status;
    repeats->count += !is_marked(repeats, first);
    mark(repeats, first);
    mark(repeats, row);
    return PS_OK;
}

// Rows with an address, of a batch. The most that the roster adds at once.
typedef struct noted {
    ps_hash identities[PS_ROSTER_BLOCK];
    uint32_t rows[PS_ROSTER_BLOCK];
    size_t count;
} noted;

// Most are new, and are told to be so without a search.
static ps_status note_block(ps_repeats *repeats, noted *block, ps_error *err)
{
    uint64_t left = ps_roster_add_new(repeats->seen, KIND_SEEN, block->identities, block->rows, block->count);
    ps_status status = PS_OK;

    for (; left != 0 && status == PS_OK; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctzll(left);
        status = note_row(repeats, block->identities[i], block->rows[i], err);
    }
    block->count = 0;
    return status;
}

static void prefetch(const ps_repeats *repeats, const ps_facts *facts, const ps_batch *batch, size_t i)
{
    if (i >= batch->row_count || !ps_row_has_key(&batch->rows[i])) return;
    const ps_hash identity = ps_row_identity(facts, &batch->rows[i]);
    ps_roster_prefetch_claims(repeats->seen, &identity, 1);
}

static ps_status note_rows(ps_repeats *repeats, const ps_facts *facts, const ps_batch *batch, ps_error *err)
{
    uint64_t before = repeats->rows.rows_before[batch->file];
    noted block = {.count = 0};
    ps_status status = PS_OK;

    for (size_t i = 0; i < batch->row_count && status == PS_OK; i++) {
        const ps_row *row = &batch->rows[i];
        prefetch(repeats, facts, batch, i + PREFETCHED);
        if (!ps_row_has_key(row)) continue;
        block.identities[block.count] = ps_row_identity(facts, row);
        block.rows[block.count++] = (uint32_t)(before + ps_row_number(batch, row));
        if (block.count == PS_ROSTER_BLOCK) status = note_block(repeats, &block, err);
    }
    return status == PS_OK ? note_block(repeats, &block, err) : status;
}

static ps_status open_roster(ps_repeats *repeats, uint64_t rows_expected, ps_error *err)
{
    ps_status status = repeats->seen == NULL ? ps_roster_new(&repeats->seen, err) : PS_OK;

    if (status == PS_OK && repeats->rows.words == 0) status = ps_roster_reserve(repeats->seen, rows_expected, err);
    return status;
}

ps_status ps_repeats_note(ps_repeats *repeats, const ps_facts *facts, const ps_batch *batch, uint64_t rows_expected,
                          ps_error *err)
{
    if (batch->row_count == 0) return PS_OK;
    note_file(repeats, batch->file, repeats->rows_end);
    uint64_t before = repeats->rows.rows_before[batch->file],
             last = before + ps_row_number(batch, &batch->rows[batch->row_count - 1]);
    if (last > UINT32_MAX) // a row is a value of the roster
        return too_many_rows(err);
    ps_status status = open_roster(repeats, rows_expected, err);
    if (status == PS_OK) status = make_room(repeats, last, err);
    repeats->rows_end = last;
    return status == PS_OK ? note_rows(repeats, facts, batch, err) : status;
}

void ps_repeats_seal(ps_repeats *repeats)
{
    ps_roster_free(repeats->seen);
    repeats->seen = NULL;
}

void ps_repeats_keep(const ps_repeats *repeats, ps_batch *batch)
{
    size_t kept = 0, width = batch->layout->mapped_count;

    for (size_t i = 0; i < batch->row_count; i++) {
        if (!ps_repeated_has(&repeats->rows, batch->file, ps_row_number(batch, &batch->rows[i]))) continue;
        memmove(&batch->values[kept * width], &batch->values[i * width], width * sizeof *batch->values);
        batch->rows[kept++] = batch->rows[i];
    }
    batch->row_count = kept;
}

void ps_repeats_done(ps_repeats *repeats)
{
    ps_repeats_seal(repeats);
    ps_memory_free(repeats->rows.marks);
    *repeats = (ps_repeats){.count = 0};
}
