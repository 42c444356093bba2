#include "table/rows.h"

#include <assert.h>

#include "base/limits.h"
#include "base/memory.h"

// Where the walk over a split stands. All offsets are in what was split.
typedef struct row_walk {
    ps_batch *batch;
    const ps_split *split;
    const char *bytes; // what was split
    uint32_t begin; // of it, in the batch
    uint32_t begin_cell; // its first end's number in batch->split.ends
    size_t columns, slots;
    uint32_t index[PS_MAPPED_MAX]; // of each slot's column
    bool ends_mapped; // the last of the columns is one
    bool plain; // no slot is of a column that the header lacks
    size_t ended; // lines that end with an LF: all, or all but the last of a file
    size_t inner; // the next line end inside quotes
    uint64_t line; // of the next record in the file
    uint32_t first_cell; // of the next record
    ps_wanted wanted; // plain records alone are passed over
} row_walk;

static void begin_walk(ps_batch *batch, const ps_split *split, const ps_rows_place *place, row_walk *out)
{
    const ps_layout *layout = batch->layout;
    size_t slots = layout->mapped_count, past = slots == 0 ? 0 : (size_t)layout->mapped[slots - 1].index + 1;

    *out = (row_walk){
        .batch = batch,
        .split = split,
        .bytes = batch->bytes + place->offset,
        .begin = (uint32_t)place->offset,
        .columns = layout->column_count,
        .slots = slots,
        .ends_mapped = slots > 0 && past == layout->column_count,
        .plain = past <= layout->column_count,
        .line = place->line,
    };
    for (size_t slot = 0; slot < slots; slot++)
        out->index[slot] = layout->mapped[slot].index;
}

static ps_status open_rows(ps_batch *batch, size_t more, ps_error *err)
{
    size_t rows = batch->row_count + more, values = rows * batch->layout->mapped_count;
    ps_status status = ps_memory_grow((void **)&batch->rows, &batch->row_capacity, rows, sizeof *batch->rows, err);

    if (status != PS_OK) return status; // one value at least, so that a row of no mapped cells has an address, too
    return ps_memory_grow((void **)&batch->values, &batch->value_capacity, values + 1, sizeof *batch->values, err);
}

// What stands between a regular cell's quotes, doubled ones taken as one.
static ps_span undouble(ps_span inside, ps_arena *arena)
{
    const char *at = inside.bytes, *end = at + inside.len;
    const char *quote = inside.len == 0 ? NULL : memchr(at, '"', inside.len);

    if (quote == NULL) return inside;
    char *bytes = ps_arena_take(arena, inside.len);
    size_t len = 0;
    for (; quote != NULL; quote = memchr(at, '"', (size_t)(end - at))) {
        size_t piece = (size_t)(quote - at) + 1; // with the first of the two
        memcpy(bytes + len, at, piece);
        len += piece;
        at = quote + 2;
        assert(at <= end);
    }
    memcpy(bytes + len, at, (size_t)(end - at));
    return (ps_span){bytes, len + (size_t)(end - at)};
}

static ps_span value_of(ps_batch *batch, const ps_row *row, size_t index)
{
    ps_cell cell = ps_batch_cell(batch, row, index);
    ps_span raw = {batch->bytes + cell.start, cell.end - cell.start};

    if (raw.len == 0 || raw.bytes[0] != '"') return raw;
    return undouble((ps_span){raw.bytes + 1, raw.len - 2}, &batch->arena);
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

static bool is_too_large(ps_batch *batch, const ps_row *row)
{
    for (size_t i = 0; i < row->cell_count; i++) {
        ps_cell cell = ps_batch_cell(batch, row, i);
        bool may_be = cell.end - cell.start > PS_FIELD_BYTES_MAX; // with its quotes
        if (may_be && value_of(batch, row, i).len > PS_FIELD_BYTES_MAX) return true;
    }
    return false;
}

// A record whose cells hold line ends, of which `inner` is the first, may be several that ran together.
static bool is_run_together(const row_walk *walk, const ps_row *row, size_t inner)
{
    const ps_batch *batch = walk->batch;
    const uint32_t *line_ends = walk->split->inner;

    for (size_t i = 0; i < row->cell_count && inner < walk->inner; i++) {
        ps_cell cell = ps_batch_cell(batch, row, i);
        ps_span raw = {batch->bytes + cell.start, cell.end - cell.start};
        if (walk->begin + line_ends[inner] >= cell.end) continue;
        if (ps_cell_runs_together(raw, batch->layout)) return true;
        while (inner < walk->inner && walk->begin + line_ends[inner] < cell.end)
            inner++;
    }
    return false;
}

// Gives how many line ends stand inside the record's quotes.
static size_t take_inner(row_walk *walk, ps_row *row)
{
    const ps_split *split = walk->split;
    size_t first = walk->inner;

    while (walk->inner < split->inner_count && walk->begin + split->inner[walk->inner] < row->start + row->len)
        walk->inner++;
    row->run_together = is_run_together(walk, row, first);
    if (row->run_together) row->findings |= PS_FIND(COLUMNS);
    return walk->inner - first;
}

// A record that may have any number of cells, line ends inside its quotes, or be too large.
static void take_odd(row_walk *walk, ps_row *row)
{
    ps_batch *batch = walk->batch;

    walk->line += take_inner(walk, row);
    if (row->cell_count != walk->columns) row->findings |= PS_FIND(COLUMNS);
    if (row->len > PS_FIELD_BYTES_MAX && is_too_large(batch, row)) row->findings |= PS_FIND(TOO_LARGE);
    batch->damaged |= row->findings != 0;
    take_values(batch, row);
    batch->row_count++;
}

// A record of any kind, or a blank line, whose end has the number `last`; the last one of a file may end with nothing.
static ps_status take_line(row_walk *walk, uint32_t last, ps_error *err)
{
    ps_batch *batch = walk->batch;
    const uint32_t *ends = walk->split->ends;
    uint32_t start = ends[(ptrdiff_t)walk->first_cell - 1] + 1, end = ends[last], cells = last - walk->first_cell + 1;
    uint32_t body_end = end - (walk->bytes[end - (end > start)] == '\r');

    if (body_end > start) {
        ps_row *row = &batch->rows[batch->row_count];
        if (cells > PS_COLUMNS_MAX) return ps_rows_too_wide(batch, err);
        *row = (ps_row){
            .line = walk->line,
            .place = (uint32_t)(batch->row_count + batch->passed_over),
            .start = walk->begin + start,
            .len = end + (walk->begin + end < batch->len) - start,
            .body_len = body_end - start,
            .first_cell = walk->begin_cell + walk->first_cell,
            .cell_count = (uint16_t)cells,
            .lacks = PS_SPLIT_DOUBTS & ~ps_split_doubts(walk->split, start, body_end),
        };
        take_odd(walk, row);
    }
    walk->first_cell = last + 1;
    walk->line++;
    return PS_OK;
}

// The mapped cells of a plain record, as they stand between their quotes. No branch on a quote: where quoting is
// random, each would be mispredicted.
static inline void take_plain_values(const row_walk *walk, const uint32_t *ends, uint32_t cr, ps_span *values)
{
    const char *bytes = walk->bytes;
    size_t slots = walk->slots;

    for (size_t slot = 0; slot < slots; slot++) {
        size_t index = walk->index[slot];
        uint32_t start = ends[(ptrdiff_t)index - 1] + 1, quote = bytes[start] == '"', begin = start + quote;
        values[slot] = (ps_span){bytes + begin, ends[index] - begin - quote};
    }
    if (walk->ends_mapped) values[slots - 1].len -= cr;
}

// A record that may be over several lines or have doubled quotes in it: apart, since few are. Gives how many line ends
// it holds.
static __attribute__((noinline)) size_t look_inside(row_walk *walk, ps_row *row, ps_span *values)
{
    ps_batch *batch = walk->batch;
    size_t inner = take_inner(walk, row);

    for (size_t slot = 0; slot < walk->slots; slot++)
        values[slot] = undouble(values[slot], &batch->arena);
    batch->damaged |= row->findings != 0;
    return inner;
}

// By halves, which are plain stores: of the whole the compiler makes a `rep stos`, whose begin alone takes as long as
// all else that a plain record needs.
static inline void clear_row(ps_row *row)
{
    enum { HALF = sizeof *row / 2 };

    memset(row, 0, HALF);
    memset((char *)row + HALF, 0, sizeof *row - HALF);
}

// Records that have as many cells as the header, and are not too large: nearly all. From line `i` up to the first that
// is another.
static size_t take_plain(row_walk *walk, size_t i)
{
    ps_batch *batch = walk->batch;
    const ps_split split = *walk->split; // which no row overlaps
    const ps_wanted wanted = walk->wanted;
    const uint32_t columns = (uint32_t)walk->columns;
    uint32_t first = walk->first_cell, start = split.ends[(ptrdiff_t)first - 1] + 1;
    ps_row *row = batch->rows + batch->row_count;
    ps_span *values = ps_batch_values(batch, row);
    uint32_t place = (uint32_t)(batch->row_count + batch->passed_over);
    uint64_t line = walk->line;

    for (; i < walk->ended && split.lines[i] == first + columns - 1; i++, first += columns, place++, line++) {
        const uint32_t *ends = split.ends + first;
        uint32_t begin = start, end = ends[columns - 1], len = end - begin;
        if (len == 0 || len > PS_FIELD_BYTES_MAX) break;
        uint32_t cr = walk->bytes[end - 1] == '\r';
        if (len == cr) break;
        unsigned doubts = ps_split_doubts(&split, begin, end);
        bool plain = (doubts & (PS_SPLIT_DOUBLED | PS_SPLIT_INNER)) == 0;
        start = end + 1;
        if (plain && !ps_wanted_has(&wanted, place)) continue;
        clear_row(row);
        row->cell_count = (uint16_t)columns;
        row->place = place;
        row->line = line;
        row->start = walk->begin + begin;
        row->len = len + 1;
        row->body_len = len - cr;
        row->first_cell = walk->begin_cell + first;
        row->lacks = PS_SPLIT_DOUBTS & ~doubts;
        take_plain_values(walk, ends, cr, values);
        if (!plain) line += look_inside(walk, row, values);
        row++;
        values += walk->slots;
    }
    batch->row_count = (size_t)(row - batch->rows);
    batch->passed_over = place - batch->row_count;
    walk->line = line;
    walk->first_cell = first;
    return i;
}

static ps_status take_lines(row_walk *walk, size_t line_count, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < line_count && status == PS_OK; i++) {
        if (walk->plain) i = take_plain(walk, i);
        if (i < line_count) status = take_line(walk, walk->split->lines[i], err);
    }
    return status;
}

ps_status ps_rows_of_split(ps_batch *batch, ps_error *err)
{
    const ps_split *split = &batch->split;
    const ps_rows_place begin = {0, batch->first_line};
    bool cut_short = split->line_count > 0 && split->ends[split->lines[split->line_count - 1]] == batch->len;
    row_walk walk;

    assert(split->regular);
    ps_status status = open_rows(batch, split->line_count, err);
    if (status != PS_OK) return status;
    begin_walk(batch, split, &begin, &walk);
    walk.ended = split->line_count - cut_short;
    walk.wanted = batch->wanted;
    return take_lines(&walk, split->line_count, err);
}

// What ends before run->good.
static size_t good_lines(const ps_split *run)
{
    size_t count = run->line_count;

    while (count > 0 && run->ends[run->lines[count - 1]] >= run->good)
        count--;
    return count;
}

static void add_ends(ps_batch *batch, size_t count, uint32_t begin)
{
    uint32_t *out = batch->split.ends + batch->split.end_count;

    for (size_t i = 0; i < count; i++)
        out[i] = begin + batch->run.ends[i];
    batch->split.end_count += count;
}

ps_status ps_rows_of_run(ps_batch *batch, ps_rows_place *place, ps_error *err)
{
    const ps_split *run = &batch->run;
    size_t line_count = good_lines(run), end_count = line_count == 0 ? 0 : (size_t)run->lines[line_count - 1] + 1;
    row_walk walk;

    if (line_count == 0) return PS_OK;
    ps_status status = open_rows(batch, line_count, err);
    if (status != PS_OK) return status;
    begin_walk(batch, run, place, &walk);
    walk.begin_cell = (uint32_t)batch->split.end_count;
    walk.ended = line_count;
    add_ends(batch, end_count, walk.begin);
    status = take_lines(&walk, line_count, err);
    place->offset += (size_t)run->ends[end_count - 1] + 1;
    place->line = walk.line;
    return status;
}
