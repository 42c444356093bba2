// Rows, cells and values of a batch.
// layer: table
#include "assert.h"

#include "base/limits.h"
#include "table/batch.h"

static ps_layout layout = {.file = "list.csv",
                           .bad = PS_INPUT,
                           .encoding = PS_ENCODING_UTF8,
                           .delimiter = ',',
                           .column_count = 3,
                           .mapped = {{PS_COLUMN_EMAIL, 1, false}, {PS_COLUMN_NAME, 2, false}},
                           .mapped_count = 2};

static int open_batch(void **state)
{
    static ps_batch batch;
    ps_error err;
    if (ps_batch_open(PS_BATCH_BYTES, &batch, &err) != PS_OK) return -1;
    *state = &batch;
    return 0;
}

static int close_batch(void **state)
{
    ps_batch_close(*state);
    return 0;
}

static void fill(ps_batch *batch, ps_span text)
{
    ps_error err;
    ps_batch_reset(batch);
    assert_ok(ps_batch_room(batch, text.len, &err), &err);
    if (text.len > 0) memcpy(batch->bytes, text.bytes, text.len);
    batch->len = text.len;
    batch->layout = &layout;
    batch->first_number = 11;
    batch->first_line = 101;
}

static void parse(ps_batch *batch, const char *text)
{
    ps_error err;
    fill(batch, ps_span_of(text));
    assert_ok(ps_batch_parse(batch, &err), &err);
}

static const struct {
    const char *name, *text;
    const char *raw; // the cells of the first record, quotes included, joined by |
    const char *email, *person;
    bool whole; // as many cells as the header
} cells[] = {
    {"plain", "1,a@example.com,Ann\n", "1|a@example.com|Ann", "a@example.com", "Ann", true},
    {"blanks stay", " 1 , a@example.com ,\tAnn \r\n", " 1 | a@example.com |\tAnn ", " a@example.com ", "\tAnn ", true},
    {"quoted", "1,\"a@example.com\",\"Ann, the first\"\n", "1|\"a@example.com\"|\"Ann, the first\"", "a@example.com",
     "Ann, the first", true},
    {"doubled quotes", "1,\"\"\"a\"\"@example.com\",\"\"\"\"\n", "1|\"\"\"a\"\"@example.com\"|\"\"\"\"",
     "\"a\"@example.com", "\"", true},
    {"line end in quotes", "1,\"a@example.com\r\n\",\"Ann\nB\"\r\n", "1|\"a@example.com\r\n\"|\"Ann\nB\"",
     "a@example.com\r\n", "Ann\nB", true},
    {"quote inside", "1,a\"@example.com,A\"\"nn\n", "1|a\"@example.com|A\"\"nn", "a\"@example.com", "A\"\"nn", true},
    {"stray quote", "1,\"a\"@example.com\",x\n", "1|\"a\"@example.com\"|x", "a\"@example.com", "x", true},
    {"blank behind the closing quote", "1,\"a\" ,x\"\n", "1|\"a\" ,x\"", "a\" ,x", "", false},
    {"empty cells", ",,\n", "||", "", "", true},
    {"empty quoted cells", "\"\",\"\",\"\"\n", "\"\"|\"\"|\"\"", "", "", true},
    {"too few", "1,a@example.com\n", "1|a@example.com", "a@example.com", "", false},
    {"too many", "1,a@example.com,x,\n", "1|a@example.com|x|", "a@example.com", "x", false},
    {"no line end", "1,a@example.com,x", "1|a@example.com|x", "a@example.com", "x", true},
    {"no line end, quoted", "1,a@example.com,\"x\"", "1|a@example.com|\"x\"", "a@example.com", "x", true},
    {"no line end, empty last cell", "1,a@example.com,", "1|a@example.com|", "a@example.com", "", true},
    {"backslash is plain", "1,\"a\\\",x\n", "1|\"a\\\"|x", "a\\", "x", true},
};

static void test_cells(void **state)
{
    for (size_t i = 0; i < PS_COUNT_OF(cells); i++) {
        ps_batch *batch = *state;
        char raw[256] = "";
        size_t len = 0;

        print_message("  %s\n", cells[i].name);
        parse(batch, cells[i].text);
        assert_int_equal(batch->row_count, 1);
        const ps_row *row = &batch->rows[0];
        for (size_t k = 0; k < row->cell_count; k++) {
            ps_cell cell = ps_batch_cell(batch, row, k);
            len += (size_t)snprintf(raw + len, sizeof raw - len, "%s%.*s", k == 0 ? "" : "|",
                                    (int)(cell.end - cell.start), batch->bytes + cell.start);
        }
        assert_string_equal(raw, cells[i].raw);
        assert_span_equal(ps_batch_values(batch, row)[0], cells[i].email);
        assert_span_equal(ps_batch_values(batch, row)[1], cells[i].person);
        assert_findings_equal(row->findings, cells[i].whole ? 0 : PS_FIND(COLUMNS));
    }
}

static void test_rows(void **state)
{
    ps_batch *batch = *state;

    parse(batch, "\n1,\"a\nb\",c\r\n\r\n\r2,d,e\n3,f,\"g\"");
    assert_int_equal(batch->row_count, 3);
    const ps_row *rows = batch->rows;
    assert_int_equal(ps_row_number(batch, &rows[0]), 11);
    assert_int_equal(rows[0].line, 102);
    assert_int_equal(rows[0].start, 1);
    assert_int_equal(rows[0].len, 11);
    assert_int_equal(rows[0].body_len, 9);
    assert_int_equal(ps_row_number(batch, &rows[1]), 12);
    assert_int_equal(rows[1].line, 106);
    assert_int_equal(rows[1].first_cell, 3);
    assert_int_equal(ps_row_number(batch, &rows[2]), 13);
    assert_int_equal(rows[2].line, 107);
    assert_int_equal(rows[2].len, rows[2].body_len);
    assert_span_equal(ps_batch_values(batch, &rows[2])[1], "g");

    parse(batch, "\r\n\n");
    assert_int_equal(batch->row_count, 0);
}

// An export that does not double its quotes: libcsv reads on to a later quote, and the cells of two records may even
// add up to one.
static void test_records_that_run_together(void **state)
{
    static const struct {
        const char *text;
        bool held;
    } cases[] = {
        {"1,\"Bo\" b\n2,\"Al\",c\n", true}, // three cells, but two people
        {"1,\"a \"\"b\"\"\nc\",d\n", false}, // doubled: one person with two lines
        {"1,\"a\" b,c\n", true}, // too few cells, since the quote goes on
        {"1,\"a\" b\",c\n", false}, // a stray quote alone changes nothing about where the record ends
        {"1,\"a\nb\",c\n", false},
        {"1,\"\n\"\"\",c\n", false},
        {"1,\"\n\"\"\" \",c\n", true},
        {"1,a\"b,c\n", false}, // not a quoted cell
        {"1,\"bad,x\n2@example.jp,z\",c\n", true}, // opened in one record, closed in the next
        {"1,\"bad,x\n2@example.jp,y,z\n3@example.jp,z\",c\n", true},
        {"1,\"bad, x\nno address, here\",c\n", false},
        {"1,\"no, such, box\nask info@example.jp, please\",c\n", false}, // a bounce text in sentences
        {"1,\"x\nz,2@example.jp\",c\n", false}, // one delimiter is too few for a record
        {"1,\"x,x\nz,2@example.jp\",c\n", true},
        {"1,\"ask\ninfo@example.jp\",c\n", false}, // an address in a note, but no record
    };
    ps_batch *batch = *state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s", cases[i].text);
        parse(batch, cases[i].text);
        assert_int_equal(batch->row_count, 1);
        assert_int_equal(ps_findings_has(batch->rows[0].findings, PS_REASON_COLUMNS), cases[i].held);
    }
}

// CP932: the second bytes of the two characters are 0x5C and 0x7C, and 0x40 is the second byte of the last one.
static void test_cp932(void **state)
{
    ps_batch *batch = *state;

    parse(batch, "\x83\x5c\x83\x7c,a@example.jp,\x83\x40\r\n");
    assert_int_equal(batch->row_count, 1);
    assert_int_equal(batch->rows[0].cell_count, 3);
    assert_span_equal(ps_batch_values(batch, batch->rows)[1], "\x83\x40");
}

static void test_nul(void **state)
{
    ps_batch *batch = *state;
    ps_error err;

    fill(batch, (ps_span){"1,a\0b,\"\0\"\n", 10});
    assert_ok(ps_batch_parse(batch, &err), &err);
    assert_int_equal(batch->row_count, 1);
    assert_int_equal(ps_batch_values(batch, batch->rows)[0].len, 3);
    assert_int_equal(ps_batch_values(batch, batch->rows)[1].len, 1);
}

static void test_too_large(void **state)
{
    ps_batch *batch = *state;
    ps_error err;
    size_t len = (size_t)PS_FIELD_BYTES_MAX + 1;
    char *text = malloc(len + 8);

    assert_non_null(text);
    memset(text, 'x', len);
    memcpy(text + len, ",b,c\n", 5);
    fill(batch, (ps_span){text, len + 5});
    assert_ok(ps_batch_parse(batch, &err), &err);
    assert_findings_equal(batch->rows[0].findings, PS_FIND(TOO_LARGE));
    fill(batch, (ps_span){text + 1, len + 4});
    assert_ok(ps_batch_parse(batch, &err), &err);
    assert_findings_equal(batch->rows[0].findings, 0);
    free(text);
}

static void test_too_many_columns(void **state)
{
    ps_batch *batch = *state;
    ps_error err;
    char text[PS_COLUMNS_MAX + 2];

    memset(text, ',', sizeof text);
    text[PS_COLUMNS_MAX - 1] = '\n';
    fill(batch, (ps_span){text, PS_COLUMNS_MAX});
    assert_ok(ps_batch_parse(batch, &err), &err);
    assert_int_equal(batch->rows[0].cell_count, PS_COLUMNS_MAX);
    text[PS_COLUMNS_MAX - 1] = ',';
    text[PS_COLUMNS_MAX] = '\n';
    fill(batch, (ps_span){text, PS_COLUMNS_MAX + 1});
    assert_int_equal(ps_batch_parse(batch, &err), PS_INPUT);
    assert_non_null(strstr(err.text, "Record 11 of list.csv has more than 4096 cells"));
}

static void test_count_is_compared(void **state)
{
    ps_batch *batch = *state;
    ps_error err;

    fill(batch, ps_span_of("1,2,3\n4,5,6\n"));
    batch->record_count = 2;
    assert_ok(ps_batch_parse(batch, &err), &err);
    batch->record_count = 3;
    assert_int_equal(ps_batch_parse(batch, &err), PS_BUG);
}

// Rows are made of the records that are asked for, as if all were; a record over several lines, with a doubled quote or
// of another width comes with them. Behind the marks nothing is asked for.
static void test_wanted(void **state)
{
    enum { FIRST = 61, RECORDS = 8 };
#define PAD                                                                                                            \
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890" // nothing odd in its block
    static const char text[] = "0,a@example.com," PAD PAD "\n1,b@example.com," PAD PAD "\n2,c@example.com,\"" PAD
                               "\n" PAD "\"\n\n3,d@example.com," PAD PAD "\r\n4,e@example.com\n5,f@example.com,\"" PAD
                               "\"\"" PAD "\"\n6,g@example.com," PAD PAD "\n7,h@example.com," PAD PAD "\n";
#undef PAD
    static const uint64_t marks[] = {UINT64_C(1) << 62, UINT64_C(1) << 1 | UINT64_C(1) << 3}; // records 1, 4 and 6
    static const uint32_t expected[] = {1, 2, 4, 5, 6};
    ps_batch *batch = *state;
    ps_row all[RECORDS];
    char names[RECORDS];
    ps_error err;

    for (int some = 0; some < 2; some++) {
        fill(batch, ps_span_of(text));
        assert_ok(ps_split_room(&batch->split, batch->len, &err), &err);
        ps_split_scalar((ps_span){batch->bytes, batch->len}, ',', &batch->split);
        assert_true(batch->split.regular);
        batch->record_count = RECORDS;
        if (some) batch->wanted = (ps_wanted){marks, FIRST, FIRST + RECORDS - 1};
        assert_ok(ps_batch_parse(batch, &err), &err);
        for (size_t i = 0; i < batch->row_count && !some; i++) {
            all[i] = batch->rows[i];
            names[i] = ps_batch_values(batch, &batch->rows[i])[0].bytes[0];
        }
        assert_int_equal(batch->row_count, some ? PS_COUNT_OF(expected) : RECORDS);
    }
    for (size_t i = 0; i < PS_COUNT_OF(expected); i++) {
        assert_memory_equal(&batch->rows[i], &all[expected[i]], sizeof all[0]);
        assert_int_equal(ps_row_number(batch, &batch->rows[i]), 11 + expected[i]);
        assert_int_equal(ps_batch_values(batch, &batch->rows[i])[0].bytes[0], names[expected[i]]);
    }
    batch->record_count = RECORDS + 1;
    assert_int_equal(ps_batch_parse(batch, &err), PS_BUG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_records_that_run_together),
        cmocka_unit_test(test_cp932),
        cmocka_unit_test(test_nul),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_too_many_columns),
        cmocka_unit_test(test_wanted),
        cmocka_unit_test(test_count_is_compared),
    };
    return cmocka_run_group_tests(tests, open_batch, close_batch);
}
