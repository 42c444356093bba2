// The result of a run as one line of JSON.
// layer: cmd
#include "assert.h"
#include "base/clock.h"
#include "cmd/outcome.h"

static void test_outcome(void **state)
{
    ps_job job;
    ps_run run = {.job = &job, .id = "0b0c6b7e-5c0a-4a57-9d0e-0a1b2c3d4e5f", .rows = 10};
    ps_run_output output = {.name = "clean.csv", .rows = 7, .size_bytes = 120, .sha256 = "ab"};
    ps_run_guard guards[] = {{.name = "removed_share", .share = 0.75, .limit = 0.5, .fired = true, .accepted = true},
                             {.name = "dead_rows"}};
    ps_run_warning warning = {.code = "mx_off", .text = "domains were \"not\" checked", .headline = true};
    ps_buf out;
    (void)state;

    ps_job_init(&job);
    job.as_of = ps_day_of(2026, 11, 21);
    job.output_directory = "out";
    job.effect[PS_REASON_TYPO_SUSPECTED] = PS_EFFECT_REMOVE;
    run.verdict[PS_VERDICT_CLEAN] = 7;
    run.verdict[PS_VERDICT_REMOVED] = 3;
    run.decided[PS_REASON_OK] = 7;
    run.decided[PS_REASON_NULL_MX] = 1;
    run.decided[PS_REASON_TYPO_SUSPECTED] = 2;
    run.outputs = &output;
    run.outputs_count = 1;
    run.guards = guards;
    run.guards_count = PS_COUNT_OF(guards);
    run.warnings = &warning;
    run.warnings_count = 1;

    ps_buf_init(&out, 1 << 16);
    ps_outcome_json("run", &run, &out);
    assert_string_equal(
        ps_buf_text(&out),
        "{\"schema_version\":\"1.0\",\"command\":\"run\",\"run_id\":\"0b0c6b7e-5c0a-4a57-9d0e-0a1b2c3d4e5f\","
        "\"as_of\":\"2026-11-21\",\"directory\":\"out\","
        "\"counts\":{\"rows\":10,\"clean\":7,\"winback\":0,\"held\":0,\"removed\":3},"
        "\"reasons\":[{\"reason\":\"null_mx\",\"effect\":\"remove\",\"rows\":1},"
        "{\"reason\":\"typo_suspected\",\"effect\":\"remove\",\"rows\":2},"
        "{\"reason\":\"ok\",\"effect\":\"keep\",\"rows\":7}],"
        "\"files\":[{\"name\":\"clean.csv\",\"rows\":7,\"size_bytes\":120,\"sha256\":\"ab\"}],"
        "\"accepted_guards\":[{\"name\":\"removed_share\",\"share\":0.75,\"limit\":0.5}],"
        "\"warnings\":[{\"code\":\"mx_off\",\"text\":\"domains were \\\"not\\\" checked\",\"headline\":true}]}\n");
    ps_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_outcome)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
