// Numbers in order, as qsort() puts them.
// layer: base

#include "base/sort.h"

#include <stdlib.h>
#include <string.h>

#include "assert.h"

enum { MANY = 5000 };

static int compare(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;

    return *a < *b ? -1 : *a > *b;
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static const struct {
    const char *name;
    size_t count;
    uint64_t mask; // of random bits
} cases[] = {
    {"none", 0, UINT64_MAX},
    {"one", 1, UINT64_MAX},
    {"two", 2, UINT64_MAX},
    {"all bits", MANY, UINT64_MAX},
    {"all the same", MANY, 0},
    {"a single bit", MANY, UINT64_C(1) << 63},
    {"an odd digit alone", MANY, UINT64_C(0x7ff) << 22},
    {"with repetitions", MANY, UINT64_C(0xff0ff)},
};

static void test_sort(void **state)
{
    static uint64_t numbers[MANY], expected[MANY], room[MANY];
    uint64_t seed = 88172645463325252;

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].name);
        for (size_t k = 0; k < cases[i].count; k++)
            numbers[k] = expected[k] = next_random(&seed) & cases[i].mask;
        qsort(expected, cases[i].count, sizeof *expected, compare);
        ps_sort_numbers(numbers, room, cases[i].count);
        assert_memory_equal(numbers, expected, cases[i].count * sizeof *numbers);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sort)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
