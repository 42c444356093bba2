// The split in all its forms against libcsv: what it calls regular has the same rows, line numbers, cells and values as
// libcsv finds, as has a piece of which some records are not, and every kind of CPU calls the same pieces regular. The
// input is the delimiter, whether the file ends with the piece, which cells are read and how far back in a page the
// piece is split again, and the CSV.

// layer: table

// replays: 60000

// replays-long: 10000000

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "table/rows.h"
#include "table/scan.h"
#include "table/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(truth)                                                                                                   \
    do {                                                                                                               \
        if (!(truth)) fail(__LINE__, #truth);                                                                          \
    } while (0)

static void fail(int line, const char *text)
{
    fprintf(stderr, "fuzz_split.c:%d: not true: %s\n", line, text);
    abort();
}

static bool equal_numbers(const uint32_t *a, const uint32_t *b, size_t count)
{
    return count == 0 || memcmp(a, b, count * sizeof *a) == 0;
}

static void compare_splits(const ps_split *a, const ps_split *b, size_t len)
{
    CHECK(a->regular == b->regular);
    if (!a->regular) return;
    CHECK(a->open == b->open && a->cut_cr == b->cut_cr && a->blank_count == b->blank_count);
    CHECK(a->end_count == b->end_count && a->line_count == b->line_count && a->inner_count == b->inner_count);
    CHECK(equal_numbers(a->ends, b->ends, a->end_count));
    CHECK(equal_numbers(a->lines, b->lines, a->line_count));
    CHECK(equal_numbers(a->inner, b->inner, a->inner_count));
    CHECK(memcmp(a->doubts, b->doubts, (len + PS_SPLIT_BLOCK - 1) / PS_SPLIT_BLOCK) == 0);
}

static ps_layout layout = {.file = "fuzz", .bad = PS_INPUT, .encoding = PS_ENCODING_UTF8, .column_count = 3};

static const ps_encoding encodings[] = {PS_ENCODING_UTF8, PS_ENCODING_CP932, PS_ENCODING_EUC_JP_MS};

// `every`: cells that the header lacks are mapped, too.
static void fill(ps_batch *batch, ps_span bytes, char delimiter, bool every)
{
    ps_batch_reset(batch);
    layout.delimiter = delimiter;
    layout.encoding = encodings[bytes.len % PS_COUNT_OF(encodings)]; // of what full-width formulas begin with
    layout.mapped_count = every ? PS_MAPPED_MAX : layout.column_count;
    for (uint32_t i = 0; i < PS_MAPPED_MAX; i++)
        layout.mapped[i] = (ps_mapped){PS_COLUMN_NAME, i, false};
    CHECK(ps_batch_room(batch, bytes.len, NULL) == PS_OK);
    CHECK(ps_split_room(&batch->split, bytes.len, NULL) == PS_OK);
    if (bytes.len > 0) memcpy(batch->bytes, bytes.bytes, bytes.len);
    batch->len = bytes.len;
    batch->layout = &layout;
    batch->first_number = 1;
    batch->first_line = 1;
}

static void compare_rows(const ps_batch *a, const ps_batch *b)
{
    CHECK(a->row_count == b->row_count);
    for (size_t i = 0; i < a->row_count; i++) {
        const ps_row *x = &a->rows[i], *y = &b->rows[i];
        CHECK(x->place == y->place && x->line == y->line);
        CHECK(x->start == y->start && x->len == y->len && x->body_len == y->body_len);
        CHECK(x->cell_count == y->cell_count && x->findings == y->findings && x->run_together == y->run_together);
        for (size_t k = 0; k < x->cell_count; k++) {
            ps_cell p = ps_batch_cell(a, x, k), q = ps_batch_cell(b, y, k);
            CHECK(p.start == q.start && p.end == q.end);
        }
        for (size_t k = 0; k < layout.mapped_count; k++)
            CHECK(ps_span_equal(ps_batch_values(a, x)[k], ps_batch_values(b, y)[k]));
        CHECK(ps_record_has_formula(a, x) == ps_record_has_formula(b, y)); // without what the split says of it, too
        ps_span record = {a->bytes + x->start, x->body_len};
        CHECK((x->lacks & PS_SPLIT_HIGH) == 0 || ps_ascii_only(record));
        CHECK(y->lacks == 0);
    }
}

typedef struct work {
    ps_batch batch, reference;
    ps_split split, split_by_bytes;
    char *behind; // some lines, and the piece
    size_t behind_size;
} work;

// By every form, and by the scalar one into `reference`.
static void compare_forms(work *w, ps_span piece, char delimiter, ps_split *reference)
{
    ps_split_scalar(piece, delimiter, reference);
    CHECK(ps_split_room(&w->split, piece.len, NULL) == PS_OK);
    for (ps_cpu cpu = PS_CPU_SCALAR; cpu <= ps_cpu_best(); cpu++) {
        ps_split_for(cpu)(piece, delimiter, &w->split);
        compare_splits(&w->split, reference, piece.len);
    }
}

// Vector forms work out many blocks at once: the piece may stand anywhere in them.
static void compare_behind(work *w, ps_span piece, char delimiter, size_t lines)
{
    enum { LINE_BYTES = 66 };
    size_t before = lines * LINE_BYTES, len = before + piece.len;

    CHECK(ps_memory_grow((void **)&w->behind, &w->behind_size, len + 1, 1, NULL) == PS_OK);
    CHECK(ps_split_room(&w->split_by_bytes, len, NULL) == PS_OK);
    memset(w->behind, 'a', before);
    for (size_t i = 1; i <= lines; i++)
        w->behind[i * LINE_BYTES - 1] = '\n';
    if (piece.len > 0) memcpy(w->behind + before, piece.bytes, piece.len);
    compare_forms(w, (ps_span){w->behind, len}, delimiter, &w->split_by_bytes);
}

static void parse_by_csv(work *w, ps_span bytes, char delimiter)
{
    ps_rows_place begin = {0, 1};

    fill(&w->reference, bytes, delimiter, layout.mapped_count > layout.column_count);
    w->reference.split.end_count = 0;
    CHECK(ps_rows_of_csv(&w->reference, bytes.len, &begin, NULL) == PS_OK);
}

// Any piece as the last of its file.
static void compare_mixed(work *w, ps_span piece, char delimiter)
{
    fill(&w->batch, piece, delimiter, layout.mapped_count > layout.column_count);
    CHECK(ps_rows_of_mixed(&w->batch, NULL) == PS_OK);
    parse_by_csv(w, piece, delimiter);
    compare_rows(&w->batch, &w->reference);
}

// The whole records of a regular piece, by the split and by libcsv; and the scan counts them alike.
static void compare_with_csv(work *w, ps_span piece, char delimiter, bool whole)
{
    ps_split *split = &w->batch.split;
    ps_scan scan;

    if (whole && !ps_split_finish(split, piece.len)) return;
    if (!split->regular || split->line_count == 0) return;
    size_t last = split->ends[split->lines[split->line_count - 1]], len = last < piece.len ? last + 1 : last;
    w->batch.len = len;
    split->end_count = (size_t)split->lines[split->line_count - 1] + 1;
    while (split->inner_count > 0 && split->inner[split->inner_count - 1] >= len)
        split->inner_count--;
    CHECK(ps_batch_parse(&w->batch, NULL) == PS_OK);
    parse_by_csv(w, (ps_span){piece.bytes, len}, delimiter);
    compare_rows(&w->batch, &w->reference);

    ps_scan_init(&scan, delimiter, PS_RECORD_BYTES_MAX);
    ps_scan_add(&scan, (ps_span){piece.bytes, len});
    CHECK(ps_scan_end(&scan) && scan.now.offset == len);
    CHECK(scan.now.records == split->line_count - split->blank_count && scan.now.blank_lines == split->blank_count);
    CHECK(scan.now.lines == split->line_count + split->inner_count - (last == piece.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static work w; // opened once: the address space of a batch is large
    if (size < 2 || strchr(",;\t|", data[0]) == NULL || data[0] == 0) return 0;

    char delimiter = (char)data[0];
    bool whole = (data[1] & 1) != 0;
    ps_span piece = {(const char *)data + 2, size - 2};
    if (w.batch.capacity == 0) {
        CHECK(ps_batch_open(PS_BATCH_BYTES_MIN, &w.batch, NULL) == PS_OK);
        CHECK(ps_batch_open(PS_BATCH_BYTES_MIN, &w.reference, NULL) == PS_OK);
    }
    fill(&w.batch, piece, delimiter, (data[1] & 2) != 0);
    compare_forms(&w, piece, delimiter, &w.batch.split);
    compare_behind(&w, piece, delimiter, data[1] >> 2);
    if (w.batch.split.regular) compare_with_csv(&w, piece, delimiter, whole);
    compare_mixed(&w, piece, delimiter);
    return 0;
}
