// Which addresses stand in more than one row: the same as counting them all.
// layer: engine

#include "engine/repeats.h"

#include "assert.h"
#include "base/memory.h"
#include "stage/claim.h"
#include "stage/row.h"

enum { PEOPLE = 3000, ROWS = 4000, BATCHES = 5, WIDTH = 2, FIRST_FILE = 3 }; // batches of the first file

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

// Row r of the batch is of person `who[r]`; its values say who, to be found again when it moves. Person 0 has no
// address.
static void fill(ps_batch *batch, uint32_t *who, uint32_t *state, unsigned times[PEOPLE])
{
    batch->row_count = ROWS / BATCHES;
    for (size_t i = 0; i < batch->row_count; i++) {
        who[i] = next_random(state) % PEOPLE;
        times[who[i]]++;
        ps_span name = {(const char *)&who[i], sizeof who[i]};
        batch->rows[i] = (ps_row){.place = (uint32_t)i, .line = i + 1, .has_key = who[i] != 0, .key = ps_hash_of(name)};
        batch->values[i * WIDTH] = batch->values[i * WIDTH + 1] = name;
    }
}

// Of each person all rows but the first.
static void check_later(const ps_repeats *repeats, const ps_batch *batch, const uint32_t *who, unsigned met[PEOPLE])
{
    for (size_t i = 0; i < batch->row_count; i++)
        assert_int_equal(ps_repeated_later(&repeats->rows, batch->file, ps_row_number(batch, &batch->rows[i])),
                         who[i] != 0 && met[who[i]]++ > 0);
}

static void check_kept(const ps_repeats *repeats, ps_batch *batch, const uint32_t *who, const unsigned times[PEOPLE])
{
    size_t expected = 0;

    for (size_t i = 0; i < batch->row_count; i++)
        assert_int_equal(ps_repeated_has(&repeats->rows, batch->file, ps_row_number(batch, &batch->rows[i])),
                         who[i] != 0 && times[who[i]] > 1);
    size_t all = batch->row_count;
    ps_repeats_keep(repeats, batch);
    for (size_t i = 0; i < all; i++) {
        if (who[i] == 0 || times[who[i]] == 1) continue;
        const ps_span *values = ps_batch_values(batch, &batch->rows[expected]);
        assert_ptr_equal(values[0].bytes, &who[i]);
        assert_ptr_equal(values[1].bytes, &who[i]);
        assert_int_equal(batch->rows[expected].place, i);
        expected++;
    }
    assert_int_equal(batch->row_count, expected);
}

static void test_repeats(void **state)
{
    static ps_row rows[BATCHES][ROWS / BATCHES];
    static ps_span values[BATCHES][ROWS / BATCHES * WIDTH];
    static uint32_t who[BATCHES][ROWS / BATCHES];
    static unsigned times[PEOPLE], met[PEOPLE];
    ps_layout layout = {.mapped_count = WIDTH};
    ps_batch batches[BATCHES] = {0};
    ps_job job;
    ps_facts facts = {.job = &job};
    ps_repeats repeats = {.count = 0};
    ps_error err = {.status = PS_OK};
    uint32_t seed = 7;
    uint64_t expected = 0;
    (void)state;

    ps_job_init(&job);
    for (size_t i = 0; i < BATCHES; i++) {
        bool second = i >= FIRST_FILE; // numbers begin anew there; a file without rows lies between
        batches[i] = (ps_batch){.file = second ? 2 : 0, .rows = rows[i], .values = values[i], .layout = &layout};
        batches[i].first_number = (second ? i - FIRST_FILE : i) * (ROWS / BATCHES) + 1;
        fill(&batches[i], who[i], &seed, times);
        assert_ok(ps_repeats_note(&repeats, &facts, &batches[i], 10, &err), &err);
    }
    for (size_t i = 1; i < PEOPLE; i++)
        expected += times[i] > 1;
    assert_true(expected > 0);
    assert_int_equal(repeats.count, expected);
    ps_repeats_seal(&repeats);
    for (size_t i = 0; i < BATCHES; i++)
        check_later(&repeats, &batches[i], who[i], met);
    for (size_t i = 0; i < BATCHES; i++)
        check_kept(&repeats, &batches[i], who[i], times);
    const ps_row grown = {.place = UINT32_MAX}; // the file is another one now
    assert_false(ps_repeated_has(&repeats.rows, batches[0].file, ps_row_number(&batches[0], &grown)));
    ps_repeats_done(&repeats);
}

// Which rows are duplicates of which, claimed by all rows or by those that are repeated alone. So many readers make
// more groups of claims.
static size_t claim(const ps_facts *facts, unsigned readers, ps_row rows[BATCHES][ROWS / BATCHES])
{
    ps_claims claims;
    ps_error err = {.status = PS_OK};

    assert_ok(ps_claims_open(&claims, facts, readers, 0, &err), &err);
    for (uint32_t i = 0; i < BATCHES; i++) {
        uint8_t engaged[ROWS / BATCHES] = {PS_DECISION_is_protected}; // all of them are judged alike
        ps_batch batch = {.number = i, .file = i, .rows = rows[i], .row_count = ROWS / BATCHES, .first_number = 1};
        batch.engaged = engaged;
        assert_ok(ps_arena_open(1 << 20, &batch.arena, &err), &err);
        assert_ok(ps_stage_claim(facts, &claims, &batch, NULL, &err), &err);
        ps_arena_close(&batch.arena);
    }
    size_t claimed = ps_roster_count(claims.roster);
    ps_claims_done(&claims);
    return claimed;
}

static void test_alone_claims_nothing(void **state)
{
    static ps_row rows[BATCHES][ROWS / BATCHES], again[BATCHES][ROWS / BATCHES], grouped[BATCHES][ROWS / BATCHES];
    static ps_span values[ROWS / BATCHES * WIDTH];
    static unsigned times[PEOPLE];
    uint32_t who[ROWS / BATCHES], seed = 11;
    ps_job job;
    ps_facts facts = {.job = &job};
    ps_repeats repeats = {.count = 0};
    ps_error err = {.status = PS_OK};
    size_t duplicates = 0;
    (void)state;

    ps_job_init(&job);
    for (uint32_t i = 0; i < BATCHES; i++) {
        ps_batch batch = {.file = i, .rows = rows[i], .values = values, .first_number = 1};
        fill(&batch, who, &seed, times);
        assert_ok(ps_repeats_note(&repeats, &facts, &batch, 10, &err), &err);
    }
    memcpy(again, rows, sizeof rows);
    memcpy(grouped, rows, sizeof rows);
    size_t all = claim(&facts, 1, rows);
    assert_int_equal(claim(&facts, 3, grouped), all);
    assert_memory_equal(grouped, rows, sizeof rows);
    facts.repeated = &repeats.rows;
    size_t few = claim(&facts, 64, again);
    for (size_t i = 0; i < BATCHES; i++) {
        for (size_t r = 0; r < ROWS / BATCHES; r++)
            duplicates += ps_findings_has(rows[i][r].findings, PS_REASON_DUPLICATE);
    }
    assert_memory_equal(again, rows, sizeof rows);
    assert_true(few < all && duplicates > 0);
    ps_repeats_done(&repeats);
}

static void test_too_many_rows(void **state)
{
    ps_row row = {.has_key = true, .key = {1, 2}};
    ps_batch batch = {.first_number = (uint64_t)UINT32_MAX + 1, .rows = &row, .row_count = 1};
    ps_job job;
    ps_facts facts = {.job = &job};
    ps_repeats repeats = {.count = 0};
    ps_error err = {.status = PS_OK};
    (void)state;

    ps_job_init(&job);
    assert_int_equal(ps_repeats_note(&repeats, &facts, &batch, 10, &err), PS_INPUT);
    assert_non_null(strstr(err.text, "too many"));
    ps_repeats_done(&repeats);
}

static void test_no_memory(void **state)
{
    ps_row rows[2] = {{.place = 0, .has_key = true, .key = {1, 2}}, {.place = 1, .has_key = true, .key = {1, 2}}};
    ps_batch batch = {.first_number = 1, .rows = rows, .row_count = 2};
    ps_job job;
    ps_facts facts = {.job = &job};
    ps_status status = PS_RETRY;
    unsigned long n = 1;
    (void)state;

    ps_job_init(&job);
    for (; status != PS_OK; n++) {
        ps_repeats repeats = {.count = 0};
        ps_error err = {.status = PS_OK};
        ps_memory_fail_at(n, 0);
        status = ps_repeats_note(&repeats, &facts, &batch, 1 << 20, &err);
        ps_memory_fail_at(0, 0);
        assert_true(status == PS_OK || status == PS_RETRY);
        if (status == PS_OK) assert_int_equal(repeats.count, 1);
        ps_repeats_done(&repeats);
    }
    assert_true(n > 2); // the table, and the marks
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_repeats), cmocka_unit_test(test_alone_claims_nothing),
                                       cmocka_unit_test(test_too_many_rows), cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
