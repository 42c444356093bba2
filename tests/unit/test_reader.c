// A file as batches: what is refused, what is found, and that batches of any size hold the same rows.
// layer: table
#include "assert.h"

#include <sys/stat.h>

#include "base/limits.h"
#include "base/memory.h"
#include "table/header.h"
#include "table_fixture.h"

static const struct {
    const char *name;
    ps_span bytes;
    ps_encoding stored;
    const char *delimiter, *line_end;
    size_t columns, rows, blank_lines;
    uint64_t first_line;
    const char *last_name; // the last header, as UTF-8
} files[] = {
    {"plain", BYTES("email,name\na@example.com,Ann\n"), PS_ENCODING_UTF8, ",", "lf", 2, 1, 0, 2, "name"},
    {"BOM, crlf",
     BYTES("\xef\xbb\xbf"
           "email,name\r\na@example.com,Ann\r\n"),
     PS_ENCODING_UTF8, ",", "crlf", 2, 1, 0, 2, "name"},
    {"header only", BYTES("email,name\n"), PS_ENCODING_UTF8, ",", "lf", 2, 0, 0, 2, "name"},
    {"header only, no line end", BYTES("email,name"), PS_ENCODING_UTF8, ",", "lf", 2, 0, 0, 1, "name"},
    {"sep line", BYTES("sep=;\r\nemail;name\r\na@example.com;Ann, B\r\n"), PS_ENCODING_UTF8, ";", "crlf", 2, 1, 0, 3,
     "name"},
    {"blank lines", BYTES("\n\nemail,name\n\na@example.com,Ann\n\n\n"), PS_ENCODING_UTF8, ",", "lf", 2, 1, 5, 4,
     "name"},
    {"cr only", BYTES("email,name\ra@example.com,Ann\rb@example.com,Bob"), PS_ENCODING_UTF8, ",", "cr", 2, 2, 0, 2,
     "name"},
    {"mixed", BYTES("email,name\r\na@example.com,Ann\nb@example.com,Bob\r"), PS_ENCODING_UTF8, ",", "mixed", 2, 2, 0, 2,
     "name"},
    {"quoted line end in the header", BYTES("email,\"first\nname\"\na@example.com,Ann"), PS_ENCODING_UTF8, ",", "lf", 2,
     1, 0, 3, "first\nname"},
    // 氏名 in CP932; ① (0x87 0x40), 髙 (0xFB 0xFC), 﨑 (0xED 0x95), ソ (0x83 0x5C), ポ (0x83 0x7C)
    {"CP932", BYTES("email,\x8e\x81\x96\xbc\r\na@example.jp,\x87\x40\xfb\xfc\xed\x95\x83\x5c\x83\x7c\r\n"),
     PS_ENCODING_CP932, ",", "crlf", 2, 1, 0, 2, "\xe6\xb0\x8f\xe5\x90\x8d"},
    {"UTF-16LE",
     BYTES("\xff\xfe"
           "a\0,\0b\0\r\0\n\0x\0@\0y\0,\0\x42\x30\r\0\n\0"),
     PS_ENCODING_UTF16LE, ",", "crlf", 2, 1, 0, 2, "b"},
    {"UTF-16BE",
     BYTES("\xfe\xff"
           "\0a\0\t\0b\0\n\0x\0\t\x30\x42\0\n"),
     PS_ENCODING_UTF16BE, "tab", "lf", 2, 1, 0, 2, "b"},
    {"ISO-2022-JP", BYTES("email,\x1b$B;aL>\x1b(B\na@example.jp,\x1b$B$\"\x1b(B\n"), PS_ENCODING_ISO_2022_JP_3, ",",
     "lf", 2, 1, 0, 2, "\xe6\xb0\x8f\xe5\x90\x8d"},
};

static void test_files(void **state)
{
    for (size_t i = 0; i < PS_COUNT_OF(files); i++) {
        ps_error err;
        ps_reader *reader = NULL;
        ps_batch batch;
        bool more;
        size_t rows = 0;

        print_message("  %s\n", files[i].name);
        fixture_write(*state, files[i].bytes);
        ps_reader_options options = fixture_options(*state);
        assert_ok(ps_reader_open(&options, &reader, &err), &err);
        const ps_layout *layout = ps_reader_layout(reader);
        assert_int_equal(layout->stored, files[i].stored);
        assert_string_equal(layout->line_end, files[i].line_end);
        assert_int_equal(layout->delimiter, files[i].delimiter[0] == 't' ? '\t' : files[i].delimiter[0]);
        assert_int_equal(layout->column_count, files[i].columns);
        assert_int_equal(layout->first_line, files[i].first_line);
        assert_span_equal(layout->names[layout->column_count - 1], files[i].last_name);
        assert_ok(ps_batch_open(PS_BATCH_BYTES, &batch, &err), &err);
        for (;;) {
            ps_batch_reset(&batch);
            assert_ok(ps_reader_next(reader, &batch, &more, &err), &err);
            if (!more) break;
            assert_ok(ps_batch_parse(&batch, &err), &err);
            rows += batch.row_count;
            for (size_t k = 0; k < batch.row_count; k++)
                assert_findings_equal(batch.rows[k].findings, 0);
        }
        assert_int_equal(rows, files[i].rows);
        assert_int_equal(ps_reader_blank_lines(reader), files[i].blank_lines);
        assert_ok(ps_reader_check(reader, &err), &err);
        ps_batch_close(&batch);
        ps_reader_close(reader);
    }
}

static const struct {
    const char *name;
    ps_span bytes;
    const char *text, *hint;
} refusals[] = {
    {"zero bytes", BYTES(""), "is empty", "again"},
    {"BOM only", BYTES("\xef\xbb\xbf"), "blank lines", "again"},
    {"blank lines only", BYTES("\n\r\n"), "blank lines", "again"},
    {"NUL only", BYTES("\0\0\0\0\0\0"), "NUL bytes", "again"},
    {"zip", BYTES("PK\3\4rest"), "a zip file", "Unzip"},
    {"PDF", BYTES("%PDF-1.7"), "a PDF", "CSV"},
    {"HTML", BYTES("\n <!DOCTYPE html><html>"), "an HTML page", "CSV"},
    {"JSON", BYTES("[{\"email\": \"a@example.com\"}]"), "JSON", "CSV"},
    {"unknown encoding", BYTES("email,name\na@example.com,\xff\xfd\xa0\x80\n"), "encoding", "encoding: cp932"},
    {"quote never closed in the header", BYTES("email,\"name\na@example.com,Ann\n"), "line 1", "again"},
    {"two delimiters", BYTES("a,b;c\n1,2;3\n"), "delimiter", "sep="},
    {"sep of another kind", BYTES("sep=x\naxb\n"), "sep=", "commas"},
};

static void test_refusals(void **state)
{
    for (size_t i = 0; i < PS_COUNT_OF(refusals); i++) {
        ps_error err = {.status = PS_OK};
        ps_reader *reader = NULL;

        print_message("  %s\n", refusals[i].name);
        fixture_write(*state, refusals[i].bytes);
        ps_reader_options options = fixture_options(*state);
        assert_int_equal(ps_reader_open(&options, &reader, &err), PS_INPUT);
        assert_non_null(strstr(err.text, refusals[i].text));
        assert_non_null(strstr(err.hint, refusals[i].hint));
    }
}

// Reads all of a file in batches of `batch_bytes`; every row's number, line and bytes in one text.
static ps_status read_rows(const table_fixture *fixture, size_t batch_bytes, ps_buf *out, ps_error *err)
{
    ps_reader *reader = NULL;
    ps_batch batch;
    bool more = true;
    ps_reader_options options = fixture_options(fixture);

    options.batch_bytes = batch_bytes;
    assert_ok(ps_reader_open(&options, &reader, err), err);
    assert_ok(ps_batch_open(batch_bytes, &batch, err), err);
    ps_status status = PS_OK;
    while (status == PS_OK && more) {
        ps_batch_reset(&batch);
        status = ps_reader_next(reader, &batch, &more, err);
        if (status == PS_OK) status = ps_batch_parse(&batch, err);
        for (size_t i = 0; status == PS_OK && i < batch.row_count; i++) {
            const ps_row *row = &batch.rows[i];
            ps_buf_add_format(out, "%llu %llu %u:", (unsigned long long)ps_row_number(&batch, row),
                              (unsigned long long)row->line, row->cell_count);
            ps_buf_add(out, batch.bytes + row->start, row->len);
        }
    }
    ps_batch_close(&batch);
    ps_reader_close(reader);
    return status;
}

static void test_batch_sizes(void **state)
{
    ps_buf text, whole, parts;
    ps_error err;

    ps_buf_init(&text, 1 << 20);
    ps_buf_init(&whole, 1 << 20);
    ps_buf_init(&parts, 1 << 20);
    ps_buf_add_text(&text, "email,name\r\n");
    for (int i = 0; i < 400; i++) {
        const char *ends[] = {"\r\n", "\n", "\r", "\r\n\r\n", "\n\r"};
        ps_buf_add_format(&text, "a%d@example.com,\"x%.*s\r\n\"\"%d\"%s", i, i % 97,
                          "........................................"
                          "............................................................",
                          i, ends[i % 5]);
    }
    fixture_write(*state, ps_buf_span(&text));
    assert_ok(read_rows(*state, PS_BATCH_BYTES, &whole, &err), &err);
    assert_true(whole.len > text.len);
    for (size_t size = PS_BATCH_BYTES_MIN; size < 400; size += 7) {
        ps_buf_clear(&parts);
        assert_ok(read_rows(*state, size, &parts, &err), &err);
        assert_int_equal(parts.len, whole.len);
        assert_memory_equal(parts.bytes, whole.bytes, whole.len);
    }
    ps_buf_done(&parts);
    ps_buf_done(&whole);
    ps_buf_done(&text);
}

static void test_open_quote(void **state)
{
    ps_error err;
    ps_buf out;

    ps_buf_init(&out, 1 << 20);
    fixture_write(*state, ps_span_of("email,name\na@example.com,Ann\nb@example.com,\"Bob\nc@example.com,Cid\n"));
    assert_int_equal(read_rows(*state, 64, &out, &err), PS_INPUT);
    assert_non_null(strstr(err.text, "opens in line 3"));
    ps_buf_done(&out);
}

static void test_long_record(void **state)
{
    ps_error err;
    ps_buf out;
    size_t len = PS_RECORD_BYTES_MAX + 20;
    char *text = malloc(len);

    assert_non_null(text);
    memset(text, 'x', len);
    memcpy(text, "email\na\nb\n", 10);
    ps_buf_init(&out, 64 << 20);
    text[10 + PS_RECORD_BYTES_MAX] = '\n';
    fixture_write(*state, (ps_span){text, len});
    assert_ok(read_rows(*state, PS_BATCH_BYTES, &out, &err), &err);
    text[10 + PS_RECORD_BYTES_MAX] = 'x';
    text[11 + PS_RECORD_BYTES_MAX] = '\n';
    fixture_write(*state, (ps_span){text, len});
    assert_int_equal(read_rows(*state, PS_BATCH_BYTES, &out, &err), PS_INPUT);
    assert_non_null(strstr(err.text, "begins in line 4 is longer than 16 MiB"));
    ps_buf_done(&out);
    free(text);
}

static void test_sample(void **state)
{
    ps_error err;
    ps_reader *reader = NULL;
    size_t rows;

    // The second row has a cell too many; あ in CP932 is 0x82 0xA0.
    fixture_write(*state, ps_span_of("email,name\na@example.jp,\"\x82\xa0\"\"\"\nb@example.jp,x,y\nc@example.jp,\n"));
    ps_reader_options options = fixture_options(*state);
    assert_ok(ps_reader_open(&options, &reader, &err), &err);
    const ps_span *sample = ps_reader_sample(reader, &rows);
    assert_int_equal(rows, 2);
    assert_span_equal(sample[0], "a@example.jp");
    assert_span_equal(sample[1], "\xe3\x81\x82\"");
    assert_span_equal(sample[2], "c@example.jp");
    assert_span_equal(sample[3], "");
    ps_reader_close(reader);
}

static void test_rewind(void **state)
{
    ps_error err;
    ps_reader *reader = NULL;
    ps_batch batch;
    bool more;

    fixture_write(*state, ps_span_of("email\n\na@example.com\nb@example.com\n"));
    ps_reader_options options = fixture_options(*state);
    assert_ok(ps_reader_open(&options, &reader, &err), &err);
    assert_ok(ps_batch_open(64, &batch, &err), &err);
    for (int pass = 0; pass < 3; pass++) {
        ps_batch_reset(&batch);
        assert_ok(ps_reader_next(reader, &batch, &more, &err), &err);
        assert_true(more);
        assert_int_equal(batch.first_number, 1);
        assert_int_equal(batch.first_line, 2);
        assert_int_equal(batch.record_count, 2);
        ps_batch_reset(&batch);
        assert_ok(ps_reader_next(reader, &batch, &more, &err), &err);
        assert_false(more);
        assert_int_equal(batch.len, 0);
        assert_int_equal(ps_reader_blank_lines(reader), 1);
        assert_ok(ps_reader_rewind(reader, &err), &err);
    }
    ps_batch_close(&batch);
    ps_reader_close(reader);
}

// The first 1 MiB is ASCII: what says the encoding comes later.
static void test_late_encoding(void **state)
{
    ps_error err;
    ps_reader *reader = NULL;
    ps_buf text;

    ps_buf_init(&text, 4 << 20);
    ps_buf_add_text(&text, "email,name\n");
    while (text.len < 3 << 20)
        ps_buf_add_text(&text, "someone@example.jp,name\n");
    size_t len = text.len;
    ps_buf_add_text(&text, "b@example.jp,\x8d\x82\x8b\xb4\n");
    fixture_write(*state, ps_buf_span(&text));
    ps_reader_options options = fixture_options(*state);
    assert_ok(ps_reader_open(&options, &reader, &err), &err);
    assert_int_equal(ps_reader_layout(reader)->encoding, PS_ENCODING_CP932);
    ps_reader_close(reader);

    text.len = len;
    fixture_write(*state, ps_buf_span(&text));
    assert_ok(ps_reader_open(&options, &reader, &err), &err);
    assert_int_equal(ps_reader_layout(reader)->encoding, PS_ENCODING_UTF8);
    ps_reader_close(reader);
    ps_buf_done(&text);
}

static void test_declared_encoding(void **state)
{
    ps_error err;
    ps_reader *reader = NULL;

    fixture_write(*state, ps_span_of("email,name\na@example.com,caf\xe9\n"));
    ps_reader_options options = fixture_options(*state);
    options.encoding = PS_ENCODING_WINDOWS_1252;
    assert_ok(ps_reader_open(&options, &reader, &err), &err);
    assert_true(ps_reader_layout(reader)->encoding_declared);
    assert_int_equal(ps_reader_layout(reader)->encoding, PS_ENCODING_WINDOWS_1252);
    ps_reader_close(reader);
}

// Of a file whose encoding is declared, that it holds nothing but NUL bytes is still said of no less than was looked at
// before.
static void test_declared_nul(void **state)
{
    const size_t nuls = PS_ENCODING_SAMPLE_BYTES;
    const size_t begins[] = {0, 40 << 10, PS_ENCODING_SAMPLE_BYTES}; // of other bytes; the last: none
    char *bytes = ps_memory_new(nuls, 1, NULL);

    assert_non_null(bytes);
    for (size_t i = 0; i < PS_COUNT_OF(begins); i++) {
        ps_error err = {.status = PS_OK};
        ps_reader *reader = NULL;
        memset(bytes, 0, nuls);
        if (begins[i] < nuls) memcpy(bytes + begins[i], "\nemail,name\n", 12);
        fixture_write(*state, (ps_span){bytes, nuls});
        ps_reader_options options = fixture_options(*state);
        options.encoding = PS_ENCODING_UTF8;
        ps_status status = ps_reader_open(&options, &reader, &err);
        bool refused = status != PS_OK && strstr(err.text, "only NUL bytes") != NULL;
        assert_int_equal(refused, begins[i] == nuls);
        ps_reader_close(reader);
    }
    ps_memory_free(bytes);
}

static void test_headerless(void **state)
{
    ps_error err;
    ps_reader *reader = NULL;
    ps_batch batch;
    bool more;

    fixture_write(*state, ps_span_of("1,a@example.com\n2,b@example.com\n"));
    ps_reader_options options = fixture_options(*state);
    options.headerless = true;
    assert_ok(ps_reader_open(&options, &reader, &err), &err);
    assert_int_equal(ps_reader_layout(reader)->column_count, 2);
    assert_int_equal(ps_reader_layout(reader)->preamble.len, 0);
    assert_ok(ps_batch_open(64, &batch, &err), &err);
    assert_ok(ps_reader_next(reader, &batch, &more, &err), &err);
    assert_int_equal(batch.record_count, 2);
    assert_int_equal(batch.first_line, 1);
    ps_batch_close(&batch);
    ps_reader_close(reader);
}

// 3 MiB of UTF-16 with characters of one, two and four bytes, in batches of odd sizes: the same text as in UTF-8.
static void test_transcoded(void **state)
{
    ps_buf wide, out;
    ps_error err;
    size_t rows = 20000;

    ps_buf_init(&wide, 8 << 20);
    ps_buf_init(&out, 32 << 20);
    ps_buf_add(&wide,
               "\xff\xfe"
               "e\0\n\0",
               6);
    for (size_t i = 0; i < rows; i++) {
        char name[64];
        int len = snprintf(name, sizeof name, "user%zu@example.jp,", i);
        for (int k = 0; k < len; k++)
            ps_buf_add(&wide, (char[]){name[k], 0}, 2);
        // あ, U+20BB7 as a surrogate pair, a comma, CR LF
        ps_buf_add(&wide, "\x42\x30\x42\xd8\xb7\xdf,\0\r\0\n\0", 12);
        for (size_t k = 0; k < i % 3; k++)
            ps_buf_add(&wide, "\n\0", 2);
    }
    fixture_write(*state, ps_buf_span(&wide));
    for (size_t size = PS_BATCH_BYTES_MIN; size < 1000; size += 311) {
        char expected[128];
        size_t at = 0, line = 2;
        ps_buf_clear(&out);
        assert_ok(read_rows(*state, size, &out, &err), &err);
        for (size_t i = 0; i < rows; i++) {
            int len = snprintf(expected, sizeof expected,
                               "%zu %zu 3:user%zu@example.jp,\xe3\x81\x82\xf0\xa0\xae\xb7,\r\n", i + 1, line, i);
            assert_true(out.len - at >= (size_t)len);
            assert_memory_equal(out.bytes + at, expected, len);
            at += (size_t)len;
            line += 1 + i % 3;
        }
        assert_int_equal(at, out.len);
    }
    ps_buf_done(&out);
    ps_buf_done(&wide);
}

// Every allocation fails once, and once for ever after: an error, nothing lost, nothing leaked.
static void test_no_memory(void **state)
{
    bool failed = true;

    fixture_write(*state, ps_span_of("email,name\na@example.jp,\"\x82\xa0\"\"\"\nb@example.jp,x\n"));
    for (unsigned long n = 1; failed; n++) {
        failed = false;
        for (int for_ever = 0; for_ever < 2; for_ever++) {
            ps_error err = {.status = PS_OK};
            ps_reader *reader = NULL;
            ps_batch batch = {.number = 0};
            bool more;
            ps_recipients recipients = {.file = "list.csv"};
            ps_reader_options options = fixture_options(*state);

            ps_memory_fail_at(n, for_ever);
            ps_status status = ps_reader_open(&options, &reader, &err);
            if (status == PS_OK) status = ps_header_map(&recipients, reader, &err);
            if (status == PS_OK) status = ps_batch_open(64, &batch, &err);
            if (status == PS_OK) status = ps_reader_next(reader, &batch, &more, &err);
            if (status == PS_OK) status = ps_batch_parse(&batch, &err);
            ps_memory_fail_at(0, 0);
            if (status == PS_OK) assert_int_equal(batch.row_count, 2);
            if (status != PS_OK) assert_int_equal(status, PS_RETRY);
            failed = failed || status != PS_OK;
            ps_batch_close(&batch);
            ps_reader_close(reader);
        }
        assert_true(n < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_batch_sizes),
        cmocka_unit_test(test_open_quote),
        cmocka_unit_test(test_long_record),
        cmocka_unit_test(test_sample),
        cmocka_unit_test(test_rewind),
        cmocka_unit_test(test_late_encoding),
        cmocka_unit_test(test_declared_encoding),
        cmocka_unit_test(test_declared_nul),
        cmocka_unit_test(test_headerless),
        cmocka_unit_test(test_transcoded),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
