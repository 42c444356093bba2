#include "table/batch.h"

#include <assert.h>

#include "base/limits.h"
#include "base/memory.h"
#include "table/rows.h"

// Text that a batch makes of its cells is bounded by its bytes: unescaped cells, their UTF-8 (a CP932 byte becomes at
// most 3), folded and rewritten addresses, and the columns that decisions add. 64 times the bytes is far beyond all of
// them, and costs address space only.
enum { ARENA_FACTOR = 64 };
#define ARENA_BYTES_MIN ((size_t)64 << 20)

// An output is at most its records, each with every cell guarded and six cells added; the ceiling is for bugs.
#define OUT_BYTES_MAX ((size_t)1 << 30)

static size_t arena_bytes(size_t bytes_max)
{
    size_t want = bytes_max > PS_ARENA_BATCH_BYTES / ARENA_FACTOR ? PS_ARENA_BATCH_BYTES : bytes_max * ARENA_FACTOR;
    return want < ARENA_BYTES_MIN ? ARENA_BYTES_MIN : want;
}

ps_status ps_batch_room(ps_batch *batch, size_t size, ps_error *err)
{
    return ps_memory_grow((void **)&batch->bytes, &batch->capacity, size, 1, err);
}

ps_status ps_batch_open(size_t bytes_max, ps_batch *out, ps_error *err)
{
    ps_batch batch = {.number = 0};
    // A record may be longer than the batch was meant to be; its text must fit as well.
    size_t text_max = bytes_max < PS_RECORD_BYTES_MAX ? PS_RECORD_BYTES_MAX : bytes_max;

    ps_status status = ps_arena_open(arena_bytes(text_max), &batch.arena, err);
    if (status == PS_OK) status = ps_batch_room(&batch, bytes_max, err);
    if (status != PS_OK) goto done;
    batch.domain_notes = ps_memory_new(PS_DOMAIN_NUMBERS / 64, sizeof *batch.domain_notes, err);
    batch.domain_places = ps_memory_new(PS_DOMAIN_NUMBERS, sizeof *batch.domain_places, err);
    batch.day_texts = ps_memory_new(1, sizeof *batch.day_texts, err);
    batch.why_texts = ps_memory_new(1, sizeof *batch.why_texts, err);
    bool noted = batch.domain_notes != NULL && batch.domain_places != NULL;
    if (!noted || batch.day_texts == NULL || batch.why_texts == NULL) status = PS_RETRY;
    if (status != PS_OK) goto done;
    for (size_t i = 0; i < PS_VERDICT_COUNT; i++)
        ps_buf_init(&batch.out[i], OUT_BYTES_MAX);
    *out = batch;

done:
    if (status != PS_OK) ps_batch_close(&batch);
    return status;
}

void ps_batch_close(ps_batch *batch)
{
    for (size_t i = 0; i < PS_VERDICT_COUNT; i++)
        ps_buf_done(&batch->out[i]);
    ps_memory_free(batch->why_texts);
    ps_memory_free(batch->day_texts);
    ps_memory_free(batch->domain_places);
    ps_memory_free(batch->domain_notes);
    ps_memory_free(batch->values);
    ps_split_done(&batch->split);
    ps_split_done(&batch->run);
    ps_memory_free(batch->rows);
    ps_memory_free(batch->bytes);
    ps_arena_close(&batch->arena);
    *batch = (ps_batch){.number = 0};
}

void ps_batch_reset(ps_batch *batch)
{
    batch->len = 0;
    batch->record_count = 0;
    batch->wanted = (ps_wanted){.marks = NULL};
    batch->row_count = 0;
    batch->damaged = false;
    batch->split.regular = false;
    for (size_t i = 0; i < PS_VERDICT_COUNT; i++) {
        ps_buf_clear(&batch->out[i]);
        batch->out_row_count[i] = 0;
    }
    ps_arena_reset(&batch->arena);
}

static ps_status check_count(const ps_batch *batch, ps_error *err)
{
    if (batch->record_count == 0 || batch->record_count == batch->row_count + batch->passed_over) return PS_OK;
    return ps_error_set(err, PS_BUG, "Two ways to count the records of %s differ: %llu and %zu in batch %llu.",
                        batch->layout->file, (unsigned long long)batch->record_count,
                        batch->row_count + batch->passed_over, (unsigned long long)batch->number);
}

ps_status ps_batch_parse(ps_batch *batch, ps_error *err)
{
    assert(batch->len < UINT32_MAX);
    batch->row_count = batch->passed_over = 0;
    batch->damaged = false;
    ps_status status = ps_split_room(&batch->split, batch->len, err);
    if (status == PS_OK) status = batch->split.regular ? ps_rows_of_split(batch, err) : ps_rows_of_mixed(batch, err);
    return status == PS_OK ? check_count(batch, err) : status;
}
