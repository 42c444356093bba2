// layer: facts
// labels: threads
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assert.h"
#include "base/memory.h"
#include "facts/listed.h"

// So many of them a run in the file holds.
enum { RUN = UINT16_MAX, ALL_MAX = 5 * RUN + 77 };

static ps_hash digest_of(uint64_t number)
{
    return ps_hash_of((ps_span){(const char *)&number, sizeof number});
}

// In batches as a run brings them, of which some list nobody, and one more than a run holds. Every 1000th comes once
// more much later.
static void add_people(ps_listed *listed, ps_hash *out, size_t count)
{
    ps_error err = {.status = PS_OK};

    for (size_t i = 0; i < count; i++)
        out[i] = digest_of(i >= RUN && i % 1000 == 0 ? i - RUN : i);
    for (size_t from = 0, batch = 0; from < count; from += batch) {
        batch = from == 0 && count > 3 * RUN ? 2 * RUN + 1 : from % 3001 % (count - from) + 1;
        assert_ok(ps_listed_add(listed, out + from, batch, &err), &err);
        assert_ok(ps_listed_add(listed, NULL, 0, &err), &err);
    }
}

// What they must come to, and how many have come.
typedef struct expected {
    const ps_hash *sorted;
    size_t count, come;
} expected;

static ps_status take_expected(void *context, const ps_hash *digests, size_t count, ps_error *err)
{
    expected *all = context;
    (void)err;

    assert_true(count > 0 && count <= all->count - all->come);
    assert_memory_equal(digests, all->sorted + all->come, count * sizeof *digests);
    all->come += count;
    return PS_OK;
}

static void check_each(ps_listed *listed, const ps_hash *sorted, size_t count)
{
    ps_error err = {.status = PS_OK};
    expected all = {sorted, count, 0};

    assert_int_equal(ps_listed_count(listed), count);
    assert_ok(ps_listed_each(listed, take_expected, &all, &err), &err);
    assert_int_equal(all.come, count);
}

// A step that a second thread does, beside the one that it is told to.
typedef struct hand {
    void (*step)(void *context, size_t number);
    void *context;
} hand;

static void *do_second(void *of)
{
    const hand *second = of;

    second->step(second->context, 1);
    return NULL;
}

// The steps one after the other, as the only thread of a job does them.
static void by_one(const ps_job *job, size_t count, void (*step)(void *context, size_t number), void *context)
{
    (void)job;

    for (size_t i = 0; i < count; i++)
        step(context, i);
}

static void by_threads(const ps_job *job, size_t count, void (*step)(void *context, size_t number), void *context)
{
    hand second = {step, context};
    pthread_t thread;
    (void)job;

    assert_int_equal(count, 2);
    assert_int_equal(pthread_create(&thread, NULL, do_second, &second), 0);
    step(context, 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void test_order(void **state)
{
    static const size_t counts[] = {0, 1, 2, 1000, RUN - 1, RUN, RUN + 1, 2 * RUN, ALL_MAX};
    static const char *const folders[] = {NULL, "."};
    ps_hash *people = malloc(ALL_MAX * sizeof *people);
    (void)state;

    assert_non_null(people);
    for (size_t i = 0; i < 2 * PS_COUNT_OF(counts); i++) {
        size_t count = counts[i / 2];
        ps_listed listed = {.folder = folders[i % 2]};
        add_people(&listed, people, count);
        assert_int_equal(listed.runs_count > 0, i % 2 == 1 && count > RUN);
        if (listed.folder != NULL) assert_true(listed.capacity <= RUN + 1);
        qsort(people, count, sizeof *people, ps_hash_compare);
        check_each(&listed, people, count);
        listed.each = by_threads;
        check_each(&listed, people, count); // as often as one likes
        listed.each = by_one;
        check_each(&listed, people, count);
        ps_listed_done(&listed);
    }
    free(people);
}

// Digests are not as good as random here: few buckets have all of them.
static void test_skewed(void **state)
{
    static const struct {
        uint64_t high_bits, low_bits;
    } shapes[] = {{0, 0}, {0, 4}, {UINT64_MAX, 0}, {7, UINT64_MAX}, {UINT64_C(3) << 62, 0xFF}, {UINT64_C(1) << 40, 1}};
    enum { COUNT = 3 * RUN + 5 };
    ps_hash *people = malloc(COUNT * sizeof *people);
    (void)state;

    assert_non_null(people);
    for (size_t s = 0; s < PS_COUNT_OF(shapes); s++) {
        ps_listed listed = {.folder = "."};
        ps_error err = {.status = PS_OK};
        for (size_t i = 0; i < COUNT; i++) {
            ps_hash digest = digest_of(i / 2);
            people[i] = (ps_hash){.high = digest.high & shapes[s].high_bits, .low = digest.low & shapes[s].low_bits};
            assert_ok(ps_listed_add(&listed, &people[i], 1, &err), &err);
        }
        qsort(people, COUNT, sizeof *people, ps_hash_compare);
        check_each(&listed, people, COUNT);
        ps_listed_done(&listed);
    }
    free(people);
}

static void test_no_file(void **state)
{
    ps_listed listed = {.folder = "no/such/folder"};
    ps_hash *people = calloc(RUN, sizeof *people);
    ps_error err = {.status = PS_OK};
    (void)state;

    assert_non_null(people);
    assert_ok(ps_listed_add(&listed, people, RUN, &err), &err);
    assert_int_equal(ps_listed_add(&listed, people, 1, &err), PS_CREATE);
    assert_string_equal(err.text, "No file for who is listed for win-back could be made in 'no/such/folder': No such "
                                  "file or directory.");
    ps_listed_done(&listed);
    free(people);
}

typedef struct cutting {
    const ps_listed *listed;
    unsigned taken;
} cutting;

static ps_status take_and_cut(void *context, const ps_hash *digests, size_t count, ps_error *err)
{
    cutting *of = context;
    (void)digests, (void)count, (void)err;

    of->taken++;
    assert_int_equal(ftruncate(of->listed->fd, RUN * (off_t)sizeof *digests), 0);
    return PS_OK;
}

static void test_cut_file(void **state)
{
    static ps_listed_hands *const hands[] = {NULL, by_one, by_threads};
    ps_hash *people = malloc(ALL_MAX * sizeof *people);
    (void)state;

    assert_non_null(people);
    for (size_t i = 0; i < PS_COUNT_OF(hands); i++) {
        ps_listed listed = {.folder = ".", .each = hands[i]};
        cutting of = {.listed = &listed};
        ps_error err = {.status = PS_OK};
        add_people(&listed, people, ALL_MAX);
        assert_int_equal(ps_listed_each(&listed, take_and_cut, &of, &err), PS_IO);
        assert_non_null(strstr(err.text, "cut short"));
        assert_true(of.taken < 3);
        ps_listed_done(&listed);
    }
    free(people);
}

static ps_status take_none(void *context, const ps_hash *digests, size_t count, ps_error *err)
{
    (void)context, (void)digests, (void)count;
    return ps_error_set(err, PS_IO, "No.");
}

// Who takes them says that they cannot: nothing else comes.
static void test_not_taken(void **state)
{
    static ps_listed_hands *const hands[] = {NULL, by_one, by_threads};
    static const size_t counts[] = {1, ALL_MAX};
    ps_hash *people = malloc(ALL_MAX * sizeof *people);
    (void)state;

    assert_non_null(people);
    for (size_t i = 0; i < 2 * PS_COUNT_OF(hands); i++) {
        ps_listed listed = {.folder = ".", .each = hands[i / 2]};
        ps_error err = {.status = PS_OK};
        add_people(&listed, people, counts[i % 2]);
        assert_int_equal(ps_listed_each(&listed, take_none, NULL, &err), PS_IO);
        assert_string_equal(err.text, "No.");
        ps_listed_done(&listed);
    }
    free(people);
}

static ps_status take_any(void *context, const ps_hash *digests, size_t count, ps_error *err)
{
    (void)context, (void)digests, (void)count, (void)err;
    return PS_OK;
}

// Whichever allocation fails, also one of whoever reads ahead, it is said, and all is given back.
static void expect_failures(ps_listed_hands *each, const ps_hash *people)
{
    ps_status status = PS_RETRY;

    for (unsigned long nth = 1; status != PS_OK; nth++) {
        ps_listed listed = {.folder = ".", .each = each};
        ps_error err = {.status = PS_OK};
        ps_memory_fail_at(nth, 0);
        status = ps_listed_add(&listed, people, RUN, &err);
        if (status == PS_OK) status = ps_listed_add(&listed, people, 1, &err);
        if (status == PS_OK) status = ps_listed_each(&listed, take_any, NULL, &err);
        ps_memory_fail_at(0, 0);
        assert_true(status == PS_OK || (status == PS_RETRY && nth < 20));
        ps_listed_done(&listed);
    }
}

static void test_no_memory(void **state)
{
    ps_hash *people = calloc(RUN, sizeof *people);

    (void)state;
    assert_non_null(people);
    expect_failures(NULL, people);
    expect_failures(by_threads, people);
    free(people);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),    cmocka_unit_test(test_skewed),    cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_cut_file), cmocka_unit_test(test_not_taken), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
