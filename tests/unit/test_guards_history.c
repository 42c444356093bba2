// layer: engine
#include "assert.h"

#include "engine/guards_history.h"

enum { DAY = 20000, ROWS = 100000, DUPLICATES = 40000 };

typedef struct case_run {
    const char *name;
    uint64_t past[PS_RUN_PAST_MAX]; // rows in a hundred thousand that bounced in earlier runs, 0 after the last
    uint64_t now; // in this one
    uint64_t rows; // addresses of this one; 0: a hundred thousand
    bool fires;
} case_run;

// More than three times the median, and two points, and a thousand rows.
static const case_run cases[] = {
    {"the same", {5000, 5000, 5000}, 5000, 0, false},
    {"three times", {2000, 2000, 2000}, 6000, 0, false},
    {"more than three times", {2000, 2000, 2000}, 6001, 0, true},
    {"two points", {500, 500}, 2500, 0, false},
    {"more than two points", {500, 500}, 2501, 0, true},
    {"a thousand rows", {1, 1}, 1000, 20000, false},
    {"more than a thousand rows", {1, 1}, 1001, 20000, true},
    {"the median, not the mean", {100, 50000, 100, 100, 100}, 4000, 0, true},
    {"the median, not the last", {50000, 1000, 1000}, 5000, 0, true},
    {"of two, the mean", {1000, 3000}, 6001, 0, true},
    {"of two, the mean, not more", {1000, 3000}, 6000, 0, false},
    {"a small run", {1, 1}, 500, 999, false},
};

static void fill(const case_run *c, ps_job *job, ps_run_history *history, ps_run *run)
{
    ps_error err;

    ps_job_init(job);
    job->as_of = DAY;
    *history = (ps_run_history){.last_as_of = DAY - 1};
    for (size_t i = 0; i < PS_RUN_PAST_MAX && c->past[i] > 0; i++) {
        history->runs[i] = (ps_run_past){.as_of = DAY - 1 - (ps_day)i, .rows = ROWS * (1 + i), .addresses = ROWS};
        history->runs[i].removed[PS_REASON_SUPPRESSED_BOUNCE] = c->past[i];
        history->count++;
    }
    *run = (ps_run){.job = job, .history = history, .rows = c->rows == 0 ? ROWS : c->rows};
    run->rows += DUPLICATES; // rows that name an address once more hide no share
    run->decided[PS_REASON_DUPLICATE] = DUPLICATES;
    run->decided[PS_REASON_SUPPRESSED_BOUNCE] = c->now;
    assert_ok(ps_arena_open(1 << 20, &run->arena, &err), &err);
}

static ps_run_guard guard_of(const char *name, ps_run *run)
{
    size_t count = 0;
    const ps_history_guard *guards = ps_history_guards(&count);
    ps_run_guard guard = {.name = NULL};

    for (size_t i = 0; i < count; i++) {
        if (strcmp(guards[i].name, name) == 0) guards[i].count(run, &guard);
    }
    return guard;
}

static void test_jump(void **state)
{
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_job job;
        ps_run_history history;
        ps_run run;
        print_message("  %s\n", cases[i].name);
        fill(&cases[i], &job, &history, &run);
        ps_run_guard guard = guard_of("removed_jump", &run);
        assert_int_equal(guard.fired, cases[i].fires);
        if (cases[i].fires) assert_int_equal(guard.rows, cases[i].now);
        if (cases[i].fires) assert_non_null(strstr(guard.text, "suppressed_bounce"));
        ps_arena_close(&run.arena);
    }
}

// Which reason jumped is said, also when another removes more rows.
static void test_which(void **state)
{
    static const case_run steady = {"", {9000, 9000}, 9000, 0, false};
    ps_job job;
    ps_run_history history;
    ps_run run;
    (void)state;

    fill(&steady, &job, &history, &run);
    run.decided[PS_REASON_NULL_MX] = 4000;
    run.decided[PS_REASON_DUPLICATE] += 50000; // ordinary however many there are, as are those below
    run.decided[PS_REASON_EMPTY] = 50000;
    run.rows += 100000;
    run.decided[PS_REASON_WINBACK_EXPIRED] = 50000;
    run.decided[PS_REASON_WINBACK_DUE] = 50000; // not removed
    run.decided[PS_REASON_TYPO_SUSPECTED] = 50000; // held
    ps_run_guard guard = guard_of("removed_jump", &run);
    assert_true(guard.fired);
    assert_int_equal(guard.rows, 4000);
    assert_non_null(strstr(guard.text, "null_mx"));
    run.held[PS_REASON_NULL_MX] = 3500; // of which most were held
    assert_false(guard_of("removed_jump", &run).fired);
    ps_arena_close(&run.arena);
}

// Rows that name a removed address once more add nothing to its reason, nor to what it is a share of.
static void test_repeated(void **state)
{
    static const case_run steady = {"", {2000, 2000}, 6001, 0, true};
    ps_job job;
    ps_run_history history;
    ps_run run;
    (void)state;

    fill(&steady, &job, &history, &run);
    run.rows += 90000;
    run.decided[PS_REASON_SUPPRESSED_BOUNCE] += 90000;
    run.repeated[PS_REASON_SUPPRESSED_BOUNCE] = 90000;
    ps_run_guard guard = guard_of("removed_jump", &run);
    assert_true(guard.fired);
    assert_int_equal(guard.rows, 6001);
    assert_non_null(strstr(guard.text, "6001 of 100000 addresses"));
    ps_arena_close(&run.arena);
}

static void test_as_of(void **state)
{
    static const case_run steady = {"", {10}, 10, 5, false};
    ps_job job;
    ps_run_history history;
    ps_run run;
    (void)state;

    fill(&steady, &job, &history, &run);
    assert_true(ps_history_known(&run));
    assert_false(guard_of("as_of", &run).fired);
    history.last_as_of = DAY;
    assert_false(guard_of("as_of", &run).fired);
    history.last_as_of = DAY + 1;
    assert_true(guard_of("as_of", &run).fired); // however few rows
    history.count = 0;
    assert_true(ps_history_known(&run));
    assert_false(guard_of("removed_jump", &run).fired);
    history.last_as_of = DAY; // the same day again knows what it knew the first time
    assert_false(ps_history_known(&run));
    history.last_as_of = PS_DAY_NONE;
    assert_false(ps_history_known(&run));
    run.history = NULL;
    assert_false(ps_history_known(&run));
    ps_arena_close(&run.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_jump), cmocka_unit_test(test_which),
                                       cmocka_unit_test(test_repeated), cmocka_unit_test(test_as_of)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
