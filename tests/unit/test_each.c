// layer: cmd
// labels: threads
#include <stdatomic.h>
#include <stdlib.h>

#include "base/buf.h"
#include "engine/each.h"
#include "import_file.h"

enum { FILES = 7, ROWS = 30000, PEOPLE = 90000, DOMAINS = 40, HELPERS = 8 };

// ---- steps and turns

typedef struct tally {
    ps_turn *turn;
    unsigned done[100];
    unsigned sum; // of all, touched within turns
} tally;

static void add_one(void *context, size_t number)
{
    tally *of = context;

    of->done[number]++;
    for (unsigned i = 0; i < 1000; i++) {
        ps_turn_enter(of->turn);
        of->sum++;
        ps_turn_leave(of->turn);
    }
}

static void test_steps(void **state)
{
    static const size_t counts[] = {0, 1, 2, 100};
    ps_job job;
    ps_error err;
    (void)state;

    ps_job_init(&job);
    for (job.threads = 1; job.threads <= 8; job.threads++) {
        for (size_t c = 0; c < PS_COUNT_OF(counts); c++) {
            tally of = {.sum = 0};
            assert_ok(ps_turn_new(&of.turn, &err), &err);
            ps_each(&job, counts[c], add_one, &of);
            assert_int_equal(of.sum, 1000 * counts[c]);
            for (size_t i = 0; i < PS_COUNT_OF(of.done); i++)
                assert_int_equal(of.done[i], i < counts[c]);
            ps_turn_free(of.turn);
        }
    }
    ps_turn_free(NULL);
}

// ---- a crew

enum { LEADERS = 3, PARTS = 2000 };

// Work in parts, each of which somebody does once.
typedef struct shared {
    atomic_size_t next;
    unsigned done[PARTS];
} shared;

typedef struct leading {
    ps_crew *crew;
    shared work[LEADERS];
} leading;

static void do_parts(void *of)
{
    shared *work = of;

    for (size_t i = atomic_fetch_add(&work->next, 1); i < PARTS; i = atomic_fetch_add(&work->next, 1))
        work->done[i]++;
}

// One of the leaders has nothing to lead.
static void lead_or_help(void *context, size_t number)
{
    leading *of = context;

    if (number < LEADERS) {
        if (number != 1) ps_crew_lead(of->crew, do_parts, &of->work[number]);
        for (size_t i = 0; number != 1 && i < PARTS; i++)
            assert_int_equal(of->work[number].done[i], 1); // all are back
        ps_crew_retire(of->crew);
    } else {
        ps_crew_help(of->crew);
    }
}

static void test_crew(void **state)
{
    static leading of;
    ps_job job;
    ps_error err;
    (void)state;

    ps_job_init(&job);
    for (job.threads = 1; job.threads <= 8; job.threads++) {
        of = (leading){.crew = NULL};
        assert_ok(ps_crew_new(LEADERS, &of.crew, &err), &err);
        ps_each(&job, LEADERS + 8, lead_or_help, &of);
        ps_crew_free(of.crew);
    }
    ps_crew_free(NULL);
}

// ---- files that are read at once

typedef struct reading {
    import_test *test;
    ps_crew *crew;
    ps_suppression *set;
    ps_source_config config[FILES];
    ps_import import[FILES];
    ps_run_source out[FILES];
    ps_status status[FILES];
} reading;

static char paths[FILES][64];

// Some people stand in many files, some under another spelling of their mailbox, some twice in one; there are whole
// domains, and cells that are no addresses.
static void write_row(ps_buf *out, unsigned file, unsigned row)
{
    static const char *const reasons[] = {"bounce", "spam", "unsubscribed", "blocked", "soft"};
    unsigned person = (row * 7919 + file * 1231) % PEOPLE;

    // Each file is read in several parts. Most have no domains, which wait for the turn of theirs.
    if (file % 3 == 0 && row % 100 == 99) {
        ps_buf_add_format(out, "@domain%u.example.com,bounce,2025-01-01\n", row % DOMAINS);
        return;
    }
    ps_buf_add_format(out, "%s%u+%u@%s,%s,2025-%02u-%02u\n", person % 3 == 0 ? "Per.son" : "person", person,
                      (file + row) % 2, person % 2 == 0 ? "gmail.com" : "example.com", reasons[(row + file) % 5],
                      1 + row % 12, 1 + row % 28);
}

static void write_files(void)
{
    for (unsigned f = 0; f < FILES; f++) {
        ps_buf content;
        ps_buf_init(&content, 4 << 20);
        ps_buf_add_text(&content, "email,reason,created_at\n");
        for (unsigned row = 0; row < ROWS / (1 + f % 3); row++)
            write_row(&content, f, row);
        if (f == 5) ps_buf_add_text(&content, "*@everybody*,bounce,2025-01-01\n"); // refused
        (void)snprintf(paths[f], sizeof paths[f], "/tmp/presend-each-%d-%u.csv", getpid(), f); // short enough
        FILE *file = fopen(paths[f], "w");
        assert_non_null(file);
        assert_int_equal(fwrite(content.bytes, 1, content.len, file), content.len);
        assert_int_equal(fclose(file), 0);
        ps_buf_done(&content);
    }
}

// As a run does it: who has nothing to read any more helps.
static void read_one(void *context, size_t number)
{
    reading *of = context;
    ps_error err = {.status = PS_OK};

    if (number >= FILES) {
        ps_crew_help(of->crew);
        return;
    }
    of->status[number] = ps_import_entries(&of->import[number], &of->out[number], &err);
    ps_crew_retire(of->crew);
}

static void read_all(import_test *test, unsigned threads, reading *out)
{
    ps_job job;
    ps_turn *turn = NULL;

    ps_job_init(&job);
    job.threads = threads;
    *out = (reading){.test = test};
    for (unsigned f = 0; f < FILES; f++) {
        out->config[f] = import_config(paths[f]);
        out->config[f].kind = PS_ENTRY_BOTH;
    }
    assert_ok(ps_suppression_new(&out->set, &test->err), &test->err);
    for (unsigned f = 0; f < FILES; f++) {
        out->import[f] = (ps_import){
            .config = &out->config[f], .source = f, .rules = test->rules, .zone = test->zone, .set = out->set};
    }
    assert_ok(ps_turn_new(&turn, &test->err), &test->err);
    assert_ok(ps_crew_new(FILES, &out->crew, &test->err), &test->err);
    const ps_import_crew crew = {ps_crew_lead, out->crew};
    for (unsigned f = 0; f < FILES; f++)
        out->import[f].crew = &crew;
    const ps_suppression_turn turns = {ps_turn_enter, ps_turn_leave, turn};
    ps_suppression_share(out->set, &turns);
    ps_each(&job, (size_t)FILES + HELPERS, read_one, out);
    ps_suppression_share(out->set, NULL);
    ps_crew_free(out->crew);
    ps_turn_free(turn);
}

static void expect_same_fact(const ps_suppressed *a, const ps_suppressed *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a == NULL) return;
    assert_true(a->sources == b->sources);
    assert_int_equal(a->classes, b->classes);
    assert_int_equal(a->source, b->source);
    assert_int_equal(a->strongest, b->strongest);
    assert_string_equal(a->list, b->list);
    assert_int_equal(a->date, b->date);
    assert_int_equal(a->last_bounce, b->last_bounce);
}

static void expect_same_file(const reading *a, const reading *b, unsigned file)
{
    const ps_run_source *one = &a->out[file], *other = &b->out[file];

    assert_int_equal(a->status[file], b->status[file]);
    assert_int_equal(a->status[file], file == 5 ? PS_SOURCE : PS_OK);
    if (file != 5) import_check_digest(paths[file], one->sha256);
    assert_memory_equal(one->entries, other->entries, sizeof one->entries);
    assert_int_equal(one->addresses, other->addresses);
    assert_int_equal(one->domains, other->domains);
    assert_int_equal(one->unreadable, other->unreadable);
    assert_int_equal(one->unmatched, other->unmatched);
    assert_string_equal(one->sha256, other->sha256);
}

static void expect_same_set(const reading *a, const reading *b)
{
    char text[64];

    assert_int_equal(ps_suppression_count(a->set), ps_suppression_count(b->set));
    for (unsigned i = 0; i < 2 * PEOPLE; i++) {
        const char *domain = i % 4 < 2 ? "gmail.com" : "example.com";
        (void)snprintf(text, sizeof text, "person%u+%u@%s", i / 2, i % 2, domain); // short enough
        ps_hash key = ps_hash_of(ps_span_of(text));
        expect_same_fact(ps_suppression_address(a->set, key), ps_suppression_address(b->set, key));
        (void)snprintf(text, sizeof text, "person%u@%s", i / 2, domain);
        ps_hash provider = ps_hash_of(ps_span_of(text));
        expect_same_fact(ps_suppression_alias(a->set, provider), ps_suppression_alias(b->set, provider));
    }
    for (unsigned i = 0; i < DOMAINS; i++) {
        (void)snprintf(text, sizeof text, "domain%u.example.com", i);
        expect_same_fact(ps_suppression_domain(a->set, ps_span_of(text)),
                         ps_suppression_domain(b->set, ps_span_of(text)));
    }
}

static void test_files_at_once(void **state)
{
    static const unsigned threads[] = {2, 3, 8, 2, 8};
    static reading alone, other;

    write_files();
    read_all(*state, 1, &alone);
    assert_true(ps_suppression_count(alone.set) > PEOPLE / 3);
    for (size_t t = 0; t < PS_COUNT_OF(threads); t++) {
        read_all(*state, threads[t], &other);
        for (unsigned f = 0; f < FILES; f++)
            expect_same_file(&alone, &other, f);
        // A file that is refused may have left a part of itself.
        expect_same_set(&alone, &other);
        ps_suppression_free(other.set);
    }
    ps_suppression_free(alone.set);
    for (unsigned f = 0; f < FILES; f++)
        assert_int_equal(unlink(paths[f]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_crew),
        cmocka_unit_test_setup_teardown(test_files_at_once, import_setup, import_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
