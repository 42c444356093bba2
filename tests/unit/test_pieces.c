// A file in pieces: read and split in any order, settled in theirs, they hold the rows that one reading after the other
// gives; and the byte by byte way is only for the pieces that need it.
// layer: table

#include "table/pieces.h"

#include "assert.h"
#include "base/limits.h"
#include "base/memory.h"
#include "table_fixture.h"

enum { RECORDS = 3000, PIECES_MAX = 64, PIECE_BYTES = 16 << 10 };

static const struct {
    const char *name;
    const char *record; // one in between all the others
    const char *line_end;
    size_t exact_max; // pieces that are not what was guessed
} files[] = {
    {"regular", "x@example.com,\"a \"\"b\"\"\r\nc@example.com,d\n\",\n", "\n", 0},
    {"crlf", "x@example.com,\"\r\n,\",\r\n\r\n\r\n", "\r\n", 0},
    {"a stray quote", "x@example.com,5\" disk,\n", "\n", 2},
    {"records that run together", "x@example.com,\"a\" b,\ny@example.com,c\",d\n", "\n", 2},
    {"other counts of cells", "x@example.com\ny,z,,,,\n", "\n", 0},
    {"a lone CR", "x@example.com,a,b\r\ry@example.com,,\r\n", "\n", 2},
    {"only lone CRs", "x@example.com,a,\"b\r\"\r", "\r", PIECES_MAX},
};

static void add_records(ps_buf *out, const char *line_end, size_t from)
{
    for (size_t i = from; i < from + RECORDS / 2; i++) {
        const char *quote = i % 3 == 0 ? "\"" : "";
        ps_buf_add_format(out, "%sa%zu@example.com%s,", quote, i, quote);
        if (i % 100 == 0) ps_buf_add_text(out, "\"b@example.com,c,d\ne,f,g\"");
        ps_buf_add_format(out, ",%.*s%s", (int)(i % 40), "........................................", line_end);
    }
}

static void write_file(const table_fixture *fixture, const char *record, const char *line_end, bool last_end)
{
    ps_buf text;

    ps_buf_init(&text, 64 << 20);
    ps_buf_add_format(&text, "email,name,note%s", line_end);
    add_records(&text, line_end, 0);
    ps_buf_add_text(&text, record);
    add_records(&text, line_end, RECORDS / 2);
    if (!last_end) text.len -= strlen(line_end);
    assert_false(text.failed);
    fixture_write(fixture, ps_buf_span(&text));
    ps_buf_done(&text);
}

static ps_reader *open_reader(const table_fixture *fixture)
{
    ps_error err;
    ps_reader *reader = NULL;
    ps_reader_options options = fixture_options(fixture);

    options.batch_bytes = PIECE_BYTES;
    options.encoding = PS_ENCODING_UTF8;
    assert_ok(ps_reader_open(&options, &reader, &err), &err);
    return reader;
}

static void add_rows(const ps_batch *batch, ps_buf *out)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        const ps_row *row = &batch->rows[i];
        ps_buf_add_format(out, "%llu %llu %u %d:", (unsigned long long)ps_row_number(batch, row),
                          (unsigned long long)row->line, row->cell_count, row->run_together);
        ps_buf_add(out, batch->bytes + row->start, row->len);
    }
}

// One batch after the other.
static void read_in_order(const table_fixture *fixture, ps_buf *out, char fingerprint[33])
{
    ps_error err;
    ps_batch batch;
    ps_reader *reader = open_reader(fixture);
    bool more = true;

    assert_ok(ps_batch_open(PIECE_BYTES, &batch, &err), &err);
    while (more) {
        ps_batch_reset(&batch);
        assert_ok(ps_reader_next(reader, &batch, &more, &err), &err);
        assert_ok(ps_batch_parse(&batch, &err), &err);
        add_rows(&batch, out);
    }
    ps_source_fingerprint(ps_reader_source(reader), fingerprint);
    ps_batch_close(&batch);
    ps_reader_close(reader);
}

// All pieces are read, the last one first, before one is settled. Gives the number of those that are read again.
static size_t read_backwards(const table_fixture *fixture, ps_buf *out, char fingerprint[33])
{
    static ps_batch batches[PIECES_MAX];
    ps_piece pieces[PIECES_MAX];
    ps_error err;
    ps_reader *reader = open_reader(fixture);
    size_t count = 0, exact = 0;

    assert_true(ps_pieces_of(reader));
    while (ps_piece_take(reader, &pieces[count]))
        assert_true(++count < PIECES_MAX);
    assert_true(count > 3);
    for (size_t i = count; i-- > 0;) {
        assert_ok(ps_batch_open(PIECE_BYTES, &batches[i], &err), &err);
        assert_ok(ps_piece_read(&pieces[i], &batches[i], &err), &err);
    }
    for (size_t i = 0; i < count; i++) {
        assert_ok(ps_piece_settle(&pieces[i], &batches[i], &err), &err);
        exact += !pieces[i].whole || (i > 0 && pieces[i].start != pieces[i - 1].end);
        assert_ok(ps_batch_parse(&batches[i], &err), &err);
        add_rows(&batches[i], out);
        ps_batch_close(&batches[i]);
    }
    ps_source_fingerprint(ps_reader_source(reader), fingerprint);
    assert_ok(ps_reader_check(reader, &err), &err);
    ps_reader_close(reader);
    return exact;
}

static void test_same_rows(void **state)
{
    ps_buf expected, found;

    ps_buf_init(&expected, 64 << 20);
    ps_buf_init(&found, 64 << 20);
    for (size_t i = 0; i < 2 * PS_COUNT_OF(files); i++) {
        char before[33], after[33];
        size_t file = i / 2;
        print_message("  %s%s\n", files[file].name, i % 2 == 0 ? "" : ", no last line end");
        write_file(*state, files[file].record, files[file].line_end, i % 2 == 0);
        ps_buf_clear(&expected);
        ps_buf_clear(&found);
        read_in_order(*state, &expected, before);
        size_t exact = read_backwards(*state, &found, after);
        assert_int_equal(found.len, expected.len);
        assert_memory_equal(found.bytes, expected.bytes, expected.len);
        assert_string_equal(before, after);
        assert_true(exact <= files[file].exact_max);
    }
    ps_buf_done(&expected);
    ps_buf_done(&found);
}

// Longer than several pieces, and than what is looked at to find a begin: what it leaves of them holds no row.
static void test_long_record(void **state)
{
    ps_buf expected, found;
    size_t len = 5 * (size_t)PIECE_BYTES;
    char before[33], after[33], *record = malloc(len + 1);

    assert_non_null(record);
    ps_buf_init(&expected, 64 << 20);
    ps_buf_init(&found, 64 << 20);
    memset(record, 'x', len);
    memcpy(record, "x@example.com,\"\n,\n", 18);
    memcpy(record + len - 4, "\",\n", 4);
    record[len] = '\0';
    write_file(*state, record, "\n", true);
    read_in_order(*state, &expected, before);
    assert_in_range(read_backwards(*state, &found, after), 1, 8);
    assert_int_equal(found.len, expected.len);
    assert_memory_equal(found.bytes, expected.bytes, expected.len);
    assert_string_equal(before, after);
    ps_buf_done(&expected);
    ps_buf_done(&found);
    free(record);
}

static void test_truncated(void **state)
{
    const table_fixture *fixture = *state;
    ps_error err = {.status = PS_OK};
    ps_batch batch;
    ps_piece piece;

    write_file(fixture, "", "\n", true);
    ps_reader *reader = open_reader(fixture);
    assert_ok(ps_batch_open(PIECE_BYTES, &batch, &err), &err);
    assert_int_equal(truncate(fixture->path, PIECE_BYTES), 0);
    assert_true(ps_piece_take(reader, &piece));
    assert_int_equal(ps_piece_read(&piece, &batch, &err), PS_INPUT);
    assert_non_null(strstr(err.text, "changed"));
    assert_non_null(strstr(err.hint, "again"));
    ps_batch_close(&batch);
    ps_reader_close(reader);
}

// Every allocation of a piece fails once: an error, and nothing leaked.
static void test_no_memory(void **state)
{
    bool failed = true;

    write_file(*state, files[2].record, "\n", true);
    for (unsigned long n = 1; failed; n++) {
        ps_error err = {.status = PS_OK};
        ps_batch batch = {.number = 0};
        ps_piece piece;
        ps_status status = PS_OK;
        ps_reader *reader = open_reader(*state);

        ps_memory_fail_at(n, 0);
        while (status == PS_OK && ps_piece_take(reader, &piece)) {
            status = ps_piece_read(&piece, &batch, &err);
            if (status == PS_OK) status = ps_piece_settle(&piece, &batch, &err);
        }
        ps_memory_fail_at(0, 0);
        failed = status != PS_OK;
        if (failed) assert_int_equal(status, PS_RETRY);
        ps_batch_close(&batch);
        ps_reader_close(reader);
        assert_true(n < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_rows),
        cmocka_unit_test(test_long_record),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
