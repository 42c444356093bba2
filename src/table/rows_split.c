#include "table/rows.h"

#include <assert.h>

#include "base/limits.h"
#include "base/memory.h"

enum { ROWS_CLEARED = 4 };

// Where the walk over the split stands.
typedef struct row_walk {
    ps_batch *batch;
    size_t columns, slots;
    uint32_t index[PS_MAPPED_MAX]; // of each slot's column
    bool ends_mapped; // the last of the columns is one
    bool plain; // no slot is of a column that the header lacks
    size_t inner; // the next line end inside quotes
    uint64_t line; // of the next record in the file
    uint32_t first_cell; // of the next record
} row_walk;

static void begin_walk(ps_batch *batch, row_walk *out)
{
    const ps_layout *layout = batch->layout;
    size_t slots = layout->mapped_count, past = slots == 0 ? 0 : (size_t)layout->mapped[slots - 1].index + 1;

    *out = (row_walk){
        .batch = batch,
        .columns = layout->column_count,
        .slots = slots,
        .ends_mapped = slots > 0 && past == layout->column_count,
        .plain = past <= layout->column_count,
        .line = batch->first_line,
    };
    for (size_t slot = 0; slot < slots; slot++)
        out->index[slot] = layout->mapped[slot].index;
}

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

static void take_values(ps_batch *batch, const ps_row *row)
{
    const ps_layout *layout = batch->layout;
    ps_span *values = batch->values + batch->row_count * layout->mapped_count;

    for (size_t slot = 0; slot < layout->mapped_count; slot++) {
        size_t index = layout->mapped[slot].index;
        values[slot] = index < row->cell_count ? value_of(batch, row, index) : (ps_span){NULL, 0};
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

// A record has as many cells as the header, none of them too large, over several lines or with a doubled quote in it:
// most do. No branch on a quote: where quoting is random, each would be mispredicted.
static void take_plain(const row_walk *walk, const ps_row *row)
{
    const char *bytes = walk->batch->bytes;
    const uint32_t *ends = walk->batch->split.ends + row->first_cell;
    size_t slots = walk->slots;
    ps_span *values = walk->batch->values + walk->batch->row_count * slots;

    for (size_t slot = 0; slot < slots; slot++) {
        size_t index = walk->index[slot];
        uint32_t start = ends[(ptrdiff_t)index - 1] + 1, len = ends[index] - start, quote = bytes[start] == '"';
        values[slot] = (ps_span){bytes + start + quote, len - 2 * quote};
    }
    if (walk->ends_mapped) // a CR may end it
        values[slots - 1].len -= ends[walk->columns - 1] - row->start - row->body_len;
}

// Passes the line ends inside quotes that stand before `end`.
static size_t pass_inner(row_walk *walk, uint32_t end)
{
    const ps_split *split = &walk->batch->split;
    size_t before = walk->inner;

    while (walk->inner < split->inner_count && split->inner[walk->inner] < end)
        walk->inner++;
    return walk->inner - before;
}

// One of the others.
static ps_status take_odd(row_walk *walk, ps_row *row, ps_error *err)
{
    ps_batch *batch = walk->batch;
    size_t inner = pass_inner(walk, row->start + row->len);

    if (row->cell_count > PS_COLUMNS_MAX) return ps_rows_too_wide(batch, err);
    if (inner > 0) row->run_together = is_run_together(batch, row);
    if (row->cell_count != batch->layout->column_count || row->run_together) row->findings |= PS_FIND(COLUMNS);
    if (row->len > PS_FIELD_BYTES_MAX && is_too_large(batch, row)) row->findings |= PS_FIND(TOO_LARGE);
    take_values(batch, row);
    walk->line += inner;
    return PS_OK;
}

// Several at once: of a single one the compiler makes a `rep stos`, whose begin alone takes as long as all else here.
static void clear_rows(ps_batch *batch)
{
    size_t left = batch->row_capacity - batch->row_count;

    memset(&batch->rows[batch->row_count], 0, (left < ROWS_CLEARED ? left : ROWS_CLEARED) * sizeof *batch->rows);
}

// The record from `start` on that ends with the end of this number; the last of a file may end with nothing.
static ps_status take_record(row_walk *walk, uint32_t start, uint32_t body_end, uint32_t last, ps_error *err)
{
    ps_batch *batch = walk->batch;
    uint32_t end = batch->split.ends[last];
    unsigned doubts = ps_split_doubts(&batch->split, start, body_end);
    uint32_t cells = last - walk->first_cell + 1;
    ps_row *row = &batch->rows[batch->row_count];

    if (batch->row_count % ROWS_CLEARED == 0) clear_rows(batch);
    row->place = (uint32_t)batch->row_count;
    row->line = walk->line;
    row->start = start;
    row->len = end + (end < batch->len) - start;
    row->body_len = body_end - start;
    row->first_cell = walk->first_cell;
    row->cell_count = (uint16_t)(cells < UINT16_MAX ? cells : UINT16_MAX); // which is too many, too
    row->lacks = PS_SPLIT_DOUBTS & ~doubts;

    ps_status status = PS_OK;
    bool odd = (doubts & (PS_SPLIT_DOUBLED | PS_SPLIT_INNER)) != 0 || end == batch->len;
    if (!odd && walk->plain && row->cell_count == walk->columns && row->len <= PS_FIELD_BYTES_MAX) {
        take_plain(walk, row);
    } else {
        status = take_odd(walk, row, err);
    }
    batch->row_count++;
    return status;
}

ps_status ps_rows_of_split(ps_batch *batch, ps_error *err)
{
    const uint32_t *ends = batch->split.ends, *lines = batch->split.lines;
    row_walk walk;
    ps_status status = open_rows(batch, err);

    assert(batch->split.regular);
    begin_walk(batch, &walk);
    for (size_t i = 0; i < batch->split.line_count && status == PS_OK; i++) {
        uint32_t last = lines[i], start = ends[(ptrdiff_t)walk.first_cell - 1] + 1, end = ends[last];
        uint32_t body_end = end - (batch->bytes[end - (end > start)] == '\r');
        if (body_end > start) status = take_record(&walk, start, body_end, last, err); // else the line is blank
        walk.first_cell = last + 1;
        walk.line++;
    }
    return status;
}
