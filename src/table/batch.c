#include "table/batch.h"

#include <assert.h>

#include "base/limits.h"
#include "base/memory.h"
#include "table/csv.h"

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
    ps_memory_free(batch->values);
    ps_memory_free(batch->cells);
    ps_memory_free(batch->rows);
    ps_memory_free(batch->bytes);
    ps_arena_close(&batch->arena);
    *batch = (ps_batch){.number = 0};
}

void ps_batch_reset(ps_batch *batch)
{
    batch->len = 0;
    batch->record_count = 0;
    batch->row_count = 0;
    batch->cell_count = 0;
    for (size_t i = 0; i < PS_VERDICT_COUNT; i++) {
        ps_buf_clear(&batch->out[i]);
        batch->out_rows[i] = 0;
    }
    ps_arena_reset(&batch->arena);
}

// The record that is being parsed.
typedef struct row_parse {
    ps_batch *batch;
    size_t first_cell;
    size_t slot; // the next mapped column
    bool too_large, run_together;
} row_parse;

static ps_status too_many_cells(const row_parse *parse, ps_error *err)
{
    const ps_batch *batch = parse->batch;
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
    parse->first_cell = batch->cell_count;
    parse->slot = 0;
    parse->too_large = false;
    parse->run_together = false;
    return PS_OK;
}

// What a quoted cell holds.
typedef struct quoted_cell {
    bool line_break, lone_quote; // a quote that is not doubled
    bool address; // behind a line break: something like a cell that holds an address
    size_t delimiters;
} quoted_cell;

// One @ and no blank: what stands between two delimiters of a record, rather than a word of a note.
static bool is_like_address(ps_span piece)
{
    const char *at = memchr(piece.bytes, '@', piece.len);

    return at != NULL && at != piece.bytes && memchr(piece.bytes, ' ', piece.len) == NULL;
}

static quoted_cell look_into(ps_span raw, char delimiter)
{
    quoted_cell seen = {false, false, false, 0};
    size_t piece = 1;

    for (size_t i = 1; i < raw.len; i++) {
        char c = raw.bytes[i];
        bool last = i + 1 == raw.len, quote = c == '"' && !last;
        bool doubled = quote && i + 2 < raw.len && raw.bytes[i + 1] == '"';
        bool line_break = c == '\n' || c == '\r';
        seen.lone_quote = seen.lone_quote || (quote && !doubled);
        if (doubled) i++;
        if (!last && !line_break && c != delimiter) continue;
        seen.address = seen.address || (seen.line_break && is_like_address((ps_span){raw.bytes + piece, i - piece}));
        seen.line_break = seen.line_break || line_break;
        seen.delimiters += c == delimiter;
        piece = i + 1;
    }
    return seen;
}

// An export that does not double its quotes makes one cell of several records, and the number of cells may even be
// right: a recipient would be lost without a word. Such a cell has a line break and a quote that stands alone, or else
// room for a record with an address.
static bool runs_together(const ps_batch *batch, const ps_csv_cell *cell)
{
    ps_span raw = {batch->bytes + cell->start, cell->end - cell->start};

    if (raw.len < 2 || raw.bytes[0] != '"') return false;
    quoted_cell seen = look_into(raw, batch->layout->delimiter);
    bool record = seen.address && seen.delimiters + 1 >= batch->layout->column_count;
    return seen.line_break && (seen.lone_quote || record);
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
    size_t index = batch->cell_count - parse->first_cell;

    if (index == PS_COLUMNS_MAX) return too_many_cells(parse, err);
    ps_status status = PS_OK;
    if (index == 0) status = open_row(parse, err);
    if (status == PS_OK) {
        status = ps_memory_grow((void **)&batch->cells, &batch->cell_capacity, batch->cell_count + 1,
                                sizeof *batch->cells, err);
    }
    if (status != PS_OK) return status;
    batch->cells[batch->cell_count++] = (ps_cell){(uint32_t)cell->start, (uint32_t)cell->end};
    if (cell->value.len > PS_FIELD_BYTES_MAX) parse->too_large = true;
    if (runs_together(batch, cell)) parse->run_together = true;
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
        .number = batch->first_number + batch->row_count,
        .line = batch->first_line + record->line,
        .start = (uint32_t)record->start,
        .len = (uint32_t)(record->end - record->start),
        .body_len = (uint32_t)(record->body_end - record->start),
        .first_cell = (uint32_t)parse->first_cell,
        .cell_count = (uint32_t)record->cell_count,
        .run_together = parse->run_together,
    };
    if (record->cell_count != batch->layout->column_count || parse->run_together) row->findings |= PS_FIND(COLUMNS);
    if (parse->too_large) row->findings |= PS_FIND(TOO_LARGE);
    batch->row_count++;
    parse->first_cell = batch->cell_count;
    return PS_OK;
}

ps_status ps_batch_parse(ps_batch *batch, ps_error *err)
{
    row_parse parse = {.batch = batch};
    ps_csv_sink sink = {take_cell, take_record, &parse};

    assert(batch->len < UINT32_MAX);
    batch->row_count = 0;
    batch->cell_count = 0;
    ps_status status = ps_csv_parse((ps_span){batch->bytes, batch->len}, batch->layout->delimiter, &sink, err);
    if (status != PS_OK) return status;
    if (batch->record_count != 0 && batch->record_count != batch->row_count) {
        return ps_error_set(err, PS_BUG, "Two ways to count the records of %s differ: %llu and %zu in batch %llu.",
                            batch->layout->file, (unsigned long long)batch->record_count, batch->row_count,
                            (unsigned long long)batch->number);
    }
    return PS_OK;
}
