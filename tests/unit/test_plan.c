// In which order domains are asked for.
// layer: net

#include "net/plan.h"

#include <stdio.h>
#include <stdlib.h>

#include "assert.h"

enum { MANY = 40000 }; // more than one block of the list

static void add(ps_domains *domains, const char *name, uint64_t rows)
{
    uint32_t number;
    ps_error err;

    assert_ok(ps_domains_add(domains, ps_span_of(name), &number, &err), &err);
    domains->rows[number] = rows;
}

static void open_many(ps_domains *domains)
{
    char name[32];
    ps_error err;

    assert_ok(ps_domains_open(domains, &err), &err);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "d%u.example.jp", i);
        add(domains, name, 1 + i % 3);
    }
}

static void plan(ps_domains *domains, const uint32_t *taken, size_t taken_count, ps_plan *out)
{
    ps_error err;

    assert_ok(ps_plan_make(domains, NULL, taken, taken_count, out, &err), &err);
}

static void test_most_rows_first(void **state)
{
    static const struct {
        const char *name;
        uint64_t rows;
    } cases[] = {{"one.example.jp", 1},          {"big.example.jp", 5000000}, {"two.example.jp", 2},
                 {"none.example.jp", 0},         {"huge.example.jp", 65534},  {"nodots", 9},
                 {"bad_label.example.jp", 9999}, {"ten.example.jp", 10}};
    static const char *const expected[] = {"big.example.jp", "huge.example.jp", "ten.example.jp",
                                           "two.example.jp", "one.example.jp",  "none.example.jp"};
    ps_domains domains;
    ps_plan made;
    ps_error err;

    (void)state;
    assert_ok(ps_domains_open(&domains, &err), &err);
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++)
        add(&domains, cases[i].name, cases[i].rows);
    plan(&domains, NULL, 0, &made);
    assert_int_equal(made.count, PS_COUNT_OF(expected));
    for (size_t i = 0; i < made.count; i++)
        assert_string_equal(ps_intern_text(&domains.names, made.turns[i].domain).bytes, expected[i]);
    ps_plan_done(&made);
    ps_domains_close(&domains);
}

// Each once, but for those that somebody asks for already.
static void test_each_once(void **state)
{
    static unsigned char seen[MANY];
    static const uint32_t taken[] = {0, 16384, MANY - 1};
    ps_domains domains;
    ps_plan made;

    (void)state;
    open_many(&domains);
    plan(&domains, taken, PS_COUNT_OF(taken), &made);
    for (size_t i = 0; i < made.count; i++) {
        uint64_t rows = domains.rows[made.turns[i].domain];
        if (i > 0) assert_true(rows <= domains.rows[made.turns[i - 1].domain]);
        assert_int_equal(seen[made.turns[i].domain]++, 0);
    }
    assert_int_equal(made.count, MANY - PS_COUNT_OF(taken));
    for (size_t i = 0; i < PS_COUNT_OF(taken); i++)
        assert_int_equal(seen[taken[i]], 0);
    ps_plan_done(&made);
    ps_domains_close(&domains);
}

// Neighbours in the list are hardly ever neighbours in time, and the order is the same each time.
static void test_shuffled(void **state)
{
    ps_domains domains;
    ps_plan one, two;
    unsigned neighbours = 0;

    (void)state;
    open_many(&domains);
    plan(&domains, NULL, 0, &one);
    plan(&domains, NULL, 0, &two);
    assert_int_equal(one.count, two.count);
    for (size_t i = 0; i < one.count; i++)
        assert_int_equal(one.turns[i].domain, two.turns[i].domain);
    for (size_t i = 1; i < one.count; i++)
        neighbours += abs((int)one.turns[i].domain - (int)one.turns[i - 1].domain) <= 30;
    assert_true(neighbours < MANY / 100);
    ps_plan_done(&one);
    ps_plan_done(&two);
    ps_domains_close(&domains);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_most_rows_first),
        cmocka_unit_test(test_each_once),
        cmocka_unit_test(test_shuffled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
