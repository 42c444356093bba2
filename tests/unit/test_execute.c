// The exit code of each kind of end, by whole runs inside this process.
// layer: cmd
#include "execute_fixture.h"

static const struct {
    const char *words[WORDS_MAX];
    ps_status status;
} exits[] = {
    {{"presend", NULL}, PS_USAGE},
    {{"presend", "--version", NULL}, PS_OK},
    {{"presend", "rum", NULL}, PS_USAGE},
    {{"presend", "run", NULL}, PS_USAGE},
    {{"presend", "run", "none.yaml", NULL}, PS_MISSING},
    {{"presend", "run", "a.csv", NULL}, PS_CONFIG},
    {{"presend", "run", "job.yaml", "--accept", "nothing", NULL}, PS_USAGE},
    {{"presend", "run", "job.yaml", "--set", "suppressions.0.file=none.txt", NULL}, PS_SOURCE},
    {{"presend", "run", "job.yaml", "--set", "recipients.0.file=none.csv", NULL}, PS_MISSING},
    {{"presend", "run", "job.yaml", "--set", "mx.snapshot=none.csv", NULL}, PS_MISSING},
    {{"presend", "run", "job.yaml", "--set", "mx.snapshot=a.csv", NULL}, PS_INPUT},
    {{"presend", "run", "job.yaml", "-o", ".", NULL}, PS_USAGE},
    {{"presend", "run", "job.yaml", "-o", "none/out", NULL}, PS_CREATE},
    {{"presend", "run", "job.yaml", "--set", "guards.min_rows=1", NULL}, PS_GUARD},
    {{"presend", "approve", "out", NULL}, PS_OK},
    {{"presend", "approve", "out", NULL}, PS_MISSING},
    {{"presend", "run", "job.yaml", "--set", "guards.min_rows=1", "--accept", "removed_share", "--accept", "dead_rows",
      NULL},
     PS_OK},
    {{"presend", "clean", "a.csv", "--offline", NULL}, PS_USAGE},
    {{"presend", "clean", "a.csv", "--offline", "--suppress", "none", "--suppress", "list.txt", NULL}, PS_USAGE},
    {{"presend", "clean", "a.csv", "--offline", "--suppress", "list.txt", "--suppress", "list.txt", "-o", "out", NULL},
     PS_OK},
};

static void test_exit_codes(void **state)
{
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(exits); i++) {
        int code = call(exits[i].words);
        if (code != ps_status_exit_code(exits[i].status)) print_error("case %zu: exit %d\n", i, code);
        assert_int_equal(code, ps_status_exit_code(exits[i].status));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_exit_codes)};

    return cmocka_run_group_tests(tests, enter, leave);
}
