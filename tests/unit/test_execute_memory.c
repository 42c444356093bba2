// A run in which any one allocation fails: it ends with "try again", and the old set stands whole.
// layer: cmd
// labels: long
#include "execute_fixture.h"

enum { QUIET_RUNS = 40, RUNS_MAX = 20000 };

static void test_without_memory(void **state)
{
    static const char *const words[] = {"presend", "run", "job.yaml", "--threads", "2", "-q", NULL};
    ps_buf first;
    int quiet = 0, code;
    unsigned long n = 1;
    (void)state;

    assert_int_equal(call(words), 0);
    load("out/clean.csv", &first);
    assert_string_equal(ps_buf_text(&first), "email,last_click,name\ntaro@gmail.com,2026-11-01,Taro\n"
                                             "hanako@docomo.ne.jp,2026/10/1,\"Ha,nako\"\n");
    for (; quiet < QUIET_RUNS && n < RUNS_MAX; n++) {
        ps_buf clean, manifest;
        ps_memory_fail_at(n, 0);
        code = call(words);
        ps_memory_fail_at(0, 0);
        if (code != 0 && code != ps_status_exit_code(PS_RETRY)) print_error("allocation %lu: exit %d\n", n, code);
        assert_true(code == 0 || code == ps_status_exit_code(PS_RETRY));
        quiet = code == 0 ? quiet + 1 : 0;
        load("out/clean.csv", &clean);
        load("out/manifest.json", &manifest);
        assert_string_equal(ps_buf_text(&clean), ps_buf_text(&first));
        ps_buf_done(&clean);
        ps_buf_done(&manifest);
        expect_no_leftovers();
    }
    assert_true(n > 200 && n < RUNS_MAX);
    ps_buf_done(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_without_memory)};

    return cmocka_run_group_tests(tests, enter, leave);
}
