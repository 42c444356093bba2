// The numbers of what entries say.
// layer: facts
#include "facts/fact_numbers.h"

#include "assert.h"
#include "base/memory.h"

enum { DAYS = 3000 };

static ps_suppressed fact_of(const char *list, ps_day date)
{
    return (ps_suppressed){.sources = 5,
                           .classes = 1U << PS_CLASS_HARD,
                           .strongest = PS_CLASS_HARD,
                           .list = list,
                           .date = date,
                           .last_bounce = date};
}

// One number each, however often and by which way it is asked for; also for a list whose name stands twice in memory.
static void test_numbers(void **state)
{
    static ps_fact_numbers numbers;
    static char here[] = "bounces", there[] = "bounces", other[] = "complaints";
    const char *lists[] = {here, there, other};
    uint32_t first[2][DAYS], number = 0;

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (ps_day day = 0; day < DAYS; day++) {
            for (size_t i = 0; i < PS_COUNT_OF(lists); i++) {
                const ps_suppressed fact = fact_of(lists[i], day);
                assert_ok(ps_fact_find(&numbers, &fact, &number, NULL), NULL);
                if (round == 0 && i != 1) first[i / 2][day] = number;
                assert_int_equal(number, first[i / 2][day]);
                assert_ok(ps_fact_claim(&numbers, &fact, ps_fact_hash(&numbers, &fact), &number, NULL), NULL);
                assert_int_equal(number, first[i / 2][day]);
            }
        }
    }
    assert_int_equal(numbers.count, 2 * DAYS);
    for (ps_day day = 0; day < DAYS; day++)
        assert_int_equal(numbers.facts[first[1][day]].date, day);
    ps_fact_numbers_done(&numbers);
}

static void test_no_memory(void **state)
{
    static ps_fact_numbers numbers;
    uint32_t number = 0;
    ps_error err;

    (void)state;
    for (unsigned long n = 1; n < 5; n++) {
        ps_status status = PS_OK;
        ps_day day = 0;
        memset(&numbers, 0, sizeof numbers);
        ps_memory_fail_at(n, 0);
        for (; status == PS_OK; day++) {
            const ps_suppressed fact = fact_of("bounces", day);
            status = ps_fact_find(&numbers, &fact, &number, &err);
        }
        ps_memory_fail_at(0, 0);
        assert_int_equal(status, PS_RETRY);
        const ps_suppressed last = fact_of("bounces", day - 1);
        assert_ok(ps_fact_find(&numbers, &last, &number, &err), &err);
        assert_int_equal(number, day - 1);
        assert_int_equal(numbers.count, day);
        ps_fact_numbers_done(&numbers);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
