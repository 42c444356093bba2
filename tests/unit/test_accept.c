// Guards that one run passes.
// layer: cmd
#include "assert.h"
#include "cmd/accept.h"

static const ps_source_config sources[] = {{.name = "mailgun-jp"}, {.name = "mailgun"}};

static void test_check(void **state)
{
    static const struct {
        const char *accepted;
        ps_status status;
        const char *hint;
    } cases[] = {
        {"removed_share", PS_OK, ""},
        {"mailgun-jp:stale", PS_OK, ""},
        {"mailgun:checksum", PS_OK, ""},
        {"mailgun:empty", PS_OK, ""},
        {"stale", PS_USAGE, "A run that a guard keeps back names it."},
        {"removed_shar", PS_USAGE, "Did you mean `removed_share`?"},
        {"mailgun:stal", PS_USAGE, "Did you mean `stale`?"},
        {"mailgun-j:stale", PS_USAGE, "Did you mean `mailgun-jp`?"},
        {"mailgun:removed_share", PS_USAGE, "A run that a guard keeps back names it."},
        {":stale", PS_USAGE, "A run that a guard keeps back names it."},
        {"mailgun:", PS_USAGE, "A run that a guard keeps back names it."},
    };
    ps_job job;
    (void)state;

    ps_job_init(&job);
    job.sources = sources;
    job.sources_count = PS_COUNT_OF(sources);
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_error err = {.status = PS_OK};
        print_message("  %s\n", cases[i].accepted);
        assert_int_equal(ps_accept_check(&job, cases[i].accepted, &err), cases[i].status);
        assert_string_equal(err.hint, cases[i].hint);
    }
}

// Whole names only: one source's name may begin another's.
static void test_accepts(void **state)
{
    static const char *const accepted[] = {"mailgun-jp:stale", "removed_share"};
    ps_job job;
    (void)state;

    ps_job_init(&job);
    job.accepted = accepted;
    job.accepted_count = PS_COUNT_OF(accepted);
    assert_true(ps_source_accepts(&job, "mailgun-jp", "stale"));
    assert_false(ps_source_accepts(&job, "mailgun", "stale"));
    assert_false(ps_source_accepts(&job, "mailgun-jp", "lift"));
    assert_false(ps_source_accepts(&job, "removed_share", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_accepts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
