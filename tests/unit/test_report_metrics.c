// What monitoring is told: whole lines of the format whatever the texts, and an error where memory ends.
// layer: report
#include "assert.h"

#include "base/buf.h"
#include "base/memory.h"
#include "report/report.h"
#include "report_run.h"

enum { METRICS_BYTES_MAX = 1 << 20 };

static const char *draw(const ps_metrics *metrics, ps_buf *out)
{
    ps_error err = {0};

    ps_buf_init(out, METRICS_BYTES_MAX);
    assert_ok(ps_report_metrics(metrics, out, &err), &err);
    return ps_buf_text(out);
}

static void assert_line(const char *text, const char *line)
{
    char whole[256];

    snprintf(whole, sizeof whole, "\n%s\n", line);
    if (strstr(text, whole) != NULL) return;
    print_error("not there: %s\n%s", line, text);
    fail();
}

static void test_whole_run(void **state)
{
    static const char *const lines[] = {
        "# TYPE presend_rows gauge",
        "presend_last_run_timestamp_seconds{config=\"c.yaml\"} 2000",
        "presend_last_success_timestamp_seconds{config=\"c.yaml\"} 1000",
        "presend_last_run_exit_code{config=\"c.yaml\"} 76",
        "presend_rows{config=\"c.yaml\",stage=\"input\"} 5000",
        "presend_rows{config=\"c.yaml\",stage=\"clean\"} 3912",
        "presend_rows{config=\"c.yaml\",stage=\"removed\"} 754",
        "presend_rows_removed{config=\"c.yaml\",reason=\"duplicate\"} 131",
        "presend_suppression_entries{config=\"c.yaml\",source=\"mailgun-jp\"} 812",
    };
    report_run fixture;
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_make(&fixture);
    const char *text = draw(
        &(ps_metrics){.config = "c.yaml", .run = &fixture.run, .exit_code = 76, .ended_s = 2000, .succeeded_s = 1000},
        &out);
    for (size_t i = 0; i < PS_COUNT_OF(lines); i++)
        assert_line(text, lines[i]);
    ps_buf_done(&out);
}

static void test_broken_run(void **state)
{
    ps_buf out;

    (void)state; // cmocka's signature
    const char *text = draw(&(ps_metrics){.config = "c.yaml", .exit_code = 66, .ended_s = 2000}, &out);
    assert_line(text, "presend_last_run_exit_code{config=\"c.yaml\"} 66");
    assert_null(strstr(text, "presend_last_success_timestamp_seconds{"));
    assert_null(strstr(text, "presend_rows"));
    ps_buf_done(&out);
}

static void test_hostile(void **state)
{
    report_run fixture;
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_hostile(&fixture);
    const char *text = draw(&(ps_metrics){.config = "a\"} 1\n\\ \xff 名", .run = &fixture.run, .ended_s = 2000}, &out);
    assert_line(text, "presend_last_run_exit_code{config=\"a\\\"} 1\\\\x0a\\\\ \\\\xff 名\"} 0");
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1)
        assert_true(strncmp(line, "# ", 2) == 0 || strncmp(line, "presend_", 8) == 0);
    ps_buf_done(&out);
}

static void test_without_memory(void **state)
{
    report_run fixture;
    ps_status status = PS_RETRY;

    (void)state; // cmocka's signature
    report_run_make(&fixture);
    const ps_metrics metrics = {.config = "c.yaml", .run = &fixture.run};
    for (unsigned long at = 1; status != PS_OK; at++) {
        ps_error err = {0};
        ps_buf out;
        ps_buf_init(&out, METRICS_BYTES_MAX);
        ps_memory_fail_at(at, 0);
        status = ps_report_metrics(&metrics, &out, &err);
        ps_memory_fail_at(0, 0);
        assert_true(status == PS_RETRY || (status == PS_OK && at > 1));
        ps_buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_run),
        cmocka_unit_test(test_broken_run),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
