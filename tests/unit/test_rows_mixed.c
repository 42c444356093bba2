// A batch of which some records are not regular has the rows that libcsv alone gives.
// layer: table

#include "assert.h"

#include "base/buf.h"
#include "base/limits.h"
#include "table/rows.h"

enum { RECORDS = 3000 };

static const ps_layout layout = {
    .file = "list.csv",
    .bad = PS_INPUT,
    .encoding = PS_ENCODING_UTF8,
    .delimiter = ',',
    .column_count = 3,
    .mapped = {{PS_COLUMN_EMAIL, 0, false}, {PS_COLUMN_NAME, 1, false}, {PS_COLUMN_CONSENT_AT, 2, false}},
    .mapped_count = 3};

// Among records that are regular.
static const struct {
    const char *name, *record;
    size_t every; // such a record stands behind so many others
} cases[] = {
    {"none", "", RECORDS},
    {"a stray quote", "b@example.com,5\" disk,\n", 90},
    {"a blank behind a quote", "b@example.com,\"x\" ,\"y\" \r\n", 200},
    {"records that run together", "b@example.com,\"a\" b,\nc@example.com,c\",d\n", 70},
    {"lone CRs", "b@example.com,a,b\r\rc@example.com,,\r", 100},
    {"a lone CR in a cell, and blank lines", "\n\r\n\rb@example.com,\"a\rb\" x\",\n\n", 500},
    {"too many for it to pay", "b@example.com,\"Bo\" b\",\n", 3},
    {"nothing else", "b@example.com,a\"\",b\n", 1},
};

static void make_text(ps_buf *out, const char *record, size_t every, bool last_end)
{
    for (size_t i = 0; i < RECORDS; i++) {
        const char *quote = i % 3 == 0 ? "\"" : "";
        ps_buf_add_format(out, "%sa%zu@example.com%s,", quote, i, quote);
        if (i % 50 == 0) ps_buf_add_text(out, "\"x \"\"y\"\"\nz\"");
        ps_buf_add_format(out, ",%.*s%s", (int)(i % 40), "........................................",
                          i % 7 == 0 ? "\r\n" : "\n");
        if (i % 100 == 20) ps_buf_add_text(out, "\n");
        if (i % every == every - 1) ps_buf_add_text(out, record);
    }
    if (!last_end) ps_buf_add_text(out, "z@example.com,,\"z\"");
    assert_false(out->failed);
}

static void fill(ps_batch *batch, ps_span text)
{
    ps_batch_reset(batch);
    assert_int_equal(ps_batch_room(batch, text.len, NULL), PS_OK);
    assert_int_equal(ps_split_room(&batch->split, text.len, NULL), PS_OK);
    memcpy(batch->bytes, text.bytes, text.len);
    batch->len = text.len;
    batch->layout = &layout;
    batch->first_number = 1;
    batch->first_line = 2;
    batch->split.end_count = 0;
}

static void assert_same_row(const ps_batch *a, const ps_batch *b, size_t i)
{
    const ps_row *x = &a->rows[i], *y = &b->rows[i];

    assert_int_equal(x->place, y->place);
    assert_int_equal(x->line, y->line);
    assert_int_equal(x->start, y->start);
    assert_int_equal(x->len, y->len);
    assert_int_equal(x->body_len, y->body_len);
    assert_int_equal(x->cell_count, y->cell_count);
    assert_int_equal(x->run_together, y->run_together);
    assert_findings_equal(x->findings, y->findings);
    for (size_t k = 0; k < x->cell_count; k++) {
        ps_cell p = ps_batch_cell(a, x, k), q = ps_batch_cell(b, y, k);
        assert_true(p.start == q.start && p.end == q.end);
    }
    for (size_t k = 0; k < layout.mapped_count; k++)
        assert_true(ps_span_equal(ps_batch_values(a, x)[k], ps_batch_values(b, y)[k]));
}

static void test_same_as_libcsv(void **state)
{
    ps_batch mixed = {.number = 0}, csv = {.number = 0};
    ps_buf text;
    (void)state;

    ps_buf_init(&text, 16 << 20);
    assert_int_equal(ps_batch_open(PS_BATCH_BYTES, &mixed, NULL), PS_OK);
    assert_int_equal(ps_batch_open(PS_BATCH_BYTES, &csv, NULL), PS_OK);
    for (size_t i = 0; i < 2 * PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i / 2].name);
        ps_rows_place place = {0, 2};
        ps_buf_clear(&text);
        make_text(&text, cases[i / 2].record, cases[i / 2].every, i % 2 == 0);
        fill(&mixed, ps_buf_span(&text));
        assert_int_equal(ps_rows_of_mixed(&mixed, NULL), PS_OK);
        fill(&csv, ps_buf_span(&text));
        assert_int_equal(ps_rows_of_csv(&csv, csv.len, &place, NULL), PS_OK);
        assert_int_equal(mixed.row_count, csv.row_count);
        assert_true(csv.row_count >= RECORDS);
        for (size_t k = 0; k < csv.row_count; k++)
            assert_same_row(&mixed, &csv, k);
    }
    ps_batch_close(&mixed);
    ps_batch_close(&csv);
    ps_buf_done(&text);
}

// What the split lacks is known of its rows only: of these all but one.
static void test_one_record_by_libcsv(void **state)
{
    ps_batch batch = {.number = 0};
    ps_buf text;
    size_t known = 0;
    (void)state;

    ps_buf_init(&text, 16 << 20);
    assert_int_equal(ps_batch_open(PS_BATCH_BYTES, &batch, NULL), PS_OK);
    make_text(&text, "b@example.com,5\" disk,\n", RECORDS / 2, true);
    fill(&batch, ps_buf_span(&text));
    assert_int_equal(ps_rows_of_mixed(&batch, NULL), PS_OK);
    for (size_t i = 0; i < batch.row_count; i++)
        known += batch.rows[i].lacks != 0;
    assert_int_equal(batch.row_count, RECORDS + 2);
    assert_true(known > RECORDS / 2);
    assert_int_equal(batch.rows[RECORDS / 2].lacks, 0);
    ps_batch_close(&batch);
    ps_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_libcsv),
        cmocka_unit_test(test_one_record_by_libcsv),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
