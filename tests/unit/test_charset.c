// Charset detection by samples, and cells decoded and encoded.
// layer: mail

#include "mail/charset.h"

#include "base/memory.h"

#include "assert.h"

#define BYTES(text)                                                                                                    \
    {                                                                                                                  \
        (text), sizeof(text) - 1                                                                                       \
    }

static const struct {
    const char *name;
    ps_span sample;
    bool whole;
    ps_encoding encoding;
    size_t bom_len;
} samples[] = {
    {"nothing", BYTES(""), true, PS_ENCODING_UTF8, 0},
    {"ASCII", BYTES("email\ntaro@example.jp\n"), true, PS_ENCODING_UTF8, 0},
    {"UTF-8 mark", BYTES("\xEF\xBB\xBFx"), true, PS_ENCODING_UTF8, 3},
    {"UTF-16LE mark", BYTES("\xFF\xFEx\0"), true, PS_ENCODING_UTF16LE, 2},
    {"UTF-16BE mark", BYTES("\xFE\xFF\0x"), true, PS_ENCODING_UTF16BE, 2},
    {"UTF-8", BYTES("\xE6\x97\xA5\xE6\x9C\xAC"), true, PS_ENCODING_UTF8, 0},
    {"UTF-8 cut after one byte", BYTES("\xE6\x97\xA5\xE6"), false, PS_ENCODING_UTF8, 0},
    {"UTF-8 cut after two bytes", BYTES("\xE6\x97\xA5\xE6\x9C"), false, PS_ENCODING_UTF8, 0},
    {"UTF-8 cut in an emoji", BYTES("\xE6\x97\xA5\xF0\x9F\x98"), false, PS_ENCODING_UTF8, 0},
    // A cut character at the end of the file is damage: not UTF-8. CP932 reads these bytes, three half-width katakana.
    {"UTF-8 damaged at the end", BYTES("\xE6\x97\xA5\xE6\x9C\xAC\xE6\x97"), true, PS_ENCODING_CP932, 0},
    {"ISO-2022-JP", BYTES("\x1b$B\x46\x7c\x4b\x5c\x1b(B"), true, PS_ENCODING_ISO_2022_JP_3, 0},
    {"ISO-2022-JP with nothing but JIS Roman", BYTES("a\x1b(J~\x1b(B"), true, PS_ENCODING_ISO_2022_JP_3, 0},
    {"an escape that is none", BYTES("a\x1b[0mb"), true, PS_ENCODING_UTF8, 0},
    {"an escape at the end", BYTES("a\x1b"), true, PS_ENCODING_UTF8, 0},
    // Nippon, in both. EUC-JP reads as six half-width katakana in CP932; CP932 does not read as EUC-JP.
    {"CP932", BYTES("\x93\xFA\x96\x7B"), true, PS_ENCODING_CP932, 0},
    {"CP932 circled one", BYTES("\x87\x40"), true, PS_ENCODING_CP932, 0},
    {"CP932 cut behind a letter", BYTES("\x93\xFAz"), false, PS_ENCODING_CP932, 0},
    {"CP932 cut behind what looks like UTF-8", BYTES("\xE6\x97\xA5\xF5"), false, PS_ENCODING_CP932, 0},
    {"CP932 cut", BYTES("\x93\xFA\x96"), false, PS_ENCODING_CP932, 0},
    {"CP932 half-width katakana", BYTES("\xC0\xDB\xB3 \x8E\x52\x93\x63"), true, PS_ENCODING_CP932, 0},
    {"EUC-JP", BYTES("\xC6\xFC\xCB\xDC"), true, PS_ENCODING_EUC_JP_MS, 0},
    // Full-width letters and a bracket's neighbours in UTF-8's EF BC, BD and BE are no half-width katakana.
    {"EUC-JP, full-width", BYTES("\xA3\xC1\xA3\xE1\xA3\xFA\xA1\xD0\xA1\xC1\xA1\xF1"), true, PS_ENCODING_EUC_JP_MS, 0},
    {"CP932, the last half-width katakana", BYTES("\xA1\xDF\x81\x50\x81\x8F"), true, PS_ENCODING_CP932, 0},
    {"EUC-JP cut", BYTES("\xC6\xFC\xCB\xDC\xC6"), false, PS_ENCODING_EUC_JP_MS, 0},
    {"EUC-JP circled one", BYTES("\xAD\xA1\xC6\xFC"), true, PS_ENCODING_EUC_JP_MS, 0},
    {"neither", BYTES("\x93\xFA\xFF\xFF\x81\x20"), true, PS_ENCODING_AUTO, 0},
};

static void test_detect(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(samples); i++) {
        size_t bom_len = 99;
        print_message("  %s\n", samples[i].name);
        assert_int_equal(ps_charset_detect(samples[i].sample, samples[i].whole, &bom_len), samples[i].encoding);
        assert_int_equal(bom_len, samples[i].bom_len);
    }
}

static void test_undecided(void **state)
{
    (void)state;
    assert_true(ps_charset_undecided(ps_span_of("plain \x1b[0m")));
    assert_false(ps_charset_undecided(ps_span_of("\x1b$B")));
    assert_false(ps_charset_undecided(ps_span_of("caf\xC3\xA9")));
}

static void test_names(void **state)
{
    static const struct {
        const char *name;
        ps_encoding encoding;
    } names[] = {
        {"UTF-8", PS_ENCODING_UTF8},
        {"Shift_JIS", PS_ENCODING_CP932},
        {"SJIS", PS_ENCODING_CP932},
        {"ms932", PS_ENCODING_CP932},
        {"Windows-31J", PS_ENCODING_CP932},
        {"EUC-JP", PS_ENCODING_EUC_JP_MS},
        {"iso-2022-jp", PS_ENCODING_ISO_2022_JP_3},
        {"utf-16be", PS_ENCODING_UTF16BE},
        {"windows-1252", PS_ENCODING_WINDOWS_1252},
        {"auto", PS_ENCODING_AUTO},
    };
    ps_encoding found = PS_ENCODING_COUNT;

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(names); i++) {
        assert_true(ps_charset_find(ps_span_of(names[i].name), &found));
        assert_int_equal(found, names[i].encoding);
    }
    assert_false(ps_charset_find(ps_span_of("latin-5"), &found));
    // What the report prints can be written back into a job file.
    for (ps_encoding e = PS_ENCODING_AUTO; e < PS_ENCODING_COUNT; e++) {
        assert_true(ps_charset_find(ps_span_of(ps_charset_name(e)), &found));
        assert_int_equal(found, e);
    }
    assert_string_equal(ps_charset_iconv_name(PS_ENCODING_CP932), "CP932");
    assert_string_equal(ps_charset_iconv_name(PS_ENCODING_EUC_JP_MS), "EUC-JP-MS");
    assert_string_equal(ps_charset_iconv_name(PS_ENCODING_ISO_2022_JP_3), "ISO-2022-JP-3");
}

// Every character that the two-byte encodings have, by brute force: no byte of one is a CSV byte.
static void test_ascii_safe(void **state)
{
    static const char csv[] = ",;\t\"\r\n";
    static const ps_encoding encodings[] = {PS_ENCODING_CP932, PS_ENCODING_EUC_JP_MS, PS_ENCODING_WINDOWS_1252};
    unsigned pipes = 0;

    for (size_t e = 0; e < PS_COUNT_OF(encodings); e++) {
        ps_encoder *encoder = NULL;
        assert_ok(ps_encoder_open(encodings[e], &encoder, NULL), NULL);
        assert_true(ps_charset_ascii_safe(encodings[e]));
        for (uint32_t c = 0x80; c < 0xFFFF; c++) {
            char utf8[3] = {(char)(0xE0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3F)), (char)(0x80 | (c & 0x3F))};
            ps_span bytes, text = {utf8, 3};
            if (c < 0x800) {
                utf8[0] = (char)(0xC0 | c >> 6);
                utf8[1] = utf8[2];
                text.len = 2;
            }
            if (ps_encoder_cell(encoder, text, *state, &bytes) > 0) continue;
            for (size_t i = 0; i < bytes.len; i++) {
                assert_null(memchr(csv, bytes.bytes[i], sizeof(csv) - 1));
                pipes += bytes.len > 1 && bytes.bytes[i] == '|';
            }
            ps_arena_reset(*state);
        }
        ps_encoder_close(encoder);
    }
    assert_true(pipes > 0);
    assert_false(ps_charset_byte_is_safe(PS_ENCODING_CP932, '|'));
    assert_true(ps_charset_byte_is_safe(PS_ENCODING_CP932, ';'));
    assert_true(ps_charset_byte_is_safe(PS_ENCODING_UTF8, '|'));
    assert_false(ps_charset_byte_is_safe(PS_ENCODING_UTF16LE, ','));
    assert_false(ps_charset_ascii_safe(PS_ENCODING_ISO_2022_JP_3));
    assert_false(ps_charset_ascii_safe(PS_ENCODING_UTF16LE));
}

static const struct {
    const char *name;
    ps_encoding encoding;
    ps_span bytes;
    const char *text;
    bool whole;
} cells[] = {
    {"ASCII", PS_ENCODING_CP932, BYTES("a~b\\c"), "a~b\\c", true},
    {"nothing", PS_ENCODING_CP932, BYTES(""), "", true},
    {"UTF-8", PS_ENCODING_UTF8, BYTES("\xE6\x97\xA5"), "日", true},
    {"UTF-8 overlong", PS_ENCODING_UTF8, BYTES("a\xC0\x80"), "a\uFFFD\uFFFD", false},
    {"UTF-8 surrogate", PS_ENCODING_UTF8, BYTES("\xED\xA0\x80z"), "\uFFFD\uFFFD\uFFFDz", false},
    {"CP932", PS_ENCODING_CP932, BYTES("\x93\xFA\x96\x7B\x87\x40"), "日本①", true},
    {"CP932 full-width hyphen and tilde", PS_ENCODING_CP932, BYTES("\x81\x7C\x81\x60"), "－～", true},
    {"CP932 half-width katakana", PS_ENCODING_CP932, BYTES("\xC0\xDB\xB3"), "ﾀﾛｳ", true},
    {"CP932 lead before ASCII", PS_ENCODING_CP932, BYTES("\x81 @x"), "\uFFFD @x", false},
    {"CP932 unassigned pair", PS_ENCODING_CP932, BYTES("\x81\xAD@"), "\uFFFD@", false},
    {"CP932 bytes that begin nothing", PS_ENCODING_CP932, BYTES("\x80z\xFC\xFC\xFD\x81\xFE\xFF\xA0\xA0z"),
     "\uFFFDz\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDz", false},
    {"CP932 cut", PS_ENCODING_CP932, BYTES("a\x93"), "a\uFFFD", false},
    {"EUC-JP", PS_ENCODING_EUC_JP_MS, BYTES("\xC6\xFC\xCB\xDC\xAD\xA1"), "日本①", true},
    {"EUC-JP full-width tilde", PS_ENCODING_EUC_JP_MS, BYTES("\xA1\xC1"), "～", true},
    {"EUC-JP bytes that begin nothing", PS_ENCODING_EUC_JP_MS, BYTES("\xA0\xA1\xFF\xFF\xA9\xFFz"),
     "\uFFFD\uFFFD\uFFFD\uFFFDz", false},
    {"EUC-JP lead before ASCII", PS_ENCODING_EUC_JP_MS, BYTES("\xC6@x"), "\uFFFD@x", false},
    {"ISO-2022-JP", PS_ENCODING_ISO_2022_JP_3, BYTES("a\x1b$B\x46\x7c\x1b(Bb"), "a日b", true},
    {"ISO-2022-JP half-width katakana", PS_ENCODING_ISO_2022_JP_3, BYTES("\x1b(I\x40\x5b\x33\x1b(B"), "ﾀﾛｳ", true},
    {"ISO-2022-JP NEC row 13", PS_ENCODING_ISO_2022_JP_3, BYTES("\x1b$B\x2d\x21\x46\x7c\x1b(B@"), "\uFFFD日@", false},
    {"ISO-2022-JP left open", PS_ENCODING_ISO_2022_JP_3, BYTES("\x1b$B\x46\x7c"), "日", true},
    {"UTF-16LE", PS_ENCODING_UTF16LE, BYTES("\xE5\x65@\0"), "日@", true},
    {"UTF-16BE lone surrogate", PS_ENCODING_UTF16BE, BYTES("\xD8\x00\0@"), "\uFFFD@", false},
    {"Windows-1252", PS_ENCODING_WINDOWS_1252, BYTES("\xE9\x80"), "é€", true},
    {"Windows-1252 unassigned", PS_ENCODING_WINDOWS_1252, BYTES("\x81@"), "\uFFFD@", false},
};

static void test_decode_cells(void **state)
{
    for (size_t i = 0; i < PS_COUNT_OF(cells); i++) {
        ps_decoder *decoder = NULL;
        print_message("  %s\n", cells[i].name);
        assert_ok(ps_decoder_open(cells[i].encoding, &decoder, NULL), NULL);
        for (int again = 0; again < 2; again++) { // nothing is carried from one cell to the next
            ps_span text;
            assert_int_equal(ps_decoder_cell(decoder, cells[i].bytes, *state, &text), cells[i].whole);
            assert_span_equal(text, cells[i].text);
        }
        ps_decoder_close(decoder);
    }
}

static void test_decode_without_copy(void **state)
{
    static const char ascii[] = "taro@example.jp", utf8[] = "日本";
    ps_decoder *decoder = NULL;
    ps_span text;

    assert_ok(ps_decoder_open(PS_ENCODING_CP932, &decoder, NULL), NULL);
    assert_true(ps_decoder_cell(decoder, ps_span_of(ascii), *state, &text));
    assert_ptr_equal(text.bytes, ascii);
    ps_decoder_close(decoder);
    assert_ok(ps_decoder_open(PS_ENCODING_UTF8, &decoder, NULL), NULL);
    assert_true(ps_decoder_cell(decoder, ps_span_of(utf8), *state, &text));
    assert_ptr_equal(text.bytes, utf8);
    ps_decoder_close(decoder);
    ps_decoder_close(NULL);
}

static void test_encode_cells(void **state)
{
    for (size_t i = 0; i < PS_COUNT_OF(cells); i++) {
        ps_encoder *encoder = NULL;
        ps_decoder *decoder = NULL;
        ps_span bytes, text;
        if (!cells[i].whole) continue;
        print_message("  %s\n", cells[i].name);
        assert_ok(ps_encoder_open(cells[i].encoding, &encoder, NULL), NULL);
        assert_ok(ps_decoder_open(cells[i].encoding, &decoder, NULL), NULL);
        assert_int_equal(ps_encoder_cell(encoder, ps_span_of(cells[i].text), *state, &bytes), 0);
        assert_true(ps_decoder_cell(decoder, bytes, *state, &text));
        assert_span_equal(text, cells[i].text);
        ps_encoder_close(encoder);
        ps_decoder_close(decoder);
    }
}

static void test_encode_lacking(void **state)
{
    ps_encoder *encoder = NULL;
    ps_span bytes;

    assert_ok(ps_encoder_open(PS_ENCODING_CP932, &encoder, NULL), NULL);
    assert_int_equal(ps_encoder_cell(encoder, ps_span_of("日😀本é"), *state, &bytes), 2);
    assert_span_equal(bytes, "\x93\xFA?\x96\x7B?");
    ps_encoder_close(encoder);
    assert_ok(ps_encoder_open(PS_ENCODING_ISO_2022_JP_3, &encoder, NULL), NULL);
    assert_int_equal(ps_encoder_cell(encoder, ps_span_of("日😀"), *state, &bytes), 1);
    assert_span_equal(bytes, "\x1b$B\x46\x7c\x1b(B?");
    ps_encoder_close(encoder);
    ps_encoder_close(NULL);
}

// Whatever the pieces, the same text: characters and escapes are cut anywhere.
static void stream_in_pieces(ps_encoding encoding, ps_span bytes, size_t piece, const char *expected)
{
    char text[256], out[16];
    size_t len = 0, pushed = 0;
    uint64_t lost = 0;
    ps_span in = {bytes.bytes, 0};
    ps_decoder *decoder = NULL;
    ps_decoder_room room = {.bytes = out, .size = sizeof(out)};

    assert_ok(ps_decoder_open(encoding, &decoder, NULL), NULL);
    for (bool last = false;;) {
        size_t written = ps_decoder_stream(decoder, &in, last, &room);
        memcpy(text + len, out, written);
        len += written;
        if (written > 0) continue;
        if (last) break;
        size_t more = bytes.len - pushed < piece ? bytes.len - pushed : piece;
        pushed += more;
        in.len += more;
        last = pushed == bytes.len;
    }
    assert_int_equal(in.len, 0);
    assert_span_equal(((ps_span){text, len}), expected);
    for (const char *at = expected; (at = strstr(at, "\uFFFD")) != NULL; at++) {
        lost++;
    }
    assert_int_equal(room.lost, lost);
    ps_decoder_close(decoder);
}

static void test_stream(void **state)
{
    static const ps_span jis =
        BYTES("a,\x1b$B\x46\x7c\x4b\x5c\x2d\x21\x46\x7c\x1b(B\r\nb@example.jp,\x1b$B\x46\x7c\x1b(B");
    // Damage whose second byte is no half of a character: a space, a delete.
    static const ps_span damaged = BYTES("\x1b$B\x22\x7f\x46\x7c\x22\x20\x80\x21\x46\x7c\x1bZ\x46\x1b(B");
    static const ps_span utf16 = BYTES("a\0,\0\xE5\x65\x3D\xD8\x00\xDE\n\0");

    (void)state;
    for (size_t piece = 1; piece < 12; piece++) {
        stream_in_pieces(PS_ENCODING_ISO_2022_JP_3, jis, piece, "a,日本\uFFFD日\r\nb@example.jp,日");
        stream_in_pieces(PS_ENCODING_ISO_2022_JP_3, damaged, piece, "\uFFFD\x7F日\uFFFD \uFFFD‘\uFFFD\x1b敍");
        stream_in_pieces(PS_ENCODING_UTF16LE, utf16, piece, "a,日😀\n");
    }
}

// Text longer than one turn of the conversion that detection makes.
static void test_long_sample(void **state)
{
    static char sample[20000];
    size_t bom_len = 0;

    (void)state;
    for (size_t i = 0; i + 2 <= sizeof sample; i += 2) {
        memcpy(sample + i, "\x93\xFA", 2);
    }
    assert_int_equal(ps_charset_detect((ps_span){sample, sizeof sample}, true, &bom_len), PS_ENCODING_CP932);
}

static void test_no_memory(void **state)
{
    ps_decoder *decoder = NULL;
    ps_encoder *encoder = NULL;

    (void)state;
    ps_memory_fail_at(1, 0);
    assert_int_equal(ps_decoder_open(PS_ENCODING_CP932, &decoder, NULL), PS_RETRY);
    ps_memory_fail_at(1, 0);
    assert_int_equal(ps_encoder_open(PS_ENCODING_CP932, &encoder, NULL), PS_RETRY);
    ps_memory_fail_at(0, 0);
    assert_null(decoder);
    assert_null(encoder);
    ps_decoder_close(NULL);
    ps_encoder_close(NULL);
}

static int open_arena(void **state)
{
    static ps_arena arena;

    *state = &arena;
    return ps_arena_open((size_t)64 << 20, &arena, NULL) == PS_OK ? 0 : -1;
}

static int close_arena(void **state)
{
    ps_arena_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_detect),       cmocka_unit_test(test_undecided),
        cmocka_unit_test(test_names),        cmocka_unit_test(test_ascii_safe),
        cmocka_unit_test(test_decode_cells), cmocka_unit_test(test_decode_without_copy),
        cmocka_unit_test(test_encode_cells), cmocka_unit_test(test_encode_lacking),
        cmocka_unit_test(test_stream),       cmocka_unit_test(test_long_sample),
        cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
