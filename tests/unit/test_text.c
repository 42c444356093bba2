// layer: base
#include "assert.h"

#include "base/log.h"
#include "base/text.h"

static const struct {
    const char *name, *bytes;
    int32_t code_points[4]; // -1: not UTF-8; 0 ends
} utf8_cases[] = {
    {"ASCII", "a~", {'a', '~'}},
    {"two bytes", "\xc3\xa9\xc2\x80", {0xe9, 0x80}},
    {"three bytes", "\u3042\uffff", {0x3042, 0xffff}},
    {"four bytes", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", {0x10000, 0x10ffff}},
    {"overlong slash", "\xc0\xaf", {-1, -1}},
    {"overlong in three", "\xe0\x9f\xbf", {-1, -1, -1}},
    {"overlong in four", "\xf0\x8f\xbf\xbf", {-1, -1, -1, -1}},
    {"surrogate", "\xed\xa0\x80", {-1, -1, -1}},
    {"past the last", "\xf4\x90\x80\x80", {-1, -1, -1, -1}},
    {"lone continuation", "\x80z", {-1, 'z'}},
    {"cut short by a letter", "\xe3\x81z", {-1, -1, 'z'}},
    {"cut short by the end", "z\xe3\x81", {'z', -1, -1}},
    {"five-byte form", "\xf8\x88", {-1, -1}},
    {"never a byte", "\xff\xfe", {-1, -1}},
};

static void test_utf8_next(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(utf8_cases); i++) {
        ps_span text = ps_span_of(utf8_cases[i].bytes);
        size_t offset = 0, count = 0;
        bool valid = true;
        print_message("  %s\n", utf8_cases[i].name);
        while (offset < text.len) {
            int32_t code_point = ps_utf8_next(text, &offset);
            assert_int_equal(code_point, utf8_cases[i].code_points[count++]);
            if (code_point < 0) valid = false;
        }
        assert_true(count == 4 || utf8_cases[i].code_points[count] == 0);
        assert_int_equal(ps_utf8_valid(text), valid);
    }
}

// Wherever it stands among letters, of which eight are looked at at once.
static void test_utf8_valid_among_letters(void **state)
{
    enum { LETTERS = 20 };
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(utf8_cases) * (LETTERS + 1); i++) {
        ps_span text = ps_span_of(utf8_cases[i / (LETTERS + 1)].bytes);
        size_t before = i % (LETTERS + 1);
        char bytes[LETTERS + 8];
        memset(bytes, 'a', sizeof bytes);
        memcpy(bytes + before, text.bytes, text.len);
        assert_int_equal(ps_utf8_valid((ps_span){bytes, before + text.len}), ps_utf8_valid(text));
        // What a letter behind it cuts short, none ended either.
        assert_int_equal(ps_utf8_valid((ps_span){bytes, LETTERS + text.len}), ps_utf8_valid(text));
    }
}

// Every code point there is goes out and comes back; a surrogate does not come back.
static void test_utf8_round_trip(void **state)
{
    (void)state;
    for (uint32_t code_point = 0; code_point <= 0x10ffff; code_point++) {
        char bytes[4];
        size_t offset = 0, len = ps_utf8_put(code_point, bytes);
        int32_t back = ps_utf8_next((ps_span){bytes, len}, &offset);
        bool surrogate = code_point >= 0xd800 && code_point < 0xe000;
        if (back != (surrogate ? -1 : (int32_t)code_point)) fail_msg("U+%04X", code_point);
        if (!surrogate && offset != len) fail_msg("U+%04X: %zu of %zu bytes", code_point, offset, len);
    }
    assert_true(ps_utf8_valid((ps_span){NULL, 0}));
}

// Every pair of bytes, at every place of the eight that are compared at once and behind them.
static void test_equal_fold(void **state)
{
    char a[] = "left-right", b[] = "LEFT-right";
    const size_t len = sizeof a - 1;

    (void)state;
    for (size_t place = 0; place < len; place++) {
        const char kept_a = a[place], kept_b = b[place];
        for (unsigned pair = 0; pair < 0x10000; pair++) {
            int one = (int)(pair >> 8), other = (int)(pair & 0xff);
            a[place] = (char)one;
            b[place] = (char)other;
            int low = one >= 'A' && one <= 'Z' ? one + 32 : one,
                other_low = other >= 'A' && other <= 'Z' ? other + 32 : other;
            if (ps_ascii_equal_fold((ps_span){a, len}, (ps_span){b, len}) != (low == other_low))
                fail_msg("%02x and %02x at %zu", pair >> 8, pair & 0xff, place);
        }
        a[place] = kept_a;
        b[place] = kept_b;
    }
}

static void test_ascii(void **state)
{
    (void)state;
    assert_true(ps_ascii_equal_fold(ps_span_of("Example.JP"), ps_span_of("eXAMPLE.jp")));
    assert_false(ps_ascii_equal_fold(ps_span_of("example.jp"), ps_span_of("example.j")));
    assert_false(ps_ascii_equal_fold(ps_span_of("[@"), ps_span_of("{`"))); // 0x20 apart, no letters
    assert_false(ps_ascii_equal_fold(ps_span_of("\u00c9"), ps_span_of("\u00e9"))); // É é
    assert_span_equal(ps_ascii_trim(ps_span_of(" \t a b\t ")), "a b");
    assert_span_equal(ps_ascii_trim(ps_span_of(" \t")), "");
    assert_span_equal(ps_ascii_trim(ps_span_of("\na ")), "\na");
    assert_span_equal(ps_ascii_trim((ps_span){NULL, 0}), "");
}

typedef void span_writer(ps_span text, ps_buf *out);

static void assert_written(span_writer *writer, const char *text, const char *expected)
{
    ps_buf buf;

    ps_buf_init(&buf, 1000);
    writer(ps_span_of(text), &buf);
    assert_string_equal(ps_buf_text(&buf), expected);
    ps_buf_done(&buf);
}

static void test_mask(void **state)
{
    static const struct {
        const char *address, *masked;
    } cases[] = {
        {"taro@example.jp", "t***@example.jp"},
        {"t@example.jp", "t***@example.jp"},
        {"@example.jp", "***@example.jp"},
        {"山田@example.jp", "山***@example.jp"},
        {"taro@例え.jp", "t***@例え.jp"},
        {"\"a@b\"@example.jp", "\"***@example.jp"},
        {"no address", "***"},
        {"", "***"},
        {"\x83taro@example.jp", "***@example.jp"},
        {"\x1btaro@example.jp", "\\x1b***@example.jp"},
        {"taro@example.jp (Yamada Taro)", "t***@example.jp"},
        {"Yamada <taro@example.jp>", "Y***@example.jp"},
        {"taro@example.jp,jiro@example.com;03-0000-0000", "t***@example.com"},
        {"taro@\x1b[2J", "t***@"},
    };

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++)
        assert_written(ps_mask_address, cases[i].address, cases[i].masked);
}

static void add_visible(ps_span text, ps_buf *out)
{
    ps_add_visible(out, text);
}

static void test_visible(void **state)
{
    (void)state;
    assert_written(add_visible, "plain 例え ~", "plain 例え ~");
    assert_written(add_visible, "a\nb\x1b[0m\x7f\t", "a\\x0ab\\x1b[0m\\x7f\\x09");
    assert_written(add_visible, "\xc2\x9b", "\\xc2\\x9b"); // C1: a control sequence introducer
    assert_written(add_visible, "\u202egpj\u202c", "\\xe2\\x80\\xaegpj\\xe2\\x80\\xac");
    assert_written(add_visible, "\u2066\u200f", "\\xe2\\x81\\xa6\\xe2\\x80\\x8f");
    assert_written(add_visible, "\u2028", "\\xe2\\x80\\xa8"); // a line separator
    assert_written(add_visible, "\x83\x81\xe3\x81", "\\x83\\x81\\xe3\\x81");
}

static void test_did_you_mean(void **state)
{
    static const char *const names[] = {"recipients", "suppressions", "mx", "email", "engagement", "output"};
    static const struct {
        const char *word, *meant;
    } cases[] = {
        {"recipeints", "recipients"},
        {"recipient", "recipients"},
        {"supressions", "suppressions"},
        {"mail", "email"},
        {"mxx", "mx"},
        {"xm", "mx"},
        {"q", NULL},
        {"", NULL},
        {"outputs", "output"},
        {"colour", NULL},
        {"engagment", "engagement"},
        {"input", NULL},
        {"in", NULL},
    };
    char long_word[200];

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        const char *meant = ps_did_you_mean(cases[i].word, names, PS_COUNT_OF(names));
        print_message("  %s\n", cases[i].word);
        if (cases[i].meant == NULL) {
            assert_null(meant);
        } else {
            assert_non_null(meant);
            assert_string_equal(meant, cases[i].meant);
        }
    }
    memset(long_word, 'x', sizeof long_word);
    long_word[sizeof long_word - 1] = '\0';
    const char *const long_names[] = {long_word};
    assert_null(ps_did_you_mean(long_word, long_names, 1));
    assert_null(ps_did_you_mean("x", long_names, 1));
    assert_null(ps_did_you_mean("mx", NULL, 0));
}

__attribute__((format(printf, 3, 4))) static void format_into(char *out, size_t size, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    ps_text_format(out, size, format, list);
    va_end(list);
}

// A text that fits stays; a longer one ends in dots, never inside a character.
static void test_format_cut(void **state)
{
    char out[10];
    (void)state;

    format_into(out, sizeof out, "%s", "123456789");
    assert_string_equal(out, "123456789");
    format_into(out, sizeof out, "%s", "1234567890");
    assert_string_equal(out, "123456...");
    format_into(out, sizeof out, "%s", "12345\u3042xyz");
    assert_string_equal(out, "12345...");
    format_into(out, sizeof out, "%s", "123\u3042xyzab");
    assert_string_equal(out, "123\u3042...");
}

typedef struct logged {
    unsigned count;
    ps_log_level level;
    char text[5000];
} logged;

static void keep_line(void *context, ps_log_level level, const char *text)
{
    logged *into = context;

    into->count++;
    into->level = level;
    snprintf(into->text, sizeof into->text, "%s", text);
}

static void test_log(void **state)
{
    logged line = {0};
    (void)state;

    ps_log(PS_LOG_ERROR, "to nobody");
    ps_log_set(keep_line, &line);
    ps_log(PS_LOG_WARNING, "%d rows", 3);
    assert_int_equal(line.count, 1);
    assert_int_equal(line.level, PS_LOG_WARNING);
    assert_string_equal(line.text, "3 rows");
    ps_log(PS_LOG_DEBUG, "%09000d", 1);
    assert_int_equal(strlen(line.text), 4095);
    assert_string_equal(line.text + 4092, "...");
    ps_log_set(NULL, NULL);
    ps_log(PS_LOG_ERROR, "to nobody");
    assert_int_equal(line.count, 2);
}

// One byte beyond ASCII anywhere in texts of all lengths around what is looked at in one piece.
static void test_ascii_only(void **state)
{
    char text[40];

    (void)state;
    for (size_t len = 0; len < sizeof text; len++) {
        memset(text, 'a', sizeof text);
        assert_true(ps_ascii_only((ps_span){text, len}));
        for (size_t at = 0; at < sizeof text; at++) {
            text[at] = (char)0x80;
            assert_int_equal(ps_ascii_only((ps_span){text, len}), at >= len);
            text[at] = '\x7f';
        }
    }
    assert_true(ps_ascii_only((ps_span){NULL, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ascii_only),
        cmocka_unit_test(test_utf8_next),
        cmocka_unit_test(test_utf8_valid_among_letters),
        cmocka_unit_test(test_utf8_round_trip),
        cmocka_unit_test(test_equal_fold),
        cmocka_unit_test(test_ascii),
        cmocka_unit_test(test_mask),
        cmocka_unit_test(test_visible),
        cmocka_unit_test(test_did_you_mean),
        cmocka_unit_test(test_format_cut),
        cmocka_unit_test(test_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
