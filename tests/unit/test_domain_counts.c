// Rows by domain: counted by number or by name, early or late, by several threads, and more than a word holds.
// layer: stage
// labels: threads

#include "stage/domain_counts.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "assert.h"
#include "base/memory.h"

enum { FEW = 3, MANY = 200000 };

typedef struct fixture {
    ps_address_rules *rules;
    ps_arena arena;
    ps_domain_counts counts, other;
} fixture;

static void begin_in(fixture *f, const char *folder)
{
    const ps_address_options options = {.special_use_all = true};

    assert_ok(ps_address_rules_new(&options, &f->rules, NULL), NULL);
    assert_ok(ps_arena_open(1 << 20, &f->arena, NULL), NULL);
    assert_ok(ps_domain_counts_open(NULL, folder, &f->counts, NULL), NULL);
    assert_ok(ps_domain_counts_open(&f->counts, NULL, &f->other, NULL), NULL);
}

static void begin(fixture *f)
{
    begin_in(f, NULL);
}

static void end(fixture *f)
{
    ps_domain_counts_close(&f->other);
    ps_domain_counts_close(&f->counts);
    ps_arena_close(&f->arena);
    ps_address_rules_free(f->rules);
}

// Returns the number that the rules gave the domain.
static uint32_t count(fixture *f, ps_domain_counts *counts, const char *cell, ps_verdict verdict, size_t rows)
{
    ps_address address;

    ps_address_parse(f->rules, ps_span_of(cell), &f->arena, &address);
    assert_true(address.domain.len > 0);
    for (size_t i = 0; i < rows; i++) {
        bool ordinary = i % 2 == 1;
        if (address.domain_number == 0)
            assert_ok(ps_domain_counts_add_named(counts, address.domain, verdict, ordinary, NULL), NULL);
        else
            ps_domain_counts_add(counts, address.domain_number, ps_domain_word(verdict, ordinary));
    }
    return address.domain_number;
}

typedef struct sought {
    const char *name;
    ps_domain_count found;
} sought;

static void seek(void *context, const ps_domain_count *domain)
{
    sought *s = context;

    if (!ps_span_equal(domain->name, ps_span_of(s->name))) return;
    assert_int_equal(s->found.rows, 0);
    s->found = *domain;
}

// What is told of `name`; no rows where nothing is. It is told once.
static ps_domain_count told(ps_domain_counts *counts, const char *name)
{
    sought s = {.name = name};

    assert_ok(ps_domain_counts_each(counts, seek, &s, NULL), NULL);
    return s.found;
}

static void test_numbers(void **state)
{
    fixture f;

    (void)state;
    begin(&f);
    assert_int_not_equal(count(&f, &f.counts, "a@one.example.jp", PS_VERDICT_CLEAN, FEW), 0);
    count(&f, &f.counts, "b@one.example.jp", PS_VERDICT_REMOVED, 2 * FEW);
    count(&f, &f.counts, "b@two.example.jp", PS_VERDICT_HELD, 1);
    ps_address unused; // it gets a number, and no row is counted
    ps_address_parse(f.rules, ps_span_of("c@three.example.jp"), &f.arena, &unused);
    assert_ok(ps_domain_counts_settle(&f.counts, f.rules, NULL), NULL);
    ps_domain_count one = told(&f.counts, "one.example.jp");
    assert_int_equal(one.rows, 3 * FEW);
    assert_int_equal(one.verdict[PS_VERDICT_CLEAN], FEW);
    assert_int_equal(one.verdict[PS_VERDICT_REMOVED], 2 * FEW);
    assert_int_equal(one.ordinary, FEW / 2 + FEW);
    assert_int_equal(told(&f.counts, "two.example.jp").rows, 1);
    assert_int_equal(told(&f.counts, "three.example.jp").rows, 0);
    end(&f);
}

// So many domains that the next one to come is late.
static void pass_early(fixture *f)
{
    char cell[64];
    ps_address address;

    for (unsigned i = 0; i < PS_DOMAIN_EARLY; i++) {
        snprintf(cell, sizeof cell, "a@number%u.example.jp", i);
        ps_arena_reset(&f->arena);
        ps_address_parse(f->rules, ps_span_of(cell), &f->arena, &address);
    }
}

// With and without a number, and with another one: it is one domain.
static void test_spellings(void **state)
{
    fixture f;

    (void)state;
    begin(&f);
    uint32_t plain = count(&f, &f.counts, "a@xn--r8jz45g.jp", PS_VERDICT_CLEAN, 1);
    uint32_t letters = count(&f, &f.counts, "a@例え.jp", PS_VERDICT_CLEAN, 1 << 1);
    assert_int_not_equal(plain, 0);
    assert_int_not_equal(letters, 0);
    assert_int_not_equal(plain, letters);
    assert_int_equal(count(&f, &f.counts, "mailto:a@xn--r8jz45g.jp", PS_VERDICT_HELD, 1 << 2), 0);
    count(&f, &f.other, "a@例え.jp", PS_VERDICT_CLEAN, 1 << 3);
    assert_int_equal(count(&f, &f.other, "mailto:b@one.example.jp", PS_VERDICT_CLEAN, 1 << 4), 0);
    assert_ok(ps_domain_counts_merge(&f.counts, &f.other, NULL), NULL);
    assert_ok(ps_domain_counts_settle(&f.counts, f.rules, NULL), NULL);
    ps_domain_count domain = told(&f.counts, "xn--r8jz45g.jp");
    assert_int_equal(domain.rows, (1 << 4) - 1);
    assert_int_equal(domain.verdict[PS_VERDICT_HELD], 1 << 2);
    assert_int_equal(told(&f.counts, "one.example.jp").rows, 1 << 4);
    end(&f);
}

// Counts pass what a word holds, by adding and by merging, in any order of the two.
static void test_many(void **state)
{
    static const size_t rows[][2] = {{MANY, MANY}, {MANY, FEW}, {FEW, MANY}, {1500, 1500}, {2047, 1}, {2047, 2047}};

    (void)state;
    for (size_t i = 0; i < 2 * PS_COUNT_OF(rows); i++) {
        const size_t *some = rows[i / 2];
        size_t all = some[0] + some[1];
        fixture f;
        begin(&f);
        if (i % 2 == 1) pass_early(&f);
        count(&f, &f.counts, "a@one.example.jp", PS_VERDICT_CLEAN, some[0]);
        count(&f, &f.other, "a@one.example.jp", PS_VERDICT_CLEAN, some[1]);
        count(&f, &f.other, "a@two.example.jp", PS_VERDICT_WINBACK, 1);
        assert_ok(ps_domain_counts_merge(&f.counts, &f.other, NULL), NULL);
        count(&f, &f.counts, "a@one.example.jp", PS_VERDICT_REMOVED, MANY);
        assert_ok(ps_domain_counts_settle(&f.counts, f.rules, NULL), NULL);
        ps_domain_count one = told(&f.counts, "one.example.jp");
        assert_int_equal(one.rows, all + MANY);
        assert_int_equal(one.verdict[PS_VERDICT_CLEAN], all);
        assert_int_equal(one.verdict[PS_VERDICT_REMOVED], MANY);
        assert_int_equal(one.ordinary, some[0] / 2 + some[1] / 2 + MANY / 2);
        assert_int_equal(told(&f.counts, "two.example.jp").rows, 1);
        end(&f);
    }
}

typedef struct counting_thread {
    pthread_t thread;
    ps_domain_counts part;
    uint32_t numbers[2];
} counting_thread;

// Now the one, now the other, and now many of one.
static void *count_in_thread(void *of)
{
    counting_thread *own = of;

    for (size_t i = 0; i < MANY; i++)
        ps_domain_counts_add(&own->part, own->numbers[i % 2], ps_domain_word(PS_VERDICT_HELD, i % 4 < 2));
    for (size_t i = 0; i < MANY; i++)
        ps_domain_counts_add(&own->part, own->numbers[0], ps_domain_word(PS_VERDICT_CLEAN, false));
    return NULL;
}

// Several threads count one early domain and one late at the same time.
static void test_threads(void **state)
{
    enum { THREADS = 4 };
    counting_thread threads[THREADS];
    fixture f;

    (void)state;
    begin(&f);
    uint32_t early = count(&f, &f.counts, "a@early.example.jp", PS_VERDICT_CLEAN, 1);
    pass_early(&f);
    uint32_t late = count(&f, &f.counts, "a@late.example.jp", PS_VERDICT_CLEAN, 1);
    assert_true(early < PS_DOMAIN_EARLY && late >= PS_DOMAIN_EARLY);
    for (size_t i = 0; i < THREADS; i++) {
        threads[i] = (counting_thread){.numbers = {late, early}};
        assert_ok(ps_domain_counts_open(&f.counts, NULL, &threads[i].part, NULL), NULL);
        assert_int_equal(pthread_create(&threads[i].thread, NULL, count_in_thread, &threads[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i].thread, NULL), 0);
        assert_ok(ps_domain_counts_merge(&f.counts, &threads[i].part, NULL), NULL);
        ps_domain_counts_close(&threads[i].part);
    }
    assert_ok(ps_domain_counts_settle(&f.counts, f.rules, NULL), NULL);
    ps_domain_count both[2] = {told(&f.counts, "late.example.jp"), told(&f.counts, "early.example.jp")};
    for (size_t i = 0; i < PS_COUNT_OF(both); i++) {
        assert_int_equal(both[i].verdict[PS_VERDICT_HELD], THREADS * MANY / 2);
        assert_int_equal(both[i].ordinary, THREADS * MANY / 4);
    }
    assert_int_equal(both[0].verdict[PS_VERDICT_CLEAN], THREADS * MANY + 1);
    assert_int_equal(both[1].verdict[PS_VERDICT_CLEAN], 1);
    end(&f);
}

// Who counted nothing takes what the other has.
static void test_taken(void **state)
{
    fixture f;

    (void)state;
    begin(&f);
    count(&f, &f.other, "a@one.example.jp", PS_VERDICT_CLEAN, FEW);
    count(&f, &f.other, "mailto:a@two.example.jp", PS_VERDICT_CLEAN, FEW);
    assert_ok(ps_domain_counts_merge(&f.counts, &f.other, NULL), NULL);
    assert_ok(ps_domain_counts_settle(&f.counts, f.rules, NULL), NULL);
    assert_int_equal(told(&f.counts, "one.example.jp").rows, FEW);
    assert_int_equal(told(&f.counts, "two.example.jp").rows, FEW);
    end(&f);
}

enum { NAMES = 3 * PS_DOMAIN_NAMES_MAX + 17, LAPS = 3 };

static ps_span name_of(unsigned i, char out[32])
{
    return (ps_span){out, (size_t)snprintf(out, 32, "shop%u.example.jp", i)};
}

// Some rows of every name, of those of uneven number twice as many; of the first, more than a word holds.
static void count_names(ps_domain_counts *counts, unsigned lap)
{
    char room[32];

    for (unsigned i = 0; i < NAMES; i++) {
        for (unsigned n = 0; n <= i % 2; n++)
            assert_ok(ps_domain_counts_add_named(counts, name_of(i, room), (ps_verdict)(lap % PS_VERDICT_COUNT), n == 0,
                                                 NULL),
                      NULL);
    }
    for (unsigned n = 0; n < MANY; n++)
        assert_ok(ps_domain_counts_add_named(counts, name_of(0, room), PS_VERDICT_HELD, false, NULL), NULL);
}

typedef struct census {
    bool told[NAMES];
    uint64_t domains, rows, ordinary, held;
} census;

static void take_census(void *context, const ps_domain_count *domain)
{
    census *c = context;
    char text[32];
    unsigned i = 0;

    snprintf(text, sizeof text, "%.*s", (int)domain->name.len, domain->name.bytes);
    assert_int_equal(sscanf(text, "shop%u.example.jp", &i), 1);
    assert_true(i < NAMES && !c->told[i]);
    assert_int_equal(domain->rows, i == 0 ? LAPS * (1 + MANY) : LAPS * (1 + i % 2));
    c->told[i] = true;
    c->domains++;
    c->rows += domain->rows;
    c->ordinary += domain->ordinary;
    c->held += domain->verdict[PS_VERDICT_HELD];
}

// More names than stay in memory, of two threads: told twice, each time each of them once and with all its rows.
static void test_many_names(void **state)
{
    static const char *const folders[] = {NULL, "."};

    (void)state;
    for (size_t way = 0; way < PS_COUNT_OF(folders); way++) {
        fixture f;
        begin_in(&f, folders[way]);
        for (unsigned lap = 0; lap < LAPS; lap++)
            count_names(lap % 2 == 0 ? &f.counts : &f.other, lap);
        assert_ok(ps_domain_counts_merge(&f.counts, &f.other, NULL), NULL);
        assert_ok(ps_domain_counts_settle(&f.counts, f.rules, NULL), NULL);
        assert_int_equal(f.counts.parts, folders[way] == NULL ? 1 : PS_DOMAIN_PARTS);
        for (unsigned again = 0; again < 2; again++) {
            static census all;
            all = (census){.domains = 0};
            assert_ok(ps_domain_counts_each(&f.counts, take_census, &all, NULL), NULL);
            assert_int_equal(all.domains, NAMES);
            assert_int_equal(all.rows, LAPS * (NAMES + NAMES / 2 + MANY));
            assert_int_equal(all.ordinary, LAPS * NAMES);
            assert_int_equal(all.held, LAPS * MANY + NAMES + NAMES / 2); // the lap that is held, too
        }
        end(&f);
    }
}

// A domain with a number, of which rows without one were put aside.
static void test_number_and_aside(void **state)
{
    fixture f;

    (void)state;
    begin_in(&f, ".");
    assert_int_not_equal(count(&f, &f.counts, "a@shop5.example.jp", PS_VERDICT_CLEAN, FEW), 0);
    count_names(&f.counts, PS_VERDICT_REMOVED);
    assert_int_not_equal(count(&f, &f.other, "b@shop5.example.jp", PS_VERDICT_CLEAN, FEW), 0);
    count(&f, &f.other, "b@alone.example.jp", PS_VERDICT_CLEAN, FEW);
    assert_ok(ps_domain_counts_merge(&f.counts, &f.other, NULL), NULL);
    assert_ok(ps_domain_counts_settle(&f.counts, f.rules, NULL), NULL);
    for (unsigned again = 0; again < 2; again++) {
        ps_domain_count both = told(&f.counts, "shop5.example.jp");
        assert_int_equal(both.rows, 2 * FEW + 2);
        assert_int_equal(both.verdict[PS_VERDICT_CLEAN], 2 * FEW);
        assert_int_equal(both.verdict[PS_VERDICT_REMOVED], 2);
        assert_int_equal(told(&f.counts, "alone.example.jp").rows, FEW);
    }
    end(&f);
}

static ps_status add_names(ps_domain_counts *counts, ps_error *err)
{
    ps_status status = PS_OK;
    char room[32];

    for (unsigned i = 0; i < NAMES && status == PS_OK; i++)
        status = ps_domain_counts_add_named(counts, name_of(i, room), PS_VERDICT_CLEAN, true, err);
    return status;
}

static void test_failing_file(void **state)
{
    const struct rlimit little = {.rlim_cur = 1 << 16, .rlim_max = RLIM_INFINITY};
    struct rlimit before;
    ps_error error = {0};
    fixture f;

    (void)state;
    begin_in(&f, "no/such/folder");
    assert_int_equal(add_names(&f.counts, &error), PS_CREATE);
    assert_non_null(strstr(error.text, "no/such/folder"));
    end(&f);
    begin_in(&f, ".");
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    assert_int_equal(add_names(&f.counts, &error), PS_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    end(&f);
    begin_in(&f, "."); // what was written is not there any more
    assert_ok(add_names(&f.counts, NULL), NULL);
    assert_ok(ps_domain_counts_settle(&f.counts, f.rules, NULL), NULL);
    assert_int_equal(ftruncate(f.counts.whole.file->fd, 1000), 0);
    assert_int_equal(ps_domain_counts_each(&f.counts, take_census, NULL, &error), PS_IO);
    assert_non_null(strstr(error.text, "cut short"));
    end(&f);
}

static ps_status count_and_tell(const ps_address_rules *rules)
{
    ps_domain_counts counts;
    ps_status status = ps_domain_counts_open(NULL, ".", &counts, NULL);
    sought unsought = {.name = "nobody.example.jp"};

    if (status != PS_OK) return status;
    status = add_names(&counts, NULL);
    if (status == PS_OK) status = ps_domain_counts_settle(&counts, rules, NULL);
    if (status == PS_OK) status = ps_domain_counts_each(&counts, seek, &unsought, NULL);
    ps_domain_counts_close(&counts);
    return status;
}

// Every allocation fails once.
static void test_no_memory(void **state)
{
    ps_status status = PS_RETRY;
    fixture f;

    (void)state;
    begin(&f);
    for (unsigned long nth = 1; status != PS_OK; nth++) {
        ps_memory_fail_at(nth, 0);
        status = count_and_tell(f.rules);
        ps_memory_fail_at(0, 0);
        assert_true(status == PS_OK || status == PS_RETRY);
    }
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),          cmocka_unit_test(test_spellings),    cmocka_unit_test(test_many),
        cmocka_unit_test(test_threads),          cmocka_unit_test(test_taken),        cmocka_unit_test(test_many_names),
        cmocka_unit_test(test_number_and_aside), cmocka_unit_test(test_failing_file), cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
