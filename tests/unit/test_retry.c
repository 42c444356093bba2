// How long to wait before a request is sent again.
// layer: esp
#include "assert.h"
#include "esp/retry.h"

#define NOW 1765000000.0

static void test_hints(void **state)
{
    static const struct {
        const char *value;
        double seconds;
    } cases[] = {
        {NULL, -1},
        {"", -1},
        {"soon", -1},
        {"-5", -1},
        {"5x", -1},
        {"0", 0},
        {"17", 17},
        {" 2.5 ", 2.5},
        {"1000000000", 1000000000},
        {"1765000030", 30},
        {"1765000030.25", 30.25},
        {"1764999999", 0},
        {"Sat, 06 Dec 2025 05:46:50 GMT", 10},
        {"Sat, 06 Dec 2025 05:46:30 GMT", 0},
        {"nan", -1},
        {"inf", -1},
        {"0x10", -1},
    };
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        double seconds = ps_retry_hint_s(cases[i].value, NOW);
        print_message("  %s: %f\n", cases[i].value == NULL ? "none" : cases[i].value, seconds);
        assert_true(seconds > cases[i].seconds - 0.001 && seconds < cases[i].seconds + 0.001);
    }
}

static void test_waits(void **state)
{
    static const struct {
        const char *name;
        ps_retry retry;
        double asked_s;
        uint16_t random;
        bool again;
        uint32_t wait_ms;
    } cases[] = {
        {"first, the least", {1, 0, 0}, 0, 0, true, 0},
        {"first, the most", {1, 0, 0}, 0, UINT16_MAX, true, 1000},
        {"doubled", {2, 0, 0}, 0, UINT16_MAX, true, 2000},
        {"doubled again", {5, 0, 0}, 0, UINT16_MAX, true, 16000},
        {"the sixth was the last", {6, 0, 0}, 0, 0, false, 0},
        {"the ESP asks for more", {1, 0, 0}, 30, UINT16_MAX, true, 30000},
        {"the ESP asks for less", {3, 0, 0}, 1, UINT16_MAX, true, 4000},
        {"as long as may be asked for", {1, 0, 0}, 120, 0, true, 120000},
        {"longer", {1, 0, 0}, 120.001, 0, false, 0},
        {"within the time of a source", {1, 180000, 0}, 120, 0, true, 120000},
        {"beyond it", {1, 180001, 0}, 120, 0, false, 0},
        {"a first wait of another length", {3, 0, 20}, 0, UINT16_MAX, true, 80},
        {"never over a minute", {5, 0, 60000}, 0, UINT16_MAX, true, 60000},
    };
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        uint32_t wait = 0;
        print_message("  %s\n", cases[i].name);
        assert_int_equal(ps_retry_wait_ms(&cases[i].retry, cases[i].asked_s, cases[i].random, &wait), cases[i].again);
        assert_int_equal(wait, cases[i].wait_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_hints), cmocka_unit_test(test_waits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
