#include "table/rows.h"

#include <assert.h>

#include "base/limits.h"
#include "base/memory.h"

// Where the walk over the split stands.
typedef struct row_walk {
    ps_batch *batch;
    size_t inner; // the next line end inside quotes
    uint64_t line; // of `start` in the file
    uint32_t first_cell, start; // of the next record
} row_walk;

static ps_status open_rows(ps_batch *batch, ps_error *err)
{
    size_t rows = batch->split.line_count, values = rows * batch->layout->mapped_count;
    ps_status status = ps_memory_grow((void **)&batch->rows, &batch->row_capacity, rows, sizeof *batch->rows, err);

    if (status != PS_OK) return status; // one value at least, so that a row of no mapped cells has an address, too
    return ps_memory_grow((void **)&batch->values, &batch->value_capacity, values + 1, sizeof *batch->values, err);
}

// What stands in a regular cell between its quotes, doubled ones taken as one.
static ps_span unquote(ps_span raw, ps_arena *arena)
{
    ps_span value = {raw.bytes + 1, raw.len - 2};
    size_t len = 0;

    if (value.len == 0 || memchr(value.bytes, '"', value.len) == NULL) return value;
    char *bytes = ps_arena_take(arena, value.len);
    for (size_t i = 0; i < value.len; i++) {
        bytes[len++] = value.bytes[i];
        i += value.bytes[i] == '"';
    }
    return (ps_span){bytes, len};
}

static ps_span value_of(ps_batch *batch, const ps_row *row, size_t index)
{
    ps_cell cell = ps_batch_cell(batch, row, index);
    ps_span raw = {batch->bytes + cell.start, cell.end - cell.start};

    return raw.len > 0 && raw.bytes[0] == '"' ? unquote(raw, &batch->arena) : raw;
}

// The same of a record in which no quote is doubled. No branch on a quote: where quoting is random, each would be
// mispredicted.
static ps_span plain_value_of(const ps_batch *batch, const ps_row *row, size_t index)
{
    ps_cell cell = ps_batch_cell(batch, row, index);
    size_t len = cell.end - cell.start, begin = len > 0 ? cell.start : 0; // behind the last cell there may be nothing
    size_t quotes = (unsigned)(len > 0) & (unsigned)(batch->bytes[begin] == '"');

    return (ps_span){batch->bytes + cell.start + quotes, len - 2 * quotes};
}

static void take_values(ps_batch *batch, const ps_row *row)
{
    const ps_layout *layout = batch->layout;
    ps_span *values = batch->values + batch->row_count * layout->mapped_count;
    bool plain = !ps_split_doubts(&batch->split, row->start, row->start + row->body_len, PS_SPLIT_DOUBLED);

    for (size_t slot = 0; slot < layout->mapped_count; slot++) {
        size_t index = layout->mapped[slot].index;
        if (index >= row->cell_count) {
            values[slot] = (ps_span){NULL, 0};
        } else {
            values[slot] = plain ? plain_value_of(batch, row, index) : value_of(batch, row, index);
        }
    }
}

// A record whose cells hold line ends may be several that ran together.
static bool is_run_together(const ps_batch *batch, const ps_row *row)
{
    for (size_t i = 0; i < row->cell_count; i++) {
        ps_cell cell = ps_batch_cell(batch, row, i);
        if (ps_cell_runs_together((ps_span){batch->bytes + cell.start, cell.end - cell.start}, batch->layout))
            return true;
    }
    return false;
}

static bool is_too_large(ps_batch *batch, const ps_row *row)
{
    for (size_t i = 0; i < row->cell_count; i++) {
        ps_cell cell = ps_batch_cell(batch, row, i);
        bool may_be = cell.end - cell.start > PS_FIELD_BYTES_MAX; // with its quotes
        if (may_be && value_of(batch, row, i).len > PS_FIELD_BYTES_MAX) return true;
    }
    return false;
}

static void take_record(row_walk *walk, ps_row *row, bool has_inner)
{
    ps_batch *batch = walk->batch;

    if (has_inner) row->run_together = is_run_together(batch, row);
    if (row->cell_count != batch->layout->column_count || row->run_together) row->findings |= PS_FIND(COLUMNS);
    if (row->len > PS_FIELD_BYTES_MAX && is_too_large(batch, row)) row->findings |= PS_FIND(TOO_LARGE);
    take_values(batch, row);
    batch->row_count++;
}

// The record or blank line that ends with the end of this number. The last of a file may end with nothing.
static ps_status take_line(row_walk *walk, uint32_t last, ps_error *err)
{
    ps_batch *batch = walk->batch;
    const ps_split *split = &batch->split;
    uint32_t end = split->ends[last], cells = last - walk->first_cell + 1;
    uint32_t body_end = end > walk->start && batch->bytes[end - 1] == '\r' ? end - 1 : end;
    ps_row *row = &batch->rows[batch->row_count];
    size_t inner = walk->inner;

    while (walk->inner < split->inner_count && split->inner[walk->inner] < end)
        walk->inner++;
    if (body_end > walk->start) {
        if (cells > PS_COLUMNS_MAX) return ps_rows_too_wide(batch, err);
        *row = (ps_row){
            .number = batch->first_number + batch->row_count,
            .line = walk->line,
            .start = walk->start,
            .len = (end < batch->len ? end + 1 : end) - walk->start,
            .body_len = body_end - walk->start,
            .first_cell = walk->first_cell,
            .cell_count = cells,
        };
        take_record(walk, row, walk->inner > inner);
    }
    walk->line += 1 + walk->inner - inner;
    walk->first_cell = last + 1;
    walk->start = end + 1;
    return PS_OK;
}

ps_status ps_rows_of_split(ps_batch *batch, ps_error *err)
{
    row_walk walk = {.batch = batch, .line = batch->first_line};
    ps_status status = open_rows(batch, err);

    assert(batch->split.regular);
    for (size_t i = 0; i < batch->split.line_count && status == PS_OK; i++)
        status = take_line(&walk, batch->split.lines[i], err);
    return status;
}
