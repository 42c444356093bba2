// Records written: their own bytes, with single cells replaced, added or guarded.
// layer: table
#include "assert.h"

#include "base/limits.h"
#include "table/writer.h"

static ps_layout layout = {.file = "list.csv",
                           .bad = PS_INPUT,
                           .encoding = PS_ENCODING_UTF8,
                           .delimiter = ',',
                           .column_count = 2,
                           .line_end = "crlf"};

static int open_batch(void **state)
{
    static ps_batch batch;
    ps_error err;
    if (ps_batch_open(PS_BATCH_BYTES_MIN, &batch, &err) != PS_OK) return -1;
    *state = &batch;
    return 0;
}

static int close_batch(void **state)
{
    ps_batch_close(*state);
    return 0;
}

static const ps_row *parse(ps_batch *batch, const char *text)
{
    ps_error err;
    size_t len = strlen(text);
    ps_batch_reset(batch);
    assert_ok(ps_batch_room(batch, len + 1, &err), &err);
    memcpy(batch->bytes, text, len);
    batch->len = len;
    batch->layout = &layout;
    assert_ok(ps_batch_parse(batch, &err), &err);
    assert_int_equal(batch->row_count, 1);
    return batch->rows;
}

static const struct {
    const char *name, *value, *cell;
} values[] = {
    {"plain", "abc", "abc"},
    {"empty", "", ""},
    {"blanks stay bare", " a ", " a "},
    {"delimiter", "a,b", "\"a,b\""},
    {"quote", "a\"b", "\"a\"\"b\""},
    {"line ends", "a\r\nb", "\"a\r\nb\""},
    {"another delimiter", "a;b", "a;b"},
};

static void test_cell(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(values); i++) {
        ps_buf out;
        ps_buf_init(&out, 100);
        ps_write_cell(&out, ps_span_of(values[i].value), ',');
        assert_span_equal(ps_buf_span(&out), values[i].cell);
        ps_buf_done(&out);
    }
}

static const struct {
    const char *name, *text;
    int index; // of the replaced cell; -1: none
    const char *value, *extra, *written;
} records[] = {
    {"as it is", " \"a\",b\"c , \r\n", -1, NULL, NULL, " \"a\",b\"c , \r\n"},
    {"its own line end", "a,b\n", -1, NULL, NULL, "a,b\n"},
    {"a lone cr", "a,b\r", -1, NULL, NULL, "a,b\r"},
    {"no line end", "a,b", -1, NULL, NULL, "a,b\r\n"},
    {"first cell", "\"a\",\"b\"\n", 0, "x", NULL, "x,\"b\"\n"},
    {"last cell", "\"a\",\"b\"\n", 1, "x,y", NULL, "\"a\",\"x,y\"\n"},
    {"a cell that is not there", "a\n", 1, "x", NULL, "a\n"},
    {"the only cell, emptied", "a\n", 0, "", NULL, "\"\"\n"},
    {"the only cell, emptied, one added", "a\n", 0, "", "x", ",x\n"},
    {"added", "a,b", -1, NULL, "x\"y", "a,b,\"x\"\"y\"\r\n"},
};

static void test_record(void **state)
{
    for (size_t i = 0; i < PS_COUNT_OF(records); i++) {
        ps_buf out;
        ps_replacement replacement = {(uint32_t)records[i].index, ps_span_of(records[i].value)};
        ps_span extra = ps_span_of(records[i].extra);
        const ps_row *row = parse(*state, records[i].text);

        print_message("  %s\n", records[i].name);
        ps_buf_init(&out, 100);
        ps_write_record(&out, *state, row, records[i].index < 0 ? NULL : &replacement, &extra,
                        records[i].extra == NULL ? 0 : 1);
        assert_span_equal(ps_buf_span(&out), records[i].written);
        ps_buf_done(&out);
    }
}

static const struct {
    const char *name;
    ps_encoding encoding;
    const char *text, *extra, *written;
    bool formula; // a spreadsheet would run it as it stands
} guarded[] = {
    {"none", PS_ENCODING_UTF8, "a,b\n", NULL, "a,b\n", false},
    {"=", PS_ENCODING_UTF8, "=1+1,b\n", NULL, "'=1+1,b\n", true},
    {"+ - @", PS_ENCODING_UTF8, "+1,-1,@x\n", NULL, "'+1,'-1,'@x\n", true},
    {"tab", PS_ENCODING_UTF8, "\tx,b\n", NULL, "'\tx,b\n", true},
    {"quoted", PS_ENCODING_UTF8, "\"=A,B\",\"\n\"\n", NULL, "\"'=A,B\",\"'\n\"\n", true},
    {"with ' before", PS_ENCODING_UTF8, "'=1,''=1,'x,'\n", NULL, "''=1,'''=1,'x,'\n", false},
    {"in the middle", PS_ENCODING_UTF8, "a=1, =1\n", NULL, "a=1, =1\n", false},
    {"doubled quote first", PS_ENCODING_UTF8, "\"\"\"=1\"\n", NULL, "\"\"\"=1\"\n", false},
    {"full-width", PS_ENCODING_UTF8, "＝1,＋1,－1,＠x\n", NULL, "'＝1,'＋1,'－1,'＠x\n", true},
    {"full-width in CP932", PS_ENCODING_CP932, "\x81\x81,\x81\x7b,\x81\x7c,\x81\x97\n", NULL,
     "'\x81\x81,'\x81\x7b,'\x81\x7c,'\x81\x97\n", true},
    {"full-width in EUC-JP", PS_ENCODING_EUC_JP_MS, "\xa1\xe1,\xa1\xdc,\xa1\xdd,\xa1\xf7\n", NULL,
     "'\xa1\xe1,'\xa1\xdc,'\xa1\xdd,'\xa1\xf7\n", true},
    {"other bytes in UTF-8", PS_ENCODING_UTF8, "\x81\x81,\xa1\xe1\n", NULL, "\x81\x81,\xa1\xe1\n", false},
    {"added", PS_ENCODING_UTF8, "a", "=1,\"x\"", "a,\"'=1,\"\"x\"\"\"\r\n", false},
    {"added, bare", PS_ENCODING_UTF8, "a", "'-x", "a,''-x\r\n", false},
};

static void test_guarded(void **state)
{
    for (size_t i = 0; i < PS_COUNT_OF(guarded); i++) {
        ps_buf out;
        ps_span extra = ps_span_of(guarded[i].extra);

        print_message("  %s\n", guarded[i].name);
        layout.encoding = guarded[i].encoding;
        const ps_row *row = parse(*state, guarded[i].text);
        ps_buf_init(&out, 100);
        ps_buf_end(&out, ps_put_body_guarded(ps_buf_room(&out, PS_BODY_GUARDED_MAX(row)), *state, row));
        if (guarded[i].extra != NULL) ps_buf_add_char(&out, layout.delimiter);
        if (guarded[i].extra != NULL) ps_write_cell_guarded(&out, extra, layout.delimiter);
        ps_buf_end(&out, ps_put_line_end(ps_buf_room(&out, PS_LINE_END_MAX), *state, row));
        assert_span_equal(ps_buf_span(&out), guarded[i].written);
        assert_int_equal(ps_record_has_formula(*state, row), guarded[i].formula);
        ps_buf_done(&out);
    }
    layout.encoding = PS_ENCODING_UTF8;
}

// What is plain is what the long way writes as it stands, of every byte that a value may begin with or hold.
static void test_plain(void **state)
{
    static const char delimiters[] = ",;\t|";
    char text[24] = "twenty-three bytes, at";
    (void)state;

    for (size_t k = 0; k < strlen(delimiters) * 256 * sizeof text; k++) {
        char delimiter = delimiters[k % 4], byte = (char)(k / 4 % 256);
        size_t len = k / 1024;
        ps_buf out;

        memset(text, 'a', sizeof text);
        for (size_t at = 0; at < len; at += len < 3 ? 1 : len / 3) {
            text[at] = byte;
            ps_buf_init(&out, 100);
            ps_write_cell_guarded(&out, (ps_span){text, len}, delimiter);
            bool same = ps_span_equal(ps_buf_span(&out), (ps_span){text, len});
            ps_buf_done(&out);
            bool plain = ps_cell_is_plain((ps_span){text, len}, delimiter);
            if (plain && !same) fail_msg("byte %d at %zu of %zu", byte, at, len);
            if (!plain && same) assert_true(byte < 0 || (at == 0 && byte == '\'')); // these take a closer look
            text[at] = 'a';
        }
    }
    assert_true(ps_cell_is_plain((ps_span){NULL, 0}, ','));
}

static const struct {
    const char *name, *preamble, *line_end;
    bool headerless;
    const char *plain, *extended;
} preambles[] = {
    {"plain", "a,b\n", "lf", false, "a,b\n", "a,b,x,y\n"},
    {"BOM and crlf",
     "\xef\xbb\xbf"
     "a,b\r\n",
     "crlf", false,
     "\xef\xbb\xbf"
     "a,b\r\n",
     "\xef\xbb\xbf"
     "a,b,x,y\r\n"},
    {"sep line", "sep=,\r\na\r\n", "crlf", false, "sep=,\r\na\r\n", "sep=,\r\na,x,y\r\n"},
    {"cr", "a\r", "cr", false, "a\r", "a,x,y\r"},
    {"no line end", "a", "lf", false, "a\n", "a,x,y\n"},
    {"no header", "sep=,\n", "lf", true, "sep=,\n", "sep=,\n"},
};

static void test_preamble(void **state)
{
    (void)state;
    static const char *const extra[] = {"x", "y"};
    for (size_t i = 0; i < PS_COUNT_OF(preambles); i++) {
        ps_buf out;
        ps_layout other = layout;

        print_message("  %s\n", preambles[i].name);
        other.preamble = ps_span_of(preambles[i].preamble);
        other.line_end = preambles[i].line_end;
        other.headerless = preambles[i].headerless;
        ps_buf_init(&out, 100);
        ps_write_preamble(&out, &other, NULL, 0);
        assert_span_equal(ps_buf_span(&out), preambles[i].plain);
        ps_buf_clear(&out);
        ps_write_preamble(&out, &other, extra, 2);
        assert_span_equal(ps_buf_span(&out), preambles[i].extended);
        ps_buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cell),  cmocka_unit_test(test_record),   cmocka_unit_test(test_guarded),
        cmocka_unit_test(test_plain), cmocka_unit_test(test_preamble),
    };
    return cmocka_run_group_tests(tests, open_batch, close_batch);
}
