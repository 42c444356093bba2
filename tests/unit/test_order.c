// layer: engine
// labels: threads
#include "assert.h"

#include <omp.h>
#include <unistd.h>

#include "engine/order.h"

enum { THREADS = 4, BATCHES = 400, FAILING = 250 };

static const unsigned points[] = {PS_ORDER_READ, PS_ORDER_CLAIM, PS_ORDER_CLAIM + PS_ROSTER_PARTS - 1, PS_ORDER_WRITE};

// A little work of uneven length, so that batches overtake each other between the points.
static unsigned spin(uint64_t number)
{
    unsigned sum = 0;
    for (uint64_t i = 0; i < (number * 2654435761U) % 2000; i++)
        sum += (unsigned)i ^ sum << 1;
    return sum;
}

typedef struct trace {
    ps_order order;
    uint64_t passed[PS_ORDER_POINTS][BATCHES];
    size_t count[PS_ORDER_POINTS];
    unsigned sink[THREADS];
} trace;

static void pass_point(trace *t, unsigned point, uint64_t number)
{
    t->passed[point][t->count[point]++] = number;
}

static void worker(trace *t, uint64_t batches, uint64_t fail_from)
{
    uint64_t number = 0;
    ps_error err = {.status = PS_OK};

    while (ps_order_enter_reading(&t->order, &number)) {
        if (number < batches) pass_point(t, PS_ORDER_READ, number);
        ps_order_leave_reading(&t->order);
        if (number >= batches) break;
        t->sink[omp_get_thread_num()] += spin(number);
        if (number >= fail_from) {
            ps_error_set(&err, PS_INPUT, "batch %lu", (unsigned long)number);
            ps_order_fail(&t->order, number, &err);
            continue;
        }
        for (size_t i = 1; i < PS_COUNT_OF(points); i++) {
            if (!ps_order_enter(&t->order, points[i], number)) break;
            pass_point(t, points[i], number);
            ps_order_leave(&t->order, points[i]);
            t->sink[omp_get_thread_num()] += spin(number + 7 * i);
        }
    }
}

// A batch fails while somebody reads and all others wait to: nobody is left waiting.
static void test_failure_wakes_all(void **state)
{
    enum { WAIT_S = 60 };
    static ps_order order;
    uint64_t number = 0;
    const ps_error err = {.status = PS_INPUT};

    (void)state;
    ps_order_init(&order);
    assert_true(ps_order_enter_reading(&order, &number));
    alarm(WAIT_S); // instead of for ever
#pragma omp parallel num_threads(THREADS)
    {
        uint64_t mine = 0;
        if (omp_get_thread_num() == 0) {
            // So that the others wait, look, and wait again; where they are slower the test only says less.
            (void)usleep(50000);
            ps_order_fail(&order, number, &err);
            (void)usleep(50000);
            ps_order_leave_reading(&order);
        } else if (ps_order_enter_reading(&order, &mine)) {
            ps_order_leave_reading(&order);
        }
    }
    alarm(0);
    ps_order_done(&order);
}

static trace *run(uint64_t batches, uint64_t fail_from)
{
    trace *t = aligned_alloc(64, sizeof *t);
    memset(t, 0, sizeof *t);
    ps_order_init(&t->order);
#pragma omp parallel num_threads(THREADS)
    worker(t, batches, fail_from);
    return t;
}

static void test_every_point_is_passed_in_order(void **state)
{
    (void)state;
    trace *t = run(BATCHES, UINT64_MAX);

    for (size_t point = 0; point < PS_COUNT_OF(points); point++) {
        assert_int_equal(t->count[points[point]], BATCHES);
        for (size_t i = 0; i < BATCHES; i++)
            assert_int_equal(t->passed[points[point]][i], i);
    }
    assert_true(t->order.failed_at == UINT64_MAX);
    ps_order_done(&t->order);
    free(t);
}

// However the threads are scheduled, the error of the first failing batch is the one that is told, and all before it
// went through.
static void test_the_first_failure_wins(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        trace *t = run(BATCHES, FAILING);
        assert_int_equal(t->order.failed_at, FAILING);
        assert_string_equal(t->order.failure.text, "batch 250");
        assert_int_equal(t->count[PS_ORDER_WRITE], FAILING);
        ps_order_done(&t->order);
        free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_point_is_passed_in_order),
        cmocka_unit_test(test_the_first_failure_wins),
        cmocka_unit_test(test_failure_wakes_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
