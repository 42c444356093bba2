// The guards of removed rows and of domains without mail, through a whole run: people count, not rows, and of domains
// only what was not known to be so.
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
    int times; // that each row stands in the list
} known;

static const struct {
    const char *name;
    known domains[4]; // the rest of the rows take mail, as ever
    uint64_t rows; // that the guard of dead rows counts
    bool fires; // at 5 %
    const char *text;
} cases[] = {
    {"all well", {{"a", 10, PS_MAIL_DELIVERABLE, PS_PAST_SEEN | PS_PAST_MAIL, 1}}, 0, false, "0 of 100 addresses"},
    {"new and dead, within the limit", {{"a", 5, PS_MAIL_NONE, 0, 1}}, 5, false, "5.0 %; the limit is 5.0 %"},
    {"new and dead, over it",
     {{"a", 3, PS_MAIL_NONE, 0, 1}, {"b", 3, PS_MAIL_NONE, 0, 1}},
     6,
     true,
     "6 of 100 addresses"},
    {"dead as ever", {{"a", 40, PS_MAIL_NONE, PS_PAST_SEEN, 1}}, 0, false, "0 of 100 addresses"},
    {"new, and DNS does not say", {{"a", 40, PS_MAIL_UNKNOWN, 0, 1}}, 0, false, "0 of 100 addresses"},
    {"took mail before, and DNS does not say",
     {{"a", 40, PS_MAIL_UNKNOWN, PS_PAST_SEEN | PS_PAST_MAIL, 1}},
     0,
     false,
     "0 of 100 addresses"},
    {"one of the biggest took mail before",
     {{"a", 1, PS_MAIL_NONE, PS_PAST_SEEN | PS_PAST_MAIL, 1}, {"b", 2, PS_MAIL_NONE, 0, 1}},
     3,
     true,
     "3 of 100 addresses have a domain without mail that was not known to be so (1 of them at 1 of the biggest "
     "domains, "
     "which took mail before): 3.0 %"},
    {"one dead address forty times", {{"a", 1, PS_MAIL_NONE, 0, 40}}, 1, false, "1 of 61 addresses"},
    {"two dead addresses in many spellings, and one of another domain",
     {{"a", 2, PS_MAIL_NONE, 0, 20}, {"b", 1, PS_MAIL_NONE, 0, 1}},
     3,
     false,
     "3 of 62 addresses"},
    {"six dead addresses, each of them thrice", {{"a", 6, PS_MAIL_NONE, 0, 3}}, 6, true, "6 of 88 addresses"},
    {"an address of a lost domain, again and again",
     {{"a", 1, PS_MAIL_NONE, PS_PAST_SEEN | PS_PAST_MAIL, 30}},
     1,
     true,
     "1 of 71 addresses have a domain without mail that was not known to be so (1 of them at 1"},
    {"four of fifty, and all of them twice",
     {{"a", 4, PS_MAIL_NONE, 0, 2}, {"b", 46, PS_MAIL_DELIVERABLE, 0, 2}},
     4,
     true,
     "4 of 50 addresses"},
};

// All that are removed here have a dead domain.
static uint64_t people_of(const known *table)
{
    uint64_t people = 0;

    for (; table->domain != NULL; table++)
        people += table->verdict == PS_MAIL_NONE ? (uint64_t)table->rows : 0;
    return people;
}

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
                                                  .past = table->past & (PS_PAST_SEEN | PS_PAST_MAIL)};
    }
    return PS_OK;
}

// Written again it is another spelling of the same address.
static void write_row(FILE *file, int number, const known *at, int time)
{
    fprintf(file, "%c%d@%s.example.jp\n", time % 2 == 0 ? 'p' : 'P', number, at->domain);
}

static void write_list(const char *path, const known *table)
{
    FILE *file = fopen(path, "w");
    static const known fine = {.domain = "fine"};
    int row = 0, written = 0;

    assert_non_null(file);
    assert_true(fputs("email\n", file) >= 0);
    for (; table->domain != NULL; table++) {
        int first = row;
        for (int time = 0; time < table->times; time++) {
            row = first;
            for (int i = 0; i < table->rows; i++, written++)
                write_row(file, row++, table, time);
        }
    }
    for (; written < ROWS; written++)
        write_row(file, row++, &fine, 0);
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
    job.guards.min_rows = ROWS; // however many of them say something new
    assert_ok(ps_domains_open(&domains, &err), &err);
    assert_ok(ps_set_open(out, &set, &err), &err);
    const ps_engine engine = {.job = &job, .domains = &domains, .resolver = &resolver, .set = set};
    assert_ok(ps_engine_run(&engine, &run, &err), &err);
    const ps_run_guard *guard = guard_of(&run, "dead_rows");
    assert_int_equal(guard->rows, cases[i].rows);
    assert_int_equal(guard->fired, cases[i].fires);
    if (strstr(guard->text, cases[i].text) == NULL) fail_msg("%s", guard->text);
    assert_int_equal(guard_of(&run, "removed_share")->rows, people_of(table));
    assert_int_equal(ps_run_removed(&run, PS_REASON_NXDOMAIN), people_of(table)); // what later runs compare with
    ps_run_done(&run);
    ps_set_close(set);
    ps_domains_close(&domains);
}

static void test_people(void **state)
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_people)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
