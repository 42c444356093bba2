// What the scan counts, and where it cuts.
// layer: table
#include "assert.h"

#include "table/scan.h"

static const struct {
    const char *name, *text;
    char delimiter;
    unsigned records, blank_lines, lines;
    unsigned last_cut; // offset of the last cut before the end of the file is known
    bool ends_in_quote;
} cases[] = {
    {"empty", "", ',', 0, 0, 0, 0, false},
    {"one record", "a,b\n", ',', 1, 0, 1, 4, false},
    {"no last line end", "a,b\nc,d", ',', 2, 0, 1, 4, false},
    {"crlf", "a\r\nb\r\n", ',', 2, 0, 2, 6, false},
    {"cr is not cut at until the next byte is seen", "a\rb\r", ',', 2, 0, 2, 2, false},
    {"mixed", "a\nb\r\nc\rd\n", ',', 4, 0, 4, 9, false},
    {"blank lines", "\n\na\n\r\n\r\nb\n", ',', 2, 4, 6, 10, false},
    {"nothing but cr is cut at, too", "\r\r\r", ',', 0, 3, 3, 2, false},
    {"lf cr is a line end and a blank line", "a\n\rb", ',', 2, 1, 2, 3, false},
    {"cr cr lf", "a\r\r\nb", ',', 2, 1, 2, 4, false},
    {"line ends in quotes", "a,\"x\ny\r\nz\rw\"\nb\n", ',', 2, 0, 5, 15, false},
    {"doubled quotes", "\"a\"\"\n\"\"\"\nb\n", ',', 2, 0, 3, 11, false},
    {"a quote inside an unquoted cell is plain", "a\"b\nc\n", ',', 2, 0, 2, 6, false},
    {"a stray quote leads back into the quoted cell", "\"a\"b\nc\"\nd\n", ',', 2, 0, 3, 10, false},
    {"other delimiter", "a;\"x\ny\"\n", ';', 1, 0, 2, 8, false},
    {"a comma is plain there", "a,\"x\ny\"\n", ';', 2, 0, 2, 8, false},
    {"never closed", "a\n\"b\nc\n", ',', 1, 0, 3, 2, true},
    {"closed at the end", "a\n\"b\"", ',', 2, 0, 1, 2, false},
    {"an empty quoted cell is a record", "\"\"\n", ',', 1, 0, 1, 3, false},
    {"a blank in a line is a record", " \n", ',', 1, 0, 1, 2, false},
};

// Fed whole, and byte by byte: the same.
static void test_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_span text = ps_span_of(cases[i].text);
        print_message("  %s\n", cases[i].name);
        for (size_t step = 1; step <= text.len + 1; step++) {
            ps_scan scan;
            ps_scan_init(&scan, cases[i].delimiter, 1000);
            for (size_t at = 0; at < text.len; at += step) {
                ps_scan_add(&scan, (ps_span){text.bytes + at, text.len - at < step ? text.len - at : step});
            }
            assert_int_equal(scan.cut.offset, cases[i].last_cut);
            assert_int_equal(ps_scan_end(&scan), !cases[i].ends_in_quote);
            assert_int_equal(scan.now.records, cases[i].records);
            assert_int_equal(scan.now.blank_lines, cases[i].blank_lines);
            assert_int_equal(scan.now.lines, cases[i].lines);
            assert_int_equal(scan.now.offset, text.len);
            if (!cases[i].ends_in_quote) assert_int_equal(scan.cut.offset, text.len);
            if (cases[i].ends_in_quote) assert_int_equal(scan.quote_line, 1);
        }
    }
}

static void test_too_long(void **state)
{
    (void)state;
    ps_scan scan;

    ps_scan_init(&scan, ',', 4);
    ps_scan_add(&scan, ps_span_of("abcd\r\nabcd\n"));
    assert_false(scan.too_long);
    ps_scan_add(&scan, ps_span_of("abcde"));
    assert_true(scan.too_long);
    assert_int_equal(scan.long_line, 2);

    ps_scan_init(&scan, ',', 4);
    ps_scan_add(&scan, ps_span_of("a\nabcde\nb\n"));
    assert_true(scan.too_long);
    assert_int_equal(scan.long_line, 1);
}

static void test_record_at(void **state)
{
    (void)state;
    ps_scan_record record;
    ps_span text = ps_span_of("\r\n\na,\"b\n,\"\r\nc,d,e");

    assert_true(ps_scan_record_at(text, 0, ',', true, &record));
    assert_int_equal(record.start, 3);
    assert_int_equal(record.body_end, 10);
    assert_int_equal(record.end, 12);
    assert_int_equal(record.cell_count, 2);
    assert_true(ps_scan_record_at(text, record.end, ',', true, &record));
    assert_int_equal(record.cell_count, 3);
    assert_int_equal(record.end, text.len);
    assert_false(ps_scan_record_at(text, record.end, ',', true, &record));

    // What may go on is no whole record.
    assert_false(ps_scan_record_at(text, 12, ',', false, &record));
    assert_false(ps_scan_record_at(ps_span_of("a\r"), 0, ',', false, &record));
    assert_true(ps_scan_record_at(ps_span_of("a\r"), 0, ',', true, &record));
    assert_true(ps_scan_record_at(ps_span_of("a\rb"), 0, ',', false, &record));
    assert_false(ps_scan_record_at(ps_span_of("\"a\n"), 0, ',', true, &record));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_record_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
