// What a resolver's sockets say of answers that found no room.
// layer: net

#include "net/upstream.h"

#include "assert.h"

static const ps_pace_limits quick = {.rate_start = 1000, .rate_max = 1000, .window_max = 32};

static void test_drops_are_counted_once(void **state)
{
    (void)state;
    static const struct {
        uint32_t told; // by the kernel, one after the other
        uint64_t drops;
    } steps[] = {
        {0, 0},   {7, 7}, {7, 7}, {20, 20}, // asked for by the socket
        {12, 20}, // with a datagram that had come before
        {21, 21},
    };
    const ps_endpoint nobody = {.len = 0};
    ps_upstream upstream;

    ps_upstream_init(&upstream, &nobody, &(ps_upstream_options){.limits = quick, .sockets = 1}, 0);
    for (size_t i = 0; i < PS_COUNT_OF(steps); i++) {
        ps_upstream_note_dropped(&upstream, 0, steps[i].told, i);
        assert_int_equal(upstream.drops, steps[i].drops);
        assert_int_equal(upstream.sockets[0].excuses, steps[i].drops);
    }
}

static void test_the_kernels_count_goes_round(void **state)
{
    (void)state;
    const ps_endpoint nobody = {.len = 0};
    ps_upstream upstream;

    ps_upstream_init(&upstream, &nobody, &(ps_upstream_options){.limits = quick, .sockets = 1}, 0);
    upstream.sockets[0].dropped = UINT32_MAX - 1;
    ps_upstream_note_dropped(&upstream, 0, 3, 0);
    assert_int_equal(upstream.drops, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drops_are_counted_once),
        cmocka_unit_test(test_the_kernels_count_goes_round),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
