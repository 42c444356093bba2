// How a file is written, by its first bytes.
// layer: table
#include "assert.h"

#include "table/dialect.h"

static const struct {
    const char *name, *text;
    char delimiter;
    size_t begin;
    const char *line_end;
} cases[] = {
    {"comma", "a,b\n1,2\n", ',', 0, "lf"},
    {"semicolon", "a;b\r\n1;2\r\n", ';', 0, "crlf"},
    {"tab", "a\tb\n1\t2\n", '\t', 0, "lf"},
    {"bar", "a|b\n1|2\n", '|', 0, "lf"},
    {"one column", "email\na@example.com\n", ',', 0, "lf"},
    {"one column, delimiters below", "email\na;b@example.com\nc,d@example.com\n", ',', 0, "lf"},
    {"commas inside semicolons", "a;b\n\"1,2\";3,4\n5;6\n", ';', 0, "lf"},
    {"the same number of commas", "a;b;c,d\n1;2;3,4\n5;6;7,8\n", ';', 0, "lf"}, // most columns
    {"a constant one beats one that is not", "a;b, c\n1;2\n3;4\n", ';', 0, "lf"},
    {"a row too short", "a,b,c\n1,2,3\n4,5\n", ',', 0, "lf"},
    {"rows too short, another delimiter inside", "a,b;c\n1,2\n3,4\n5,6\n7,8\n9,0\n1,2\n3,4\n5,6\n7,8;9,0\n1,2\n", ',',
     0, "lf"},
    {"quotes hold delimiters and line ends", "a,b\n\"1,1\n1,1\",2\n", ',', 0, "lf"},
    {"header only", "a;b;c", ';', 0, "lf"},
    {"sep wins", "sep=;\na;b,c,d\n1;2,3,4\n", ';', 6, "lf"},
    {"sep with crlf", "SEP=,\r\na,b\r\n", ',', 7, "crlf"},
    {"sep with tab", "sep=\t\ra\tb\r", '\t', 6, "cr"},
    {"sep is a name", "sep,b\n1,2\n", ',', 0, "lf"},
    {"mixed ends", "a,b\r\n1,2\n", ',', 0, "mixed"},
    {"ends in quotes do not count", "a,\"b\r\nb\"\n1,2\n", ',', 0, "lf"},
};

static void test_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_dialect dialect;
        ps_error err;
        ps_dialect_sample sample = {.text = ps_span_of(cases[i].text),
                                    .whole = true,
                                    .encoding = PS_ENCODING_UTF8,
                                    .file = "x",
                                    .bad = PS_INPUT};

        print_message("  %s\n", cases[i].name);
        assert_ok(ps_dialect_find(&sample, &dialect, &err), &err);
        assert_int_equal(dialect.delimiter, cases[i].delimiter);
        assert_int_equal(dialect.begin, cases[i].begin);
        assert_string_equal(dialect.line_end, cases[i].line_end);
    }
}

static const struct {
    const char *name, *text;
    ps_encoding encoding;
    char delimiter;
    const char *error;
} refusals[] = {
    {"a tie", "a,b;c\n1,2;3\n", PS_ENCODING_UTF8, 0, "two would give"},
    {"a header that no row agrees with", "name, first\nAnn\nBob\n", PS_ENCODING_UTF8, 0,
     "by , its header has 2 cells, as have 0 of the next 2"},
    {"two that few rows agree with", "a,b;c\n1\n2;3\n4,5\n", PS_ENCODING_UTF8, 0, "not certain"},
    {"sep of another kind", "sep=::\na\n", PS_ENCODING_UTF8, 0, "sep="},
    {"bar in CP932", "sep=|\na|b\n", PS_ENCODING_CP932, 0, "second byte of a CP932 character"},
    {"bar in CP932, given", "a|b\n", PS_ENCODING_CP932, '|', "second byte of a CP932 character"},
    {"XML", "<?xml version=\"1.0\"?>", PS_ENCODING_UTF8, 0, "an XML file"},
    {"HTML", "\r\n<HTML>", PS_ENCODING_UTF8, 0, "an HTML page"},
    {"JSON", " {\"a\":1}", PS_ENCODING_UTF8, 0, "JSON"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(refusals); i++) {
        ps_dialect dialect;
        ps_error err;
        ps_dialect_sample sample = {.text = ps_span_of(refusals[i].text),
                                    .whole = true,
                                    .encoding = refusals[i].encoding,
                                    .delimiter = refusals[i].delimiter,
                                    .file = "x",
                                    .bad = PS_SOURCE};

        print_message("  %s\n", refusals[i].name);
        assert_int_equal(ps_dialect_find(&sample, &dialect, &err), PS_SOURCE);
        assert_non_null(strstr(err.text, refusals[i].error));
        assert_true(err.hint[0] != '\0');
    }
}

// The second byte of ポ is 0x7C: it must not make a column.
static void test_cp932_has_no_bar(void **state)
{
    (void)state;
    ps_dialect dialect;
    ps_error err;
    ps_dialect_sample sample = {
        .text = ps_span_of("\x83\x7c,a\n\x83\x7c,b\n"), .whole = true, .encoding = PS_ENCODING_CP932, .file = "x"};

    assert_ok(ps_dialect_find(&sample, &dialect, &err), &err);
    assert_int_equal(dialect.delimiter, ',');
    sample.text = ps_span_of("\x83\x7c\n\x83\x7c\n");
    assert_ok(ps_dialect_find(&sample, &dialect, &err), &err);
    assert_int_equal(dialect.delimiter, ',');
}

// A record that may go on behind the sample says nothing.
static void test_cut_sample(void **state)
{
    (void)state;
    ps_dialect dialect;
    ps_error err;
    ps_dialect_sample sample = {
        .text = ps_span_of("a,b\n1,2\n3,4\n5"), .encoding = PS_ENCODING_UTF8, .file = "x", .bad = PS_INPUT};

    assert_ok(ps_dialect_find(&sample, &dialect, &err), &err);
    assert_int_equal(dialect.delimiter, ',');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_cp932_has_no_bar),
        cmocka_unit_test(test_cut_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
