// Of each address the first row: the same as remembering all of them, on every kind of machine, however many there are.
// layer: engine

#include "engine/first_rows.h"

#include "assert.h"
#include "base/memory.h"

enum { PEOPLE = 200000, ROWS = 300000 };

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static ps_hash hash_of(uint32_t who)
{
    return ps_hash_of((ps_span){(const char *)&who, sizeof who});
}

// One block of rows, by whom they are.
static void claim_block(ps_first_rows *rows, const uint32_t *who, uint32_t from, size_t count, uint32_t firsts[PEOPLE])
{
    ps_hash hashes[PS_FIRST_ROWS_BLOCK];
    uint32_t numbers[PS_FIRST_ROWS_BLOCK];
    ps_error err = {.status = PS_OK};

    for (size_t i = 0; i < count; i++) {
        hashes[i] = hash_of(who[i]);
        numbers[i] = from + (uint32_t)i;
    }
    ps_first_rows_prefetch(rows, hashes, count);
    assert_ok(ps_first_rows_claim(rows, hashes, numbers, count, &err), &err);
    for (size_t i = 0; i < count; i++) {
        if (firsts[who[i]] == 0) firsts[who[i]] = from + (uint32_t)i;
        assert_int_equal(numbers[i], firsts[who[i]]);
    }
}

// Many more than were expected take several levels.
static void check_form(ps_bucket_form form, uint64_t expected, size_t levels)
{
    static uint32_t firsts[PEOPLE];
    uint32_t who[PS_FIRST_ROWS_BLOCK], seed = 3;
    ps_first_rows rows;
    ps_error err = {.status = PS_OK};

    memset(firsts, 0, sizeof firsts);
    assert_ok(ps_first_rows_open(&rows, expected, &err), &err);
    rows.form = form;
    for (uint32_t row = 1; row < ROWS;) {
        size_t count = 1 + next_random(&seed) % PS_FIRST_ROWS_BLOCK;
        for (size_t i = 0; i < count; i++) // some stand twice in a block
            who[i] = i > 0 && next_random(&seed) % 16 == 0 ? who[i - 1] : next_random(&seed) % PEOPLE;
        claim_block(&rows, who, row, count, firsts);
        row += (uint32_t)count;
    }
    assert_int_equal(rows.count, levels);
    ps_first_rows_close(&rows);
}

static void test_forms(void **state)
{
    (void)state;
    for (ps_cpu cpu = PS_CPU_SCALAR; cpu <= ps_bucket_cpu_best(); cpu++) {
        print_message("  %s\n", ps_cpu_name(cpu));
        check_form(ps_bucket_form_for(cpu), ROWS, 1);
        check_form(ps_bucket_form_for(cpu), 0, 2);
    }
}

// Hashes that all want one line, at the end of the table, and a hash of zeros, which a gap looks like.
static void test_crowd(void **state)
{
    enum { CROWD = 40 };
    ps_hash hashes[CROWD + 1] = {{0}};
    uint32_t numbers[CROWD + 1];
    ps_first_rows rows;
    ps_error err = {.status = PS_OK};
    (void)state;

    assert_ok(ps_first_rows_open(&rows, 1, &err), &err);
    for (unsigned round = 0; round < 2; round++) {
        for (uint32_t i = 0; i <= CROWD; i++) {
            hashes[i] = i == 0 ? (ps_hash){0} : (ps_hash){.low = i, .high = UINT64_MAX};
            numbers[i] = i + 1 + round * (CROWD + 1);
        }
        assert_ok(ps_first_rows_claim(&rows, hashes, numbers, CROWD + 1, &err), &err);
        for (uint32_t i = 0; i <= CROWD; i++)
            assert_int_equal(numbers[i], i + 1);
    }
    ps_first_rows_close(&rows);
}

static void test_no_memory(void **state)
{
    ps_first_rows rows = {.count = 0};
    ps_hash hash = {.low = 1};
    uint32_t number = 1;
    ps_error err = {.status = PS_OK};
    (void)state;

    ps_memory_fail_at(1, 0);
    assert_int_equal(ps_first_rows_open(&rows, 1, &err), PS_RETRY);
    ps_first_rows_close(&rows);
    ps_memory_fail_at(0, 0);
    assert_ok(ps_first_rows_open(&rows, 1, &err), &err);
    rows.room = 0;
    ps_memory_fail_at(1, 0);
    assert_int_equal(ps_first_rows_claim(&rows, &hash, &number, 1, &err), PS_RETRY);
    ps_memory_fail_at(0, 0);
    assert_ok(ps_first_rows_claim(&rows, &hash, &number, 1, &err), &err);
    assert_int_equal(rows.count, 2);
    ps_first_rows_close(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forms), cmocka_unit_test(test_crowd),
                                       cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
