// How fast a resolver is asked: a simulated one, on a clock of its own, is found out.
// layer: net

#include "net/pace.h"

#include "assert.h"

enum { STEP_MS = 5, RTT_MS = 20, TIMEOUT_MS = 250, WHEEL = 256, LIMIT = 1000 };

// What was sent in each step, by how it will end.
typedef struct test_step {
    unsigned answered, lost;
} test_step;

typedef struct test_resolver {
    ps_pace pace;
    unsigned limit; // a second; above it queries are dropped; 0: none
    unsigned one_in; // queries lost by chance; 0: none
    unsigned dead_in; // queries that nobody ever answers; 0: none
    unsigned taken, sent, lost, in_flight;
    uint64_t now_ms, second;
    test_step steps[WHEEL]; // by the time at which they were sent
} test_resolver;

static void open_resolver(test_resolver *r, const ps_pace_limits *limits)
{
    *r = (test_resolver){.now_ms = 1000000};
    ps_pace_init(&r->pace, limits, r->now_ms);
}

static void send_one(test_resolver *r, test_step *step)
{
    if (r->now_ms / 1000 != r->second) r->taken = 0;
    r->second = r->now_ms / 1000;
    ps_pace_sent(&r->pace);
    r->sent++;
    r->in_flight++;
    bool dropped = (r->limit > 0 && ++r->taken > r->limit) || (r->one_in > 0 && r->sent % r->one_in == 0);
    bool dead = r->dead_in > 0 && r->sent % r->dead_in == 0;
    step->answered += !dropped && !dead;
    step->lost += dropped;
    r->in_flight -= dead; // its place is free again, and nothing is learnt
    r->lost += dropped;
}

static test_step *step_at(test_resolver *r, uint64_t ms)
{
    return &r->steps[ms / STEP_MS % WHEEL];
}

// Ask as much as is allowed for so long.
static void run(test_resolver *r, unsigned seconds)
{
    for (unsigned i = 0; i < seconds * 1000 / STEP_MS; i++) {
        test_step *answered = step_at(r, r->now_ms - RTT_MS), *lost = step_at(r, r->now_ms - TIMEOUT_MS);
        r->in_flight -= answered->answered + lost->lost;
        for (; answered->answered > 0; answered->answered--)
            ps_pace_answered(&r->pace, RTT_MS, r->now_ms);
        for (; lost->lost > 0; lost->lost--)
            ps_pace_lost(&r->pace, r->now_ms - TIMEOUT_MS, r->now_ms);
        while (ps_pace_has_room(&r->pace, r->in_flight, r->now_ms))
            send_one(r, step_at(r, r->now_ms));
        r->now_ms += STEP_MS;
    }
}

static const ps_pace_limits loopback = {2000, 20000, 1000, 250}, polite = {200, 800, 1000, 250};

// Above a limit that nobody told everything is lost; after a few seconds hardly anything is.
static void test_limit(void **state)
{
    test_resolver r;

    (void)state;
    open_resolver(&r, &loopback);
    r.limit = LIMIT;
    run(&r, 10);
    assert_true(r.pace.rate <= LIMIT);
    r.sent = r.lost = 0;
    run(&r, 40);
    assert_true(r.pace.rate <= LIMIT * 1.05);
    assert_true(r.lost * 50 < r.sent); // below 2 %
    assert_true(r.sent > 40 * LIMIT / 2); // and not timid
}

// Where nothing is lost the rate grows to its bound, and not beyond.
static void test_growth(void **state)
{
    test_resolver r;

    (void)state;
    open_resolver(&r, &polite);
    run(&r, 5);
    assert_true(r.pace.rate > 210 && r.pace.rate < 300);
    run(&r, 120);
    assert_true(r.pace.rate <= 800 && r.pace.rate > 790);
    assert_true(r.sent <= 125 * 800);
}

// Silence that asking again does not end is the domains' own: it slows nothing down.
static void test_dead_domains(void **state)
{
    test_resolver r;

    (void)state;
    open_resolver(&r, &polite);
    r.dead_in = 5;
    run(&r, 60);
    assert_true(r.pace.rate > 700);
}

// Loss that has nothing to do with the rate stops neither the asking nor falls below the floor.
static void test_chance(void **state)
{
    test_resolver r;

    (void)state;
    open_resolver(&r, &polite);
    r.one_in = 3;
    run(&r, 60);
    assert_true(r.pace.rate >= 25 && r.pace.window >= 16);
    assert_true(r.sent > 60 * 20);
}

static void test_window(void **state)
{
    const ps_pace_limits unlimited = {0, 0, 40, 250};
    ps_pace pace;

    (void)state;
    ps_pace_init(&pace, &unlimited, 1000);
    assert_true(ps_pace_has_room(&pace, 31, 1000));
    assert_false(ps_pace_has_room(&pace, 32, 1000));
    for (unsigned i = 0; i < 1000; i++)
        ps_pace_answered(&pace, 1, 1000);
    assert_true(ps_pace_has_room(&pace, 39, 1000));
    assert_false(ps_pace_has_room(&pace, 40, 1000));
    assert_int_equal(ps_pace_wait_ms(&pace), 0);
    ps_pace_cut(&pace, 2000);
    ps_pace_cut(&pace, 2001); // the same trouble
    assert_true(ps_pace_has_room(&pace, 27, 2001));
    assert_false(ps_pace_has_room(&pace, 28, 2001));
    assert_true(ps_pace_excuses(&pace, 1999));
    assert_false(ps_pace_excuses(&pace, 2001));
    for (uint64_t at = 3000; at < 100000; at += 1000)
        ps_pace_cut(&pace, at);
    assert_true(ps_pace_has_room(&pace, 15, 100000));
}

static void test_patience(void **state)
{
    ps_pace pace;

    (void)state;
    ps_pace_init(&pace, &polite, 1000);
    assert_int_equal(ps_pace_timeout_ms(&pace), 500); // nothing is known yet
    for (unsigned i = 0; i < 100; i++)
        ps_pace_answered(&pace, 1, 1000);
    assert_int_equal(ps_pace_timeout_ms(&pace), 250);
    for (unsigned i = 0; i < 100; i++)
        ps_pace_answered(&pace, 600, 1000);
    assert_in_range(ps_pace_timeout_ms(&pace), 600, 1000);
    for (unsigned i = 0; i < 100; i++)
        ps_pace_answered(&pace, 60000, 1000);
    assert_int_equal(ps_pace_timeout_ms(&pace), 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limit),  cmocka_unit_test(test_growth), cmocka_unit_test(test_dead_domains),
        cmocka_unit_test(test_chance), cmocka_unit_test(test_window), cmocka_unit_test(test_patience),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
