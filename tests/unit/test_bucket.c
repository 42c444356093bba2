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
            assert_int_equal(ps_bucket_look_for((ps_cpu)cpu)(&bucket, word, round % 2 == 0 ? 0 : ignored), seen);
    }
}

static void test_what_is_seen(void **state)
{
    ps_bucket bucket = {{5, 0, 7, 5 | 64, 0, 1, UINT64_MAX, 5}};

    (void)state;
    assert_non_null(ps_bucket_look_best());
    for (unsigned cpu = 0; cpu <= (unsigned)ps_cpu_best(); cpu++) {
        ps_bucket_look *look = ps_bucket_look_for((ps_cpu)cpu);
        assert_int_equal(look(&bucket, 5, 0), 0x1281);
        assert_int_equal(look(&bucket, 5, 64), 0x1289);
        assert_int_equal(look(&bucket, 0, 1), 0x1232);
        assert_int_equal(look(&bucket, 9, 0), 0x1200);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forms_are_equal), cmocka_unit_test(test_what_is_seen)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
