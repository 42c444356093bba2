// Whether bytes are UTF-8: every form says what the plain one says.
// layer: base

#include "base/utf8.h"

#include "assert.h"
#include "base/text.h"

enum { SEQUENCE = 4, LETTERS = 40, VECTOR = 32 };

// The first and last of what RFC 3629 tells apart.
static const unsigned char bytes_of_note[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                              0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
                                              0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF};

static void check(ps_span text, bool valid)
{
    for (ps_cpu cpu = PS_CPU_SCALAR; cpu <= ps_cpu_best(); cpu++) {
        if (ps_utf8_check_for(cpu)(text) == valid) continue;
        fail_msg("%s: %zu bytes are %svalid", ps_cpu_name(cpu), text.len, valid ? "" : "not ");
    }
}

// Among letters, over the end of a vector and cut off at the end of the text.
static void check_everywhere(const char sequence[SEQUENCE])
{
    enum { FIRST = VECTOR - SEQUENCE, LAST = VECTOR };
    char text[LETTERS];

    for (size_t at = FIRST; at <= LAST; at++) {
        memset(text, 'a', sizeof text);
        memcpy(text + at, sequence, SEQUENCE);
        const ps_span among = {text, LETTERS}, cut = {text, at + SEQUENCE};
        check(among, ps_utf8_valid(among));
        check(cut, ps_utf8_valid(cut));
    }
}

static void test_sequences(void **state)
{
    // One in five, of all bytes at all places: five has no divisor in common with their number.
    enum { COUNT = sizeof bytes_of_note, STEP = PS_TEST_SANITIZED ? 31 : 5 };
    (void)state;

    for (size_t i = 0; i < (size_t)COUNT * COUNT * COUNT * COUNT; i += STEP) {
        const char sequence[SEQUENCE] = {
            (char)bytes_of_note[i % COUNT],
            (char)bytes_of_note[i / COUNT % COUNT],
            (char)bytes_of_note[i / COUNT / COUNT % COUNT],
            (char)bytes_of_note[i / COUNT / COUNT / COUNT],
        };
        check_everywhere(sequence);
    }
}

// Each code point, surrogates with them, in a text of its own length.
static void test_code_points(void **state)
{
    (void)state;
    for (uint32_t code_point = 0; code_point <= 0x10ffff; code_point++) {
        char bytes[SEQUENCE];
        check((ps_span){bytes, ps_utf8_put(code_point, bytes)}, code_point < 0xd800 || code_point > 0xdfff);
    }
    check((ps_span){NULL, 0}, true);
}

static void test_lengths(void **state)
{
    char text[4 * VECTOR];
    (void)state;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = "\xE6\x97\xA5"[i % 3];
    for (size_t len = 0; len <= sizeof text; len++)
        check((ps_span){text, len}, len % 3 == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_code_points),
        cmocka_unit_test(test_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
