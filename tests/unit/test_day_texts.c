// Days as text, from what was written before.
// layer: base
#include "assert.h"

#include "base/day_texts.h"

static ps_day_texts texts;

static void check(ps_day_texts *known, ps_day day)
{
    char made[PS_DAY_ROOM], expected[PS_DAY_ROOM];
    size_t len = (size_t)(ps_put_day(expected, day) - expected);

    if ((size_t)(ps_put_known_day(known, made, day) - made) != len || memcmp(made, expected, len) != 0) {
        fail_msg("day %d", day);
    }
}

// Each when it is new, when it is known, and when another has taken its place and gone again.
static void test_days(void **state)
{
    enum { FIRST = -719162, LAST = 2932896 };

    (void)state;
    for (ps_day day = FIRST - 10; day <= LAST + 10; day += day % 7 == 0 ? PS_DAY_TEXTS : 1) {
        check(NULL, day);
        check(&texts, day);
        check(&texts, day);
        check(&texts, day - PS_DAY_TEXTS);
        check(&texts, day);
    }
}

// What has no text leaves none behind, and takes none of another's.
static void test_none(void **state)
{
    static const ps_day none[] = {PS_DAY_NONE, INT32_MAX, INT32_MIN, INT32_MAX - 200, 0, 20454};

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(none); i++) {
        check(&texts, none[i] & (PS_DAY_TEXTS - 1)); // at the same place
        check(&texts, none[i]);
        check(&texts, none[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
