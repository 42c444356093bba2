// Which jobs need a first pass: only those that lack a fact which nothing but the whole file can give.
// layer: engine

#include "engine/survey.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "assert.h"

static const char list[] = "email,clicked,consent\n"
                           "a@example.com,2026-01-02,yes\n"
                           "b@example.com,,no\n";
static const char list_of_yes[] = "email,clicked,consent\n"
                                  "a@example.com,2026-01-02,yes\n"
                                  "b@example.com,,\n";

static const struct {
    const char *name, *text;
    bool evidence_best, coverage, form_open, mx_live; // what the job leaves open
    bool survey;
} cases[] = {
    {"nothing is open", list, false, false, false, false, false},
    {"the best evidence", list, true, false, false, false, true},
    {"how well a column is filled", list, false, true, false, false, true},
    {"how dates are written", list, false, false, true, false, true},
    {"domains to ask for", list, false, false, false, true, true},
    {"whether blanks are how the file says no", list_of_yes, false, false, false, false, true},
};

static void write_list(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void test_init(void **state)
{
    char path[] = "/tmp/presend-survey-XXXXXX";
    int fd = mkstemp(path);
    ps_recipients table = {.file = path};
    ps_error err = {.status = PS_OK};
    ps_job job;
    (void)state;

    assert_true(fd >= 0);
    close(fd);
    ps_job_init(&job);
    job.recipients = &table;
    job.recipients_count = 1;
    table.columns[PS_COLUMN_LAST_CLICK] = "clicked";
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_inputs inputs = {.count = 0};
        ps_survey survey;
        print_message("  %s\n", cases[i].name);
        write_list(path, cases[i].text);
        job.evidence_first = !cases[i].evidence_best;
        job.engagement.coverage = cases[i].coverage ? 0.01 : 0;
        job.mx_mode = cases[i].mx_live ? PS_MX_LIVE : PS_MX_OFF;
        table.dates[PS_COLUMN_LAST_CLICK] = cases[i].form_open ? PS_DATE_FORM_AUTO : PS_DATE_FORM_ISO;
        assert_ok(ps_inputs_open(&job, NULL, NULL, &inputs, &err), &err);
        assert_int_equal(ps_survey_init(&job, &inputs, &survey), cases[i].survey);
        ps_survey_done(&survey);
        ps_inputs_close(&inputs);
    }
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_init)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
