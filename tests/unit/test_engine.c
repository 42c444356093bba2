// layer: engine
// labels: threads
#include "assert.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/hmac.h"
#include "base/memory.h"
#include "engine/engine.h"
#include "mail/charset.h"

// A job over a list that is made here: large enough for many batches, with duplicates, opt-outs in later rows, quoted
// line breaks and damaged rows. Every test has a folder of its own.
typedef struct scene {
    char folder[64], input[80], out[80];
    ps_recipients recipients;
    ps_job job;
    ps_suppression *suppression;
    ps_run_source source;
    ps_source_config config;
    const ps_listings *listings;
    ps_listed *listed;
} scene;

enum { ROWS = 600 };

static void write_list(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs("email,name,last_click,unsubscribed\r\n", file) >= 0);
    for (int i = 0; i < ROWS; i++) {
        int person = i % 7 == 0 ? i / 2 : i; // every seventh stands for somebody else again
        const char *optout = i % 50 == 49 ? "yes" : "no";
        if (i % 40 == 13) {
            fprintf(file, "person%d@shop.example,too few\n", person);
        } else if (i % 11 == 3) {
            fprintf(file, "PERSON%d@Shop.Example,\"two\r\nlines, \"\"quoted\"\"\",2026-10-0%d,%s\r\n", person,
                    i % 9 + 1, optout);
        } else {
            fprintf(file, "person%d@shop.example,=1+1,2024/%d/1,%s\n", person, i % 12 + 1, optout);
        }
    }
    assert_int_equal(fclose(file), 0);
}

static void suppress(scene *s, const char *key)
{
    bool is_new = false;
    ps_error err = {.status = PS_OK};
    ps_suppression_entry entry = {.class = PS_CLASS_COMPLAINT, .list = "complaints", .date = PS_DAY_NONE};
    entry.key = ps_span_of(key);
    assert_ok(ps_suppression_add(s->suppression, &entry, &is_new, &err), &err);
}

static int set_up(void **state)
{
    scene *s = calloc(1, sizeof *s);
    ps_error err = {.status = PS_OK};
    static const ps_span special_use[] = {{"example", 7}};

    snprintf(s->folder, sizeof s->folder, "/tmp/presend-test-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    snprintf(s->input, sizeof s->input, "%s/in.csv", s->folder);
    snprintf(s->out, sizeof s->out, "%s/out", s->folder);
    write_list(s->input);
    ps_job_init(&s->job);
    s->recipients.file = s->input;
    s->config = (ps_source_config){.name = "test", .file = s->input};
    s->job.recipients = &s->recipients;
    s->job.recipients_count = 1;
    s->job.sources = &s->config;
    s->job.sources_count = 1;
    s->job.as_of = ps_day_of(2026, 11, 21);
    s->job.timezone = "UTC";
    s->job.mx_mode = PS_MX_OFF;
    s->job.special_use = special_use;
    s->job.special_use_count = PS_COUNT_OF(special_use);
    s->job.output_directory = s->out;
    s->job.engagement.applied = true;
    s->job.guards.min_rows = 1000000;
    s->source.name = "test";
    assert_ok(ps_suppression_new(&s->suppression, &err), &err);
    suppress(s, "person5@shop.example");
    suppress(s, "person77@shop.example");
    *state = s;
    return 0;
}

static void remove_all(const char *folder)
{
    char command[256];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0); // a folder of this test's own
}

static int tear_down(void **state)
{
    scene *s = *state;
    ps_suppression_free(s->suppression);
    remove_all(s->folder);
    free(s);
    return 0;
}

static ps_status run(scene *s, ps_run *out, ps_error *err)
{
    ps_set *set = NULL;
    ps_status status = ps_set_open(s->out, &set, err);
    ps_engine engine = {.job = &s->job, .suppression = s->suppression, .sources = &s->source, .sources_count = 1};

    engine.set = set;
    engine.listings = s->listings;
    engine.listed = s->listed;
    if (status == PS_OK) status = ps_engine_run(&engine, out, err);
    if (status == PS_OK) status = ps_set_publish(set, out, err);
    ps_set_close(set);
    return status;
}

static void digest_outputs(const ps_run *result, char out[PS_VERDICT_COUNT][65])
{
    assert_int_equal(result->outputs_count, PS_VERDICT_COUNT);
    for (size_t i = 0; i < PS_VERDICT_COUNT; i++)
        memcpy(out[i], result->outputs[i].sha256, 65);
}

static void test_every_row_is_somewhere(void **state)
{
    scene *s = *state;
    ps_run result = {0};
    ps_error err = {.status = PS_OK};

    assert_ok(run(s, &result, &err), &err);
    assert_int_equal(result.rows, ROWS);
    assert_int_equal(result.verdict[PS_VERDICT_CLEAN] + result.verdict[PS_VERDICT_WINBACK] +
                         result.verdict[PS_VERDICT_HELD] + result.verdict[PS_VERDICT_REMOVED],
                     ROWS);
    assert_int_equal(result.decided[PS_REASON_COLUMNS], ROWS / 40);
    assert_int_equal(result.decided[PS_REASON_SUPPRESSED_COMPLAINT], result.sources[0].rows_matched);
    assert_true(result.sources[0].rows_matched >= 2);
    assert_true(result.decided[PS_REASON_COLUMN_OPTOUT] > ROWS / 50); // an opt-out in a later row is the address's
    assert_true(result.decided[PS_REASON_DUPLICATE] > 0);
    assert_int_equal(result.inputs[0].rows, ROWS);
    ps_run_done(&result);
}

// Who was listed waits; who is listed now is told in the order of winback.csv, whatever the threads and batches.
static void test_listings(void **state)
{
    scene *s = *state;
    ps_listings listings = {.key = "a key"};
    ps_listed first = {0};
    ps_hmac *hmac = NULL;
    ps_hash digest;
    ps_error err = {.status = PS_OK};

    s->job.as_of = ps_day_of(2025, 3, 1);
    for (unsigned threads = 0; threads <= 4; threads += 2) {
        ps_run result = {0};
        ps_listed listed = {0};
        s->job.threads = threads;
        s->job.batch_bytes = threads == 0 ? 0 : 500;
        s->listings = &listings;
        s->listed = &listed;
        assert_ok(run(s, &result, &err), &err);
        assert_true(result.verdict[PS_VERDICT_WINBACK] > 10);
        assert_int_equal(listed.count, result.verdict[PS_VERDICT_WINBACK]);
        if (threads == 0) assert_ok(ps_listed_add(&first, listed.items, listed.count, &err), &err);
        assert_int_equal(listed.count, first.count);
        assert_memory_equal(listed.items, first.items, first.count * sizeof *first.items);
        ps_listed_done(&listed);
        ps_run_done(&result);
    }

    // person50 is one of them: its click is of March 2024, and it did not opt out.
    assert_ok(ps_hmac_new(listings.key, sizeof listings.key, &hmac, &err), &err);
    assert_ok(ps_hmac_hash(hmac, ps_span_of("person50@shop.example"), &digest, &err), &err);
    ps_hmac_free(hmac);
    size_t found = 0;
    while (found < first.count && !ps_hash_equal(first.items[found], digest))
        found++;
    assert_true(found < first.count);
    assert_ok(ps_listings_add(&listings, digest, (ps_listing){s->job.as_of - 3, PS_DAY_NONE}, &err), &err);
    ps_run result = {0};
    ps_listed again = {0};
    s->listed = &again;
    assert_ok(run(s, &result, &err), &err);
    assert_int_equal(again.count, first.count - 1);
    assert_int_equal(result.decided[PS_REASON_WINBACK_PENDING], 1);
    ps_listed_done(&again);
    ps_listed_done(&first);
    ps_listings_done(&listings);
    ps_run_done(&result);
}

static void test_same_bytes_for_threads_and_batch_sizes(void **state)
{
    static const size_t batch_bytes[] = {64, 100, 1000, 4096, 0};
    scene *s = *state;
    char expected[PS_VERDICT_COUNT][65], found[PS_VERDICT_COUNT][65];
    ps_error err = {.status = PS_OK};

    for (unsigned threads = 1; threads <= 8; threads += threads == 3 ? 5 : 1) {
        for (size_t i = 0; i < PS_COUNT_OF(batch_bytes); i++) {
            ps_run result = {0};
            bool first = threads == 1 && i == 0;
            s->job.threads = threads;
            s->job.batch_bytes = batch_bytes[i];
            assert_ok(run(s, &result, &err), &err);
            digest_outputs(&result, first ? expected : found);
            ps_run_done(&result);
            if (!first) assert_memory_equal(expected, found, sizeof expected);
        }
    }
}

// The claims of one run are none of the next: the same people one line further down, judged against the same set.
static void test_one_set_for_two_runs(void **state)
{
    scene *s = *state;
    uint64_t duplicates[2];
    ps_error err = {.status = PS_OK};

    for (size_t i = 0; i < PS_COUNT_OF(duplicates); i++) {
        ps_run result = {0};
        assert_ok(run(s, &result, &err), &err);
        duplicates[i] = result.decided[PS_REASON_DUPLICATE];
        ps_run_done(&result);
        FILE *file = fopen(s->input, "w");
        assert_non_null(file);
        assert_true(fputs("email,name,last_click,unsubscribed\r\nfirst@shop.example,,2026-10-01,no\r\n", file) >= 0);
        for (int row = 0; row < ROWS; row++)
            fprintf(file, "person%d@shop.example,,2026-10-01,no\r\n", row % 7 == 0 ? row / 2 : row);
        assert_int_equal(fclose(file), 0);
    }
    assert_true(duplicates[0] > 0);
    assert_true(duplicates[1] > duplicates[0] && duplicates[1] < ROWS / 7); // whole rows now
}

// In one pass, by mailbox and packed, too.
static void test_same_bytes_in_one_pass(void **state)
{
    static const unsigned threads[] = {1, 2, 3, 8};
    static const size_t batch_bytes[] = {200, 5000, 64 << 10, 4 << 20};
    scene *s = *state;
    char expected[PS_VERDICT_COUNT][65], found[PS_VERDICT_COUNT][65];
    uint64_t outdone = 0;
    ps_error err = {.status = PS_OK};

    s->job.dedupe = PS_DEDUPE_PROVIDER;
    s->job.evidence_first = true;
    for (size_t i = 0; i < PS_COUNT_OF(threads) * PS_COUNT_OF(batch_bytes); i++) {
        ps_run result = {0};
        s->job.threads = threads[i % PS_COUNT_OF(threads)];
        s->job.batch_bytes = batch_bytes[i / PS_COUNT_OF(threads)];
        assert_ok(run(s, &result, &err), &err);
        digest_outputs(&result, i == 0 ? expected : found);
        if (i == 0) outdone = result.outdone_rows;
        assert_true(result.outdone_rows == outdone && result.outdone_against > 0);
        ps_run_done(&result);
        if (i > 0) assert_memory_equal(expected, found, sizeof expected);
    }
}

// Each thread reserves some 65 GiB of address space, of which ThreadSanitizer leaves less.
enum { MANY_THREADS = PS_TEST_RACES ? 8 : 64 };
// Each allocation fails in the other builds; an odd number, so that failures that last and such that pass take turns.
enum { FAILURES_APART = PS_TEST_RACES ? 5 : 1 };

static void test_same_bytes_for_kinds_of_cpu(void **state)
{
    static const unsigned threads[] = {1, 2, MANY_THREADS};
    scene *s = *state;
    char expected[PS_VERDICT_COUNT][65], found[PS_VERDICT_COUNT][65];
    ps_error err = {.status = PS_OK};
    ps_cpu best = ps_cpu_best();

    for (ps_cpu cpu = PS_CPU_SCALAR; cpu <= best; cpu++) {
        for (size_t i = 0; i < PS_COUNT_OF(threads); i++) {
            ps_run result = {0};
            bool first = cpu == PS_CPU_SCALAR && i == 0;
            ps_cpu_limit(cpu);
            s->job.threads = threads[i];
            s->job.batch_bytes = 4096;
            assert_ok(run(s, &result, &err), &err);
            digest_outputs(&result, first ? expected : found);
            ps_run_done(&result);
            if (!first) assert_memory_equal(expected, found, sizeof expected);
        }
    }
    ps_cpu_limit(PS_CPU_COUNT);
    assert_int_equal(ps_cpu_best(), best);
}

static void test_a_failing_allocation_publishes_nothing(void **state)
{
    scene *s = *state;
    ps_run result = {0};
    ps_error err = {.status = PS_OK};
    char manifest[96];
    struct stat before, after;
    unsigned long failures = 0;

    s->job.threads = 2;
    s->job.batch_bytes = 4096;
    assert_ok(run(s, &result, &err), &err);
    ps_run_done(&result);
    snprintf(manifest, sizeof manifest, "%s/manifest.json", s->out);
    assert_int_equal(stat(manifest, &before), 0);
    for (unsigned long n = 1; n < 100000; n += FAILURES_APART) {
        ps_run again = {0};
        ps_memory_fail_at(n, n % 2 == 0);
        ps_status status = run(s, &again, &err);
        ps_memory_fail_at(0, 0);
        ps_run_done(&again);
        if (status == PS_OK) break;
        failures++;
        assert_int_equal(status, PS_RETRY);
        assert_int_equal(stat(manifest, &after), 0);
        assert_int_equal(before.st_ino, after.st_ino);
    }
    assert_true(failures > 10);
}

static void test_a_signal_publishes_nothing(void **state)
{
    scene *s = *state;
    ps_set *set = NULL;
    ps_run result = {0};
    ps_error err = {.status = PS_OK};
    volatile int stop = 15;

    assert_ok(ps_set_open(s->out, &set, &err), &err);
    ps_engine engine = {.job = &s->job, .suppression = s->suppression, .set = set, .stop = &stop};
    assert_int_equal(ps_engine_run(&engine, &result, &err), PS_TERMINATED);
    ps_set_close(set);
    ps_run_done(&result);
    assert_int_not_equal(access(s->out, F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_row_is_somewhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_listings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_bytes_for_threads_and_batch_sizes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_set_for_two_runs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_bytes_in_one_pass, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_bytes_for_kinds_of_cpu, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_failing_allocation_publishes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_signal_publishes_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
