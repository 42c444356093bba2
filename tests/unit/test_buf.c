// layer: base
#include "assert.h"

#include <inttypes.h>
#include <pthread.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/number.h"

static void test_adding(void **state)
{
    ps_buf buf;
    (void)state;

    ps_buf_init(&buf, 1000);
    assert_string_equal(ps_buf_text(&buf), "");
    ps_buf_add_text(&buf, "one");
    ps_buf_add_char(&buf, ',');
    ps_buf_add_span(&buf, (ps_span){"two!", 3});
    ps_buf_add_span(&buf, (ps_span){NULL, 0});
    ps_buf_add_format(&buf, " %d %s", 3, "four");
    assert_string_equal(ps_buf_text(&buf), "one,two 3 four");
    assert_span_equal(ps_buf_span(&buf), "one,two 3 four");
    memcpy(ps_buf_extend(&buf, 2), "ab", 2);
    assert_string_equal(ps_buf_text(&buf), "one,two 3 fourab");
    assert_non_null(ps_buf_extend(&buf, 0));
    ps_buf_clear(&buf);
    assert_string_equal(ps_buf_text(&buf), "");
    ps_buf_done(&buf);
    ps_buf_done(&buf);
}

static void test_long_format(void **state)
{
    ps_buf buf;
    (void)state;

    ps_buf_init(&buf, 100000);
    for (int i = 0; i < 100; i++)
        ps_buf_add_format(&buf, "%0500d", i);
    assert_int_equal(buf.len, 50000);
    assert_memory_equal(buf.bytes + 49997, "099", 3);
    ps_buf_done(&buf);
}

// The ceiling itself fits, one byte more does not, and then nothing at all until the buffer is cleared.
static void test_ceiling(void **state)
{
    ps_buf buf;
    ps_error err = {.status = PS_OK};
    (void)state;

    ps_buf_init(&buf, 100);
    for (int i = 0; i < 100; i++)
        ps_buf_add_char(&buf, 'x');
    assert_ok(ps_buf_status(&buf, "a test", &err), &err);
    ps_buf_add(&buf, NULL, 0);
    assert_false(buf.failed);
    ps_buf_add_char(&buf, 'x');
    assert_true(buf.failed);
    assert_null(ps_buf_extend(&buf, 0));
    assert_string_equal(ps_buf_text(&buf), "");
    assert_int_equal(ps_buf_status(&buf, "the report", &err), PS_BUG);
    assert_string_equal(err.text, "the report would be longer than its limit of 100 bytes.");
    ps_buf_clear(&buf);
    ps_buf_add_text(&buf, "again");
    assert_string_equal(ps_buf_text(&buf), "again");
    assert_null(ps_buf_extend(&buf, SIZE_MAX - 1));
    ps_buf_done(&buf);

    ps_buf_init(&buf, SIZE_MAX);
    ps_buf_add_text(&buf, "x");
    assert_null(ps_buf_extend(&buf, SIZE_MAX - 1));
    assert_true(buf.failed);
    ps_buf_done(&buf);
}

static void test_no_memory(void **state)
{
    ps_buf buf;
    ps_error err = {.status = PS_OK};
    (void)state;

    ps_buf_init(&buf, 1000);
    ps_memory_fail_at(2, 0);
    ps_buf_add_text(&buf, "first");
    assert_false(buf.failed);
    for (int i = 0; i < 20; i++)
        ps_buf_add_text(&buf, "0123456789");
    ps_memory_fail_at(0, 0);
    assert_int_equal(ps_buf_status(&buf, "the report", &err), PS_RETRY);
    assert_string_equal(err.text, "There is not enough memory for the report.");
    ps_buf_done(&buf);
}

static void test_memory(void **state)
{
    ps_error err = {.status = PS_OK};
    (void)state;

    assert_null(ps_memory_new(SIZE_MAX / 2, 3, &err));
    assert_int_equal(err.status, PS_RETRY);
    char *none = ps_memory_new(0, 8, &err);
    assert_non_null(none);
    ps_memory_free(none);

    uint32_t *numbers = NULL;
    size_t capacity = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        assert_ok(ps_memory_grow((void **)&numbers, &capacity, i + 1, sizeof *numbers, &err), &err);
        numbers[i] = i;
    }
    assert_int_equal(capacity, 1024);
    uint32_t *before = numbers;
    assert_int_equal(ps_memory_grow((void **)&numbers, &capacity, SIZE_MAX / 2, sizeof *numbers, &err), PS_RETRY);
    assert_ptr_equal(numbers, before);
    assert_int_equal(capacity, 1024);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    ps_memory_free(numbers);

    char *copy = ps_memory_text("text", &err);
    assert_string_equal(copy, "text");
    ps_memory_free(copy);
}

static void test_fail_at(void **state)
{
    (void)state;
    for (int for_ever = 0; for_ever <= 1; for_ever++) {
        bool got[5];
        ps_memory_fail_at(3, for_ever);
        for (size_t i = 0; i < PS_COUNT_OF(got); i++) {
            void *memory = ps_memory_new(1, 1, NULL);
            got[i] = memory != NULL;
            ps_memory_free(memory);
        }
        ps_memory_fail_at(0, 0);
        assert_true(got[0] && got[1] && !got[2]);
        assert_true(got[3] == !for_ever && got[4] == !for_ever);
    }
}

static void *allocate_often(void *context)
{
    size_t *failures = context;

    for (int i = 0; i < 1000; i++) {
        void *memory = ps_memory_new(1, 1, NULL);
        *failures += memory == NULL;
        ps_memory_free(memory);
    }
    return NULL;
}

// The n-th allocation of the program fails, whichever thread makes it, and only that one.
static void test_fail_at_threads(void **state)
{
    pthread_t threads[4];
    size_t failures[4] = {0}, sum = 0;
    (void)state;

    ps_memory_fail_at(2500, 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, allocate_often, &failures[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        sum += failures[i];
    }
    ps_memory_fail_at(0, 0);
    assert_int_equal(sum, 1);
}

static void check_number(uint64_t number)
{
    char expected[32], made[PS_NUMBER_SIZE];
    int len = snprintf(expected, sizeof expected, "%" PRIu64, number);

    char *end = ps_put_number(made, number);
    if (end - made != len || memcmp(made, expected, (size_t)len) != 0) fail_msg("%s", expected);
}

// All that four digits can be, and what stands around each power of ten and of two.
static void test_number(void **state)
{
    ps_buf buf;
    (void)state;

    for (uint64_t i = 0; i < 20000; i++) {
        check_number(i);
        check_number(i * 10001);
        check_number(UINT64_C(123400000000) + i);
    }
    for (uint64_t power = 10; power <= UINT64_C(1000000000000000000); power *= 10) {
        for (uint64_t i = 0; i < 7; i++)
            check_number(power - 3 + i);
    }
    check_number(UINT64_C(10000000000000000000));
    for (unsigned bit = 0; bit < 64; bit++)
        check_number((UINT64_C(1) << bit) - 1);
    check_number(UINT64_MAX);

    ps_buf_init(&buf, 23);
    ps_buf_add_text(&buf, "no ");
    ps_buf_add_number(&buf, UINT64_MAX);
    assert_span_equal(ps_buf_span(&buf), "no 18446744073709551615");
    ps_buf_done(&buf);
}

static void test_digits(void **state)
{
    char text[12];
    (void)state;

    char *end = ps_put_digits(text, ps_digits_of(20261121), 8);
    assert_span_equal(((ps_span){text, (size_t)(end - text)}), "20261121");
    end = ps_put_digits(text, ps_digits_of(90) >> 32, 4);
    assert_span_equal(((ps_span){text, (size_t)(end - text)}), "0090");
}

// Room may be left over, and none is there beyond the ceiling.
static void test_room(void **state)
{
    ps_buf buf;
    (void)state;

    ps_buf_init(&buf, 200);
    char *at = ps_buf_room(&buf, 100);
    at = ps_put_text(at, "one,");
    at = ps_put_span(at, (ps_span){NULL, 0});
    ps_buf_end(&buf, ps_put_span(at, (ps_span){"two!", 3}));
    assert_string_equal(ps_buf_text(&buf), "one,two");
    assert_non_null(ps_buf_room(&buf, 193));
    assert_string_equal(ps_buf_text(&buf), "one,two");
    assert_null(ps_buf_room(&buf, 194));
    assert_true(buf.failed && buf.over_max);
    assert_null(ps_buf_room(&buf, 1));
    ps_buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number),          cmocka_unit_test(test_digits),      cmocka_unit_test(test_room),
        cmocka_unit_test(test_adding),          cmocka_unit_test(test_long_format), cmocka_unit_test(test_ceiling),
        cmocka_unit_test(test_no_memory),       cmocka_unit_test(test_memory),      cmocka_unit_test(test_fail_at),
        cmocka_unit_test(test_fail_at_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
