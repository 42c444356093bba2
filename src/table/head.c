#include "table/head.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "table/csv.h"
#include "table/scan.h"

// What is known while the head is taken apart.
typedef struct head_read {
    const ps_head_options *options;
    ps_arena *arena;
    ps_decoder *decoder; // of cells
    char *room; // of the text
    ps_span text; // the stream's first bytes
    bool whole; // and its last
    ps_layout *layout;
} head_read;

// Cells of some records, decoded, row after row.
typedef struct cell_list {
    const head_read *head;
    ps_span *cells;
    size_t count, max;
    size_t rows, column_count; // 0 columns: any number of them
    size_t row_begin;
    bool too_many;
} cell_list;

static ps_status take_cell(void *context, const ps_csv_cell *cell, ps_error *err)
{
    (void)err; // decoding cannot fail: U+FFFD stands for what is no text
    cell_list *list = context;

    if (list->count == list->max) {
        list->too_many = true;
        return PS_OK;
    }
    ps_span value = cell->borrowed ? cell->value : ps_arena_copy(list->head->arena, cell->value);
    ps_decoder_cell(list->head->decoder, value, list->head->arena,
                    &list->cells[list->count++]); // nothing is refused for it
    return PS_OK;
}

// A row with other than the header's number of cells says nothing of any column.
static ps_status take_record(void *context, const ps_csv_record *record, ps_error *err)
{
    (void)err;
    cell_list *list = context;

    if (list->column_count != 0 && record->cell_count != list->column_count) {
        list->count = list->row_begin;
        return PS_OK;
    }
    list->row_begin = list->count;
    list->rows++;
    return PS_OK;
}

static ps_status read_cells(cell_list *list, ps_span bytes, ps_error *err)
{
    ps_csv_sink sink = {take_cell, take_record, list};
    return ps_csv_parse(bytes, list->head->layout->delimiter, &sink, err);
}

static ps_status too_many_columns(const head_read *head, ps_error *err)
{
    ps_error_set(err, head->options->bad, "%s has more than %d columns, so it is not a file of recipients.",
                 head->layout->file, PS_COLUMNS_MAX);
    ps_error_hint(err, "Export only the columns that presend needs, and check the delimiter.");
    return head->options->bad;
}

static uint64_t count_lines(ps_span bytes)
{
    uint64_t lines = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        bool second_half = bytes.bytes[i] == '\n' && i > 0 && bytes.bytes[i - 1] == '\r';
        if ((bytes.bytes[i] == '\n' && !second_half) || bytes.bytes[i] == '\r') lines++;
    }
    return lines;
}

// No first record: why?
static ps_status no_record(const head_read *head, size_t begin, ps_error *err)
{
    const char *file = head->layout->file;
    ps_scan scan;

    ps_scan_init(&scan, head->layout->delimiter, PS_RECORD_BYTES_MAX);
    ps_scan_add(&scan, (ps_span){head->text.bytes + begin, head->text.len - begin});
    if (scan.state == PS_SCAN_QUOTED) {
        uint64_t line = count_lines((ps_span){head->text.bytes, begin}) + scan.quote_line + 1;
        ps_error_set(err, head->options->bad, "In %s the quote that opens in line %llu is not closed.", file,
                     (unsigned long long)line);
    } else if (!head->whole && scan.state != PS_SCAN_ROW) {
        ps_error_set(err, head->options->bad, "The first record of %s is longer than 1 MiB: no header is.", file);
    } else {
        ps_error_set(err, head->options->bad, "%s holds nothing but blank lines: it has not even a header.", file);
    }
    ps_error_hint(err, "Export the file again.");
    return head->options->bad;
}

// A part of the text that cells may point into. The whole of it would be a megabyte of each file, as long as it is
// open.
static ps_span kept(const head_read *head, size_t from, size_t to)
{
    return ps_arena_copy(head->arena, (ps_span){head->text.bytes + from, to - from});
}

// The first record, which says how many columns there are.
static ps_status read_names(head_read *head, const ps_scan_record *first, ps_error *err)
{
    cell_list list = {.head = head, .max = first->cell_count};

    head->layout->column_count = first->cell_count;
    if (first->cell_count > PS_COLUMNS_MAX) return too_many_columns(head, err);
    if (head->options->headerless) return PS_OK;
    list.cells = ps_arena_take(head->arena, list.max * sizeof *list.cells);
    ps_status status = read_cells(&list, kept(head, first->start, first->end), err);
    head->layout->names = list.cells;
    return status;
}

static ps_status read_sample(const head_read *head, ps_head *out, ps_error *err)
{
    cell_list list = {.head = head, .column_count = head->layout->column_count};
    ps_scan_record record = {.end = out->begin};
    size_t records = 0;

    while (records < PS_HEADER_SAMPLE_RECORDS &&
           ps_scan_record_at(head->text, record.end, head->layout->delimiter, head->whole, &record)) {
        records++;
        list.max += record.cell_count;
    }
    list.cells = ps_arena_take(head->arena, list.max * sizeof *list.cells);
    ps_status status = read_cells(&list, kept(head, out->begin, record.end), err);
    out->sample = list.cells;
    out->sample_rows = list.rows;
    return status;
}

static void fill_preamble(head_read *head, size_t len)
{
    head->layout->preamble = ps_arena_copy(head->arena, (ps_span){head->text.bytes, len});
    head->layout->first_line = count_lines((ps_span){head->text.bytes, len}) + 1;
}

static ps_status read_layout(head_read *head, ps_head *out, ps_error *err)
{
    ps_dialect dialect;
    ps_scan_record first;
    ps_layout *layout = head->layout;
    ps_dialect_sample sample = {.text = head->text,
                                .whole = head->whole,
                                .encoding = layout->encoding,
                                .delimiter = head->options->delimiter,
                                .file = layout->file,
                                .bad = head->options->bad};

    ps_status status = ps_dialect_find(&sample, &dialect, err);
    if (status != PS_OK) return status;
    layout->delimiter = dialect.delimiter;
    layout->line_end = dialect.line_end;
    if (!ps_scan_record_at(head->text, dialect.begin, layout->delimiter, head->whole, &first)) {
        return no_record(head, dialect.begin, err);
    }
    status = read_names(head, &first, err);
    if (status != PS_OK) return status;
    out->begin = layout->headerless ? dialect.begin : first.end;
    if (!layout->headerless)
        out->blank_lines = count_lines((ps_span){head->text.bytes + dialect.begin, first.start - dialect.begin});
    fill_preamble(head, out->begin);
    return read_sample(head, out, err);
}

static ps_status read_text(ps_stream *stream, head_read *head, ps_error *err)
{
    size_t len = 0;

    head->room = ps_memory_new(PS_ENCODING_SAMPLE_BYTES, 1, err);
    if (head->room == NULL) return PS_RETRY;
    ps_status status = ps_stream_read(stream, head->room, PS_ENCODING_SAMPLE_BYTES, &len, err);
    head->text = (ps_span){head->room, len};
    head->whole = stream->end;
    return status;
}

ps_status ps_head_read(ps_stream *stream, const ps_head_options *options, ps_arena *arena, ps_head *out, ps_error *err)
{
    ps_head head = {.layout = {.file = ps_source_shown(stream->source),
                               .bad = options->bad,
                               .stored = stream->stored,
                               .encoding = stream->encoding,
                               .encoding_declared = stream->declared,
                               .bom = stream->bom || stream->stored != stream->encoding,
                               .headerless = options->headerless}};
    head_read read = {.options = options, .arena = arena, .layout = &head.layout};

    ps_status status = ps_decoder_open(stream->encoding, &read.decoder, err);
    if (status != PS_OK) return status;
    status = read_text(stream, &read, err);
    if (status == PS_OK) status = read_layout(&read, &head, err);
    ps_decoder_close(read.decoder);
    ps_memory_free(read.room);
    if (status == PS_OK) *out = head;
    return status;
}
