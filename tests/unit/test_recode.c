// Lists in another encoding than their file.
// layer: table
#include "assert.h"
#include "base/memory.h"
#include "table/recode.h"

static ps_error error;

static const struct {
    const char *name;
    ps_encoding from, to;
    const char *piece, *expected;
    uint64_t lost;
} pieces[] = {
    {"UTF-8 to CP932", PS_ENCODING_UTF8, PS_ENCODING_CP932, "a@example.jp,山田\n", "a@example.jp,\x8eR\x93\x63\n", 0},
    {"CP932 to UTF-8", PS_ENCODING_CP932, PS_ENCODING_UTF8, "a@example.jp,\x8eR\x93\x63\n", "a@example.jp,山田\n", 0},
    {"EUC-JP to CP932", PS_ENCODING_EUC_JP_MS, PS_ENCODING_CP932, "\xbb\xb3,\xc5\xc4\n", "\x8eR,\x93\x63\n", 0},
    {"lacking", PS_ENCODING_UTF8, PS_ENCODING_CP932, "é,😀野,x\n", "?,?\x96\xec,x\n", 2},
    {"no text", PS_ENCODING_CP932, PS_ENCODING_UTF8, "\x81,x\n\xff\n", "\xef\xbf\xbd,x\n\xef\xbf\xbd\n", 2},
    {"no text to CP932", PS_ENCODING_EUC_JP_MS, PS_ENCODING_CP932, "\xbb\xb3\xff,x\n", "\x8eR?,x\n", 1},
    {"ASCII between", PS_ENCODING_CP932, PS_ENCODING_UTF8, "\x83\x5c,0123456789abcdefghijklmnopqrstuvwxyz,\x83\x5c\n",
     "ソ,0123456789abcdefghijklmnopqrstuvwxyz,ソ\n", 0},
    {"signs of JIS Roman", PS_ENCODING_UTF8, PS_ENCODING_CP932, "¥‾〜\n", "\\~\x81\x60\n", 0},
};

static void test_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(pieces); i++) {
        ps_recoder *recoder = NULL;
        ps_span out;

        print_message("  %s\n", pieces[i].name);
        assert_ok(ps_recoder_new(pieces[i].to, &recoder, &error), &error);
        assert_ok(
            ps_recoder_piece(recoder, PS_VERDICT_CLEAN, pieces[i].from, ps_span_of(pieces[i].piece), &out, &error),
            &error);
        assert_span_equal(out, pieces[i].expected);
        assert_int_equal(ps_recoder_lost(recoder), pieces[i].lost);
        ps_recoder_free(recoder);
    }
}

// One for each list, and each of files in several encodings.
static void test_slots(void **state)
{
    (void)state;
    ps_recoder *recoder = NULL;
    ps_span clean, held, removed, again;

    assert_ok(ps_recoder_new(PS_ENCODING_UTF8, &recoder, &error), &error);
    assert_ok(ps_recoder_piece(recoder, PS_VERDICT_CLEAN, PS_ENCODING_CP932, ps_span_of("\x8eR"), &clean, &error),
              &error);
    assert_ok(ps_recoder_piece(recoder, PS_VERDICT_HELD, PS_ENCODING_EUC_JP_MS, ps_span_of("\xc5\xc4"), &held, &error),
              &error);
    assert_ok(
        ps_recoder_piece(recoder, PS_VERDICT_REMOVED, PS_ENCODING_CP932, ps_span_of("\x93\x63"), &removed, &error),
        &error);
    assert_span_equal(clean, "山");
    assert_span_equal(held, "田");
    assert_span_equal(removed, "田");
    assert_ok(ps_recoder_piece(recoder, PS_VERDICT_CLEAN, PS_ENCODING_CP932, ps_span_of("\x96\xec"), &again, &error),
              &error);
    assert_span_equal(again, "野");
    ps_recoder_free(recoder);
    ps_recoder_free(NULL);
}

// Bytes that are no text in it, too.
static void test_as_they_are(void **state)
{
    (void)state;
    static const char ascii[] = "a@example.jp\n", damaged[] = "\xe5\xb1,\n";
    ps_recoder *recoder = NULL;
    ps_span out;

    assert_ok(ps_recoder_new(PS_ENCODING_UTF8, &recoder, &error), &error);
    assert_ok(ps_recoder_piece(recoder, PS_VERDICT_CLEAN, PS_ENCODING_CP932, ps_span_of(ascii), &out, &error), &error);
    assert_ptr_equal(out.bytes, ascii);
    assert_ok(ps_recoder_piece(recoder, PS_VERDICT_CLEAN, PS_ENCODING_UTF8, ps_span_of(damaged), &out, &error), &error);
    assert_ptr_equal(out.bytes, damaged);
    assert_int_equal(ps_recoder_lost(recoder), 0);
    ps_recoder_free(recoder);
}

static ps_status recode_once(ps_span *out)
{
    ps_recoder *recoder = NULL;
    ps_status status = ps_recoder_new(PS_ENCODING_CP932, &recoder, &error);

    if (status == PS_OK)
        status =
            ps_recoder_piece(recoder, PS_VERDICT_CLEAN, PS_ENCODING_EUC_JP_MS, ps_span_of("\xbb\xb3,x\n"), out, &error);
    ps_recoder_free(recoder);
    return status;
}

// Whichever allocation fails: an error, and no piece that lacks something.
static void test_without_memory(void **state)
{
    (void)state;
    ps_span out;
    ps_status status = PS_RETRY;
    unsigned long failed = 0;

    for (unsigned long at = 1; status != PS_OK; at++) {
        ps_memory_fail_at(at, 0);
        status = recode_once(&out);
        ps_memory_fail_at(0, 0);
        assert_true(status == PS_OK || status == PS_RETRY);
        failed = at;
    }
    assert_true(failed > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_slots),
        cmocka_unit_test(test_as_they_are),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
