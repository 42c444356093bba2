#include "table/rows.h"

#include "base/limits.h"
#include "base/memory.h"
#include "table/csv.h"

// The record that is being parsed.
typedef struct row_parse {
    ps_batch *batch;
    ps_rows_place begin; // of what is parsed
    size_t first_cell;
    size_t slot; // the next mapped column
    bool too_large, run_together;
} row_parse;

ps_status ps_rows_too_wide(const ps_batch *batch, ps_error *err)
{
    uint64_t number = batch->first_number + batch->row_count;

    ps_error_set(err, batch->layout->bad,
                 "Record %llu of %s has more than %d cells, so this is not a file of recipients.",
                 (unsigned long long)number, batch->layout->file, PS_COLUMNS_MAX);
    ps_error_hint(err, "Export only the columns that presend needs, and check the delimiter.");
    return batch->layout->bad;
}

// Values of the row: empty until their cell comes, so that a cell that is not there is empty.
static ps_status open_row(row_parse *parse, ps_error *err)
{
    ps_batch *batch = parse->batch;
    size_t mapped = batch->layout->mapped_count;
    size_t values = (batch->row_count + 1) * mapped;

    ps_status status =
        ps_memory_grow((void **)&batch->rows, &batch->row_capacity, batch->row_count + 1, sizeof *batch->rows, err);
    if (status == PS_OK) { // one at least, so that a row of no mapped cells has an address, too
        status = ps_memory_grow((void **)&batch->values, &batch->value_capacity, values == 0 ? 1 : values,
                                sizeof *batch->values, err);
    }
    if (status != PS_OK) return status;
    for (size_t i = 0; i < mapped; i++)
        batch->values[values - mapped + i] = (ps_span){NULL, 0};
    parse->first_cell = batch->split.end_count;
    parse->slot = 0;
    parse->too_large = false;
    parse->run_together = false;
    return PS_OK;
}

// A quote that is not doubled.
static bool has_lone_quote(ps_span inside)
{
    const char *at = inside.bytes, *end = at + inside.len;

    while ((at = memchr(at, '"', (size_t)(end - at))) != NULL) {
        if (at + 1 == end || at[1] != '"') return true;
        at += 2;
    }
    return false;
}

// One @ and no blank: what stands between two delimiters of a record, rather than a word of a note.
static bool is_like_address(ps_span piece)
{
    const char *at = memchr(piece.bytes, '@', piece.len);

    return at != NULL && at != piece.bytes && memchr(piece.bytes, ' ', piece.len) == NULL;
}

// Delimiters for a record, and behind a line break something like a cell that holds an address.
static bool has_record(ps_span inside, const ps_layout *layout)
{
    size_t delimiters = 0, piece = 0;
    bool line_break = false, address = false;

    if (memchr(inside.bytes, '@', inside.len) == NULL) return false;
    for (size_t i = 0; i <= inside.len; i++) {
        bool end = i == inside.len, breaks = !end && (inside.bytes[i] == '\n' || inside.bytes[i] == '\r');
        bool delimits = !end && inside.bytes[i] == layout->delimiter;
        if (!end && !breaks && !delimits) continue;
        address = address || (line_break && is_like_address((ps_span){inside.bytes + piece, i - piece}));
        line_break = line_break || breaks;
        delimiters += delimits;
        piece = i + 1;
    }
    return address && delimiters + 1 >= layout->column_count;
}

// Asked of every quoted cell that holds a line break, and most of them hold notes: by memchr, which looks at 32 bytes
// at once.
bool ps_cell_runs_together(ps_span raw, const ps_layout *layout)
{
    if (raw.len < 2 || raw.bytes[0] != '"') return false;
    const ps_span inside = {raw.bytes + 1, raw.len - 1 - (raw.bytes[raw.len - 1] == '"')};
    bool line_break = memchr(inside.bytes, '\n', inside.len) != NULL || memchr(inside.bytes, '\r', inside.len) != NULL;
    return line_break && (has_lone_quote(inside) || has_record(inside, layout));
}

static void take_value(row_parse *parse, uint32_t index, const ps_csv_cell *cell)
{
    ps_batch *batch = parse->batch;
    const ps_layout *layout = batch->layout;

    if (parse->slot == layout->mapped_count || layout->mapped[parse->slot].index != index) return;
    batch->values[batch->row_count * layout->mapped_count + parse->slot] =
        cell->borrowed ? cell->value : ps_arena_copy(&batch->arena, cell->value);
    parse->slot++;
}

static ps_status take_cell(void *context, const ps_csv_cell *cell, ps_error *err)
{
    row_parse *parse = context;
    ps_batch *batch = parse->batch;
    size_t index = batch->split.end_count - parse->first_cell;
    size_t begin = parse->begin.offset;
    ps_span raw = {batch->bytes + begin + cell->start, cell->end - cell->start};

    if (index == PS_COLUMNS_MAX) return ps_rows_too_wide(batch, err);
    ps_status status = index == 0 ? open_row(parse, err) : PS_OK;
    if (status != PS_OK) return status;
    batch->split.ends[batch->split.end_count++] = (uint32_t)(begin + cell->end);
    if (cell->value.len > PS_FIELD_BYTES_MAX) parse->too_large = true;
    if (ps_cell_runs_together(raw, batch->layout)) parse->run_together = true;
    take_value(parse, (uint32_t)index, cell);
    return PS_OK;
}

static ps_status take_record(void *context, const ps_csv_record *record, ps_error *err)
{
    (void)err; // a record cannot fail: its memory came with its first cell
    row_parse *parse = context;
    ps_batch *batch = parse->batch;
    ps_row *row = &batch->rows[batch->row_count];

    *row = (ps_row){
        .place = (uint32_t)batch->row_count,
        .line = parse->begin.line + record->line,
        .start = (uint32_t)(parse->begin.offset + record->start),
        .len = (uint32_t)(record->end - record->start),
        .body_len = (uint32_t)(record->body_end - record->start),
        .first_cell = (uint32_t)parse->first_cell,
        .cell_count = (uint16_t)record->cell_count,
        .run_together = parse->run_together,
    };
    if (record->cell_count != batch->layout->column_count || parse->run_together) row->findings |= PS_FIND(COLUMNS);
    if (parse->too_large) row->findings |= PS_FIND(TOO_LARGE);
    batch->damaged |= row->findings != 0;
    batch->row_count++;
    parse->first_cell = batch->split.end_count;
    return PS_OK;
}

static uint64_t count_lines(ps_span bytes)
{
    uint64_t lines = 0;

    for (size_t i = 0; i < bytes.len; i++)
        lines += bytes.bytes[i] == '\r' || (bytes.bytes[i] == '\n' && (i == 0 || bytes.bytes[i - 1] != '\r'));
    return lines;
}

ps_status ps_rows_of_csv(ps_batch *batch, size_t to, ps_rows_place *place, ps_error *err)
{
    row_parse parse = {.batch = batch, .begin = *place, .first_cell = batch->split.end_count};
    ps_csv_sink sink = {take_cell, take_record, &parse};
    ps_span bytes = {batch->bytes + place->offset, to - place->offset};

    ps_status status = ps_csv_parse(bytes, batch->layout->delimiter, &sink, err);
    place->line += count_lines(bytes);
    place->offset = to;
    return status;
}
