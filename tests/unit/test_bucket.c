// Every form sees in eight words what the scalar one sees.
// layer: base
#include "assert.h"
#include "base/bucket.h"

static void test_forms_are_equal(void **state)
{
    enum { ROUNDS = 200000 };
    uint64_t random = 42;
    ps_bucket bucket;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t ignored = UINT64_C(3) << (round % 62);
        for (unsigned i = 0; i < PS_BUCKET_WORDS; i++) {
            random = random * 6364136223846793005U + 1442695040888963407U;
            uint64_t word = (random >> 60) % 4 << (round % 62); // few values, so that many are equal
            atomic_init(&bucket.words[i], random >> 63 == 0 ? word : word | UINT64_C(1) << 63);
        }
        uint64_t word = atomic_load(&bucket.words[random >> 40 & 7]) & ~(round % 2 == 0 ? 0 : ignored);
        unsigned seen = ps_bucket_look_scalar(&bucket, word, round % 2 == 0 ? 0 : ignored);
        for (unsigned cpu = 0; cpu <= (unsigned)ps_cpu_best(); cpu++)
            assert_int_equal(ps_bucket_form_for((ps_cpu)cpu).look(&bucket, word, round % 2 == 0 ? 0 : ignored), seen);
    }
}

static void test_what_is_seen(void **state)
{
    ps_bucket bucket = {{5, 0, 7, 5 | 64, 0, 1, UINT64_MAX, 5}};

    (void)state;
    assert_non_null(ps_bucket_form_for(ps_bucket_cpu_best()).look);
    for (unsigned cpu = 0; cpu <= (unsigned)ps_cpu_best(); cpu++) {
        ps_bucket_look *look = ps_bucket_form_for((ps_cpu)cpu).look;
        assert_int_equal(look(&bucket, 5, 0), 0x1281);
        assert_int_equal(look(&bucket, 5, 64), 0x1289);
        assert_int_equal(look(&bucket, 0, 1), 0x1232);
        assert_int_equal(look(&bucket, 9, 0), 0x1200);
    }
}

// Any number of them, none among them, each with its own word.
static void test_each(void **state)
{
    enum { COUNT = 70 };
    static ps_bucket buckets[COUNT];
    const ps_bucket *lines[COUNT];
    uint64_t words[COUNT];

    (void)state;
    for (uint64_t i = 0; i < COUNT; i++) {
        lines[COUNT - 1 - i] = &buckets[i];
        words[i] = 1 + i % 9;
        for (uint64_t k = 0; k < PS_BUCKET_WORDS; k++)
            atomic_init(&buckets[i].words[k], (i * 7 + k * 3) % 10);
    }
    for (unsigned cpu = 0; cpu <= (unsigned)ps_cpu_best(); cpu++) {
        ps_bucket_form form = ps_bucket_form_for((ps_cpu)cpu);
        for (size_t count = 0; count < COUNT; count++) {
            uint16_t seen[COUNT + 1];
            memset(seen, 0xff, sizeof seen);
            form.look_each(lines, words, cpu % 2 * 6, count, seen);
            for (size_t i = 0; i < count; i++)
                assert_int_equal(seen[i], ps_bucket_look_scalar(lines[i], words[i], cpu % 2 * 6));
            assert_int_equal(seen[count], UINT16_MAX);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms_are_equal),
        cmocka_unit_test(test_what_is_seen),
        cmocka_unit_test(test_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
