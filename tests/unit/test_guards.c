// The guard of domains without mail, through a whole run: only what was not known to be so counts.
// layer: engine
#include "assert.h"

#include <stdlib.h>

#include "base/clock.h"
#include "engine/engine.h"

enum { ROWS = 100 };

// What DNS says now of a domain, and what earlier runs knew.
typedef struct known {
    const char *domain; // below example.jp
    int rows;
    ps_mail_verdict verdict;
    uint8_t past;
} known;

static const struct {
    const char *name;
    known domains[4]; // the rest of the rows take mail, as ever
    uint64_t rows; // that the guard counts
    bool fires; // at 5 %
    const char *text;
} cases[] = {
    {"all well", {{"a", 10, PS_MAIL_DELIVERABLE, PS_PAST_SEEN | PS_PAST_MAIL}}, 0, false, "0 of 100 rows"},
    {"new and dead, within the limit", {{"a", 5, PS_MAIL_NONE, 0}}, 5, false, "5.0 %; the limit is 5.0 %"},
    {"new and dead, over it", {{"a", 3, PS_MAIL_NONE, 0}, {"b", 3, PS_MAIL_NONE, 0}}, 6, true, "6 of 100 rows"},
    {"dead as ever", {{"a", 40, PS_MAIL_NONE, PS_PAST_SEEN}}, 0, false, "0 of 100 rows"},
    {"new, and DNS does not say", {{"a", 40, PS_MAIL_UNKNOWN, 0}}, 0, false, "0 of 100 rows"},
    {"took mail before, and DNS does not say",
     {{"a", 40, PS_MAIL_UNKNOWN, PS_PAST_SEEN | PS_PAST_MAIL}},
     0,
     false,
     "0 of 100 rows"},
    {"one of the biggest took mail before",
     {{"a", 1, PS_MAIL_NONE, PS_PAST_SEEN | PS_PAST_MAIL}, {"b", 2, PS_MAIL_NONE, 0}},
     3,
     true,
     "3 of 100 rows have a domain without mail that was not known to be so (1 of them at 1 of the biggest domains, "
     "which took mail before): 3.0 %"},
};

static ps_status resolve(void *context, ps_domains *domains, const volatile int *stop, ps_run_mx *stats, ps_error *err)
{
    const known *table = context;
    uint32_t number;

    (void)stop;
    (void)stats;
    for (size_t i = 0; i < domains->names.count; i++)
        domains->facts[i] = (ps_domain_fact){.verdict = PS_MAIL_DELIVERABLE, .reason = PS_REASON_MX};
    for (; table->domain != NULL; table++) {
        char name[64];
        snprintf(name, sizeof name, "%s.example.jp", table->domain);
        assert_ok(ps_domains_add(domains, ps_span_of(name), &number, err), err);
        domains->facts[number] = (ps_domain_fact){.verdict = table->verdict,
                                                  .reason = table->verdict == PS_MAIL_NONE      ? PS_REASON_NXDOMAIN
                                                            : table->verdict == PS_MAIL_UNKNOWN ? PS_REASON_TIMEOUT
                                                                                                : PS_REASON_MX,
                                                  .past = table->past};
    }
    return PS_OK;
}

static void write_list(const char *path, const known *table)
{
    FILE *file = fopen(path, "w");
    int row = 0;

    assert_non_null(file);
    assert_true(fputs("email\n", file) >= 0);
    for (; table->domain != NULL; table++) {
        for (int i = 0; i < table->rows; i++)
            fprintf(file, "p%d@%s.example.jp\n", row++, table->domain);
    }
    for (; row < ROWS; row++)
        fprintf(file, "p%d@fine.example.jp\n", row);
    assert_int_equal(fclose(file), 0);
}

static const ps_run_guard *guard_of(const ps_run *run, const char *name)
{
    size_t i = 0;

    while (i < run->guards_count && strcmp(run->guards[i].name, name) != 0)
        i++;
    assert_true(i < run->guards_count);
    return &run->guards[i];
}

static void run_case(size_t i, char *folder)
{
    char input[80], out[80];
    known table[PS_COUNT_OF(cases[i].domains) + 1] = {0};
    ps_recipients recipients = {.file = input};
    ps_error err = {.status = PS_OK};
    ps_domains domains = {0};
    ps_resolver resolver = {.context = table, .resolve = resolve};
    ps_set *set = NULL;
    ps_run run = {0};
    ps_job job;

    memcpy(table, cases[i].domains, sizeof cases[i].domains);
    snprintf(input, sizeof input, "%s/in.csv", folder);
    snprintf(out, sizeof out, "%s/out", folder);
    write_list(input, table);
    ps_job_init(&job);
    job.recipients = &recipients;
    job.recipients_count = 1;
    job.as_of = ps_day_of(2026, 11, 21);
    job.suppressions_none = job.special_use_all = true;
    job.output_directory = out;
    job.guards.min_rows = ROWS;
    assert_ok(ps_domains_open(&domains, &err), &err);
    assert_ok(ps_set_open(out, &set, &err), &err);
    const ps_engine engine = {.job = &job, .domains = &domains, .resolver = &resolver, .set = set};
    assert_ok(ps_engine_run(&engine, &run, &err), &err);
    const ps_run_guard *guard = guard_of(&run, "dead_rows");
    assert_int_equal(guard->rows, cases[i].rows);
    assert_int_equal(guard->fired, cases[i].fires);
    if (strstr(guard->text, cases[i].text) == NULL) fail_msg("%s", guard->text);
    ps_run_done(&run);
    ps_set_close(set);
    ps_domains_close(&domains);
}

static void test_dead_rows(void **state)
{
    char folder[] = "/tmp/presend-guards-XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].name);
        run_case(i, folder);
    }
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0); // a folder of this test's own
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_dead_rows)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
