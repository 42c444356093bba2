// The scan, the batches and the writer against libcsv over the whole input at once. The input is the delimiter, a
// character that says how small the pieces are (0 is one byte), and the CSV.

// layer: table

// replays: 60000

#include <csv.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "table/batch.h"
#include "table/scan.h"
#include "table/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(truth)                                                                                                   \
    do {                                                                                                               \
        if (!(truth)) fail(__LINE__, #truth);                                                                          \
    } while (0)

static void fail(int line, const char *text)
{
    fprintf(stderr, "fuzz_csv.c:%d: not true: %s\n", line, text);
    abort();
}

// What libcsv makes of the input, fed byte by byte so that it is known where it stood.
typedef struct reference {
    ps_span input;
    size_t at; // the byte it looks at
    ps_buf values;
    size_t *value_ends; // in `values`
    size_t cells, cell_capacity;
    size_t *record_cells; // cells up to the end of each record
    size_t records, record_capacity;
    size_t blank_lines;
    size_t *records_before; // of each offset, one more than the input has
    bool *between; // may be cut there
    bool open_quote; // at the end
} reference;

static int no_space(unsigned char byte)
{
    (void)byte;
    return 0;
}

static void add_number(size_t **numbers, size_t *count, size_t *capacity, size_t number)
{
    CHECK(ps_memory_grow((void **)numbers, capacity, *count + 1, sizeof **numbers, NULL) == PS_OK);
    (*numbers)[(*count)++] = number;
}

static void take_cell(void *value, size_t len, void *context)
{
    reference *ref = context;
    ps_buf_add(&ref->values, value, len);
    add_number(&ref->value_ends, &ref->cells, &ref->cell_capacity, ref->values.len);
}

static void take_end(int byte, void *context)
{
    reference *ref = context;
    size_t before = ref->records == 0 ? 0 : ref->record_cells[ref->records - 1];
    bool second_half = byte == '\n' && ref->at > 0 && ref->input.bytes[ref->at - 1] == '\r';

    if (ref->cells > before) {
        add_number(&ref->record_cells, &ref->records, &ref->record_capacity, ref->cells);
    } else if (!second_half) {
        ref->blank_lines++;
    }
}

// The state that csv_parse keeps; libcsv has no call for it.
enum { ROW_NOT_BEGUN = 0, FIELD_BEGUN = 2 };

static bool may_cut(const reference *ref, size_t offset)
{
    const char *bytes = ref->input.bytes;
    return offset == 0 || bytes[offset - 1] != '\r' || (offset < ref->input.len && bytes[offset] != '\n');
}

static void run_reference(reference *ref, char delimiter)
{
    struct csv_parser parser;
    size_t len = ref->input.len;

    ps_buf_init(&ref->values, 1 << 24);
    ref->records_before = calloc(len + 1, sizeof *ref->records_before);
    ref->between = calloc(len + 1, sizeof *ref->between);
    CHECK(ref->records_before != NULL && ref->between != NULL && csv_init(&parser, CSV_REPALL_NL) == 0);
    csv_set_delim(&parser, (unsigned char)delimiter);
    csv_set_space_func(&parser, no_space);
    for (ref->at = 0; ref->at <= len; ref->at++) {
        ref->records_before[ref->at] = ref->records;
        ref->between[ref->at] = parser.pstate == ROW_NOT_BEGUN && may_cut(ref, ref->at);
        if (ref->at < len) CHECK(csv_parse(&parser, ref->input.bytes + ref->at, 1, take_cell, take_end, ref) == 1);
    }
    ref->at = len;
    ref->open_quote = parser.pstate == FIELD_BEGUN && parser.quoted;
    CHECK(csv_fini(&parser, take_cell, take_end, ref) == 0);
    csv_free(&parser);
}

static void free_reference(reference *ref)
{
    ps_buf_done(&ref->values);
    ps_memory_free(ref->value_ends);
    ps_memory_free(ref->record_cells);
    free(ref->records_before);
    free(ref->between);
}

static ps_span reference_value(const reference *ref, size_t cell)
{
    size_t start = cell == 0 ? 0 : ref->value_ends[cell - 1];
    return (ps_span){ref->values.bytes + start, ref->value_ends[cell] - start};
}

static size_t first_cell_of(const reference *ref, size_t record)
{
    return record == 0 ? 0 : ref->record_cells[record - 1];
}

// ---- batches

static ps_layout layout;

static void set_layout(char delimiter)
{
    layout = (ps_layout){
        .file = "fuzz", .bad = PS_INPUT, .encoding = PS_ENCODING_CP932, .line_end = "crlf", .delimiter = delimiter};
    layout.mapped_count = PS_MAPPED_MAX;
    for (uint32_t i = 0; i < PS_MAPPED_MAX; i++)
        layout.mapped[i] = (ps_mapped){PS_COLUMN_NAME, i, false};
}

static void fill(ps_batch *batch, ps_span bytes)
{
    ps_batch_reset(batch);
    CHECK(ps_batch_room(batch, bytes.len, NULL) == PS_OK);
    if (bytes.len > 0) memcpy(batch->bytes, bytes.bytes, bytes.len);
    batch->len = bytes.len;
    batch->layout = &layout;
    batch->first_number = 1;
    batch->first_line = 1;
}

// Each row's cells are those of the reference's record, from `record` on.
static void compare_cells(const ps_batch *batch, const reference *ref, size_t record)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        const ps_row *row = &batch->rows[i];
        size_t first = first_cell_of(ref, record + i);
        CHECK(row->cell_count == ref->record_cells[record + i] - first);
        for (size_t k = 0; k < row->cell_count && k < PS_MAPPED_MAX; k++) {
            CHECK(ps_span_equal(ps_batch_values(batch, row)[k], reference_value(ref, first + k)));
        }
    }
}

// Rows and blank lines are all there is, and a row written is the row read.
static void compare_bytes(const ps_batch *batch, ps_buf *out)
{
    size_t offset = 0;

    for (size_t i = 0; i < batch->row_count; i++) {
        const ps_row *row = &batch->rows[i];
        for (; offset < row->start; offset++)
            CHECK(batch->bytes[offset] == '\r' || batch->bytes[offset] == '\n');
        CHECK(offset == row->start);
        offset += row->len;
        ps_buf_clear(out);
        ps_write_record(out, batch, row, NULL, NULL, 0);
        CHECK(out->len == row->len + (row->len == row->body_len ? 2 : 0));
        CHECK(memcmp(out->bytes, batch->bytes + row->start, row->len) == 0);
    }
    for (; offset < batch->len; offset++)
        CHECK(batch->bytes[offset] == '\r' || batch->bytes[offset] == '\n');
}

static bool is_guarded(ps_span value)
{
    size_t i = 0;
    while (i < value.len && value.bytes[i] == '\'')
        i++;
    if (i == 0 || i == value.len) return false;
    if (value.bytes[i] != '\0' && strchr("=+-@\t\r\n", value.bytes[i]) != NULL) return true;
    return value.len - i >= 2 && value.bytes[i] == '\x81' && strchr("\x81\x7b\x7c\x97", value.bytes[i + 1]) != NULL &&
           value.bytes[i + 1] != '\0';
}

// Written with one cell replaced, two added, and guarded; read again: the same cells, once one ' is taken off.
static void compare_rewritten(const ps_batch *batch, ps_batch *again, const reference *ref, size_t record)
{
    static const ps_span extra[] = {{"a\"b\r\n", 5}, {"=x", 2}};
    ps_buf out;

    ps_buf_init(&out, 1 << 26);
    for (size_t i = 0; i < batch->row_count; i++) {
        const ps_row *row = &batch->rows[i];
        size_t first = first_cell_of(ref, record + i), count = row->cell_count;
        ps_replacement replacement = {(uint32_t)(count / 2), {"new, \"cell\";\t|", 14}};
        ps_write_record(&out, batch, row, &replacement, extra, 2);
        char *at = ps_buf_room(&out, PS_BODY_GUARDED_MAX(row));
        if (at != NULL) ps_buf_end(&out, ps_put_body_guarded(at, batch, row));
        for (size_t k = 0; k < PS_COUNT_OF(extra); k++) {
            ps_buf_add_char(&out, layout.delimiter);
            ps_write_cell_guarded(&out, extra[k], layout.delimiter);
        }
        char *end = ps_buf_room(&out, PS_LINE_END_MAX);
        if (end != NULL) ps_buf_end(&out, ps_put_line_end(end, batch, row));
        fill(again, ps_buf_span(&out));
        ps_buf_clear(&out);
        CHECK(ps_batch_parse(again, NULL) == PS_OK && again->row_count == 2);
        CHECK(again->rows[0].cell_count == count + 2 && again->rows[1].cell_count == count + 2);
        for (size_t k = 0; k < count && k < PS_MAPPED_MAX; k++) {
            ps_span value = ps_batch_values(again, again->rows)[k],
                    guarded = ps_batch_values(again, again->rows + 1)[k];
            ps_span expected = reference_value(ref, first + k);
            CHECK(ps_span_equal(value, k == count / 2 ? replacement.value : expected));
            if (is_guarded(guarded)) guarded = (ps_span){guarded.bytes + 1, guarded.len - 1};
            CHECK(ps_span_equal(guarded, expected));
        }
        if (count + 2 > PS_MAPPED_MAX) continue;
        CHECK(ps_span_equal(ps_batch_values(again, again->rows)[count + 1], extra[1]));
        CHECK(ps_span_equal(ps_batch_values(again, again->rows + 1)[count], extra[0]));
        CHECK(ps_span_equal(ps_batch_values(again, again->rows + 1)[count + 1], ps_span_of("'=x")));
    }
    ps_buf_done(&out);
}

typedef struct batches {
    ps_batch batch, again;
    ps_buf out;
} batches;

static void check_piece(batches *work, const reference *ref, ps_span piece, uint64_t first_record, uint64_t records)
{
    fill(&work->batch, piece);
    work->batch.record_count = records;
    CHECK(ps_batch_parse(&work->batch, NULL) == PS_OK);
    CHECK(work->batch.row_count == records);
    compare_cells(&work->batch, ref, first_record);
    compare_bytes(&work->batch, &work->out);
    compare_rewritten(&work->batch, &work->again, ref, first_record);
}

// ---- the scan, in steps, and the pieces that it cuts

static void run_scan(batches *work, const reference *ref, char delimiter, size_t step)
{
    ps_scan scan;
    ps_scan_count given = {.offset = 0};
    ps_span input = ref->input;

    ps_scan_init(&scan, delimiter, PS_RECORD_BYTES_MAX);
    for (size_t at = 0; at < input.len; at += step) {
        ps_scan_add(&scan, (ps_span){input.bytes + at, input.len - at < step ? input.len - at : step});
        CHECK(ref->between[scan.cut.offset]);
        CHECK(scan.cut.records == ref->records_before[scan.cut.offset]);
        if (scan.cut.offset == given.offset) continue;
        ps_span piece = {input.bytes + given.offset, (size_t)(scan.cut.offset - given.offset)};
        check_piece(work, ref, piece, given.records, scan.cut.records - given.records);
        given = scan.cut;
    }
    CHECK(ps_scan_end(&scan) == !ref->open_quote);
    CHECK(scan.now.blank_lines == ref->blank_lines);
    if (ref->open_quote) return;
    CHECK(scan.cut.offset == input.len && scan.cut.records == ref->records);
    ps_span rest = {input.bytes + given.offset, (size_t)(input.len - given.offset)};
    if (rest.len > 0) check_piece(work, ref, rest, given.records, scan.cut.records - given.records);
}

static void run_record_at(const reference *ref, char delimiter)
{
    ps_scan_record record = {.end = 0};
    size_t records = 0;

    for (size_t offset = 0; ps_scan_record_at(ref->input, offset, delimiter, true, &record); offset = record.end) {
        CHECK(records < ref->records);
        CHECK(record.cell_count == ref->record_cells[records] - first_cell_of(ref, records));
        records++;
    }
    CHECK(records + (ref->open_quote ? 1 : 0) == ref->records);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static batches work; // opened once: the address space of a batch is large
    if (size < 2 || strchr(",;\t|", data[0]) == NULL || data[0] == 0) return 0;

    char delimiter = (char)data[0];
    size_t step = (size_t)(uint8_t)(data[1] - '0') + 1;
    reference ref = {.input = {(const char *)data + 2, size - 2}};
    if (work.batch.capacity == 0) {
        CHECK(ps_batch_open(PS_BATCH_BYTES_MIN, &work.batch, NULL) == PS_OK);
        CHECK(ps_batch_open(PS_BATCH_BYTES_MIN, &work.again, NULL) == PS_OK);
        ps_buf_init(&work.out, 1 << 26);
    }
    set_layout(delimiter);
    run_reference(&ref, delimiter);
    run_record_at(&ref, delimiter);
    run_scan(&work, &ref, delimiter, step);
    free_reference(&ref);
    return 0;
}
