// layer: facts
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assert.h"
#include "base/memory.h"
#include "facts/listed.h"

// A run in the file holds 64 Ki of them.
enum { RUN = 64 << 10, ALL_MAX = 5 * RUN + 77 };

static ps_hash digest_of(uint64_t number)
{
    return ps_hash_of((ps_span){(const char *)&number, sizeof number});
}

// In batches as a run brings them, of which some list nobody. Every 1000th comes once more much later.
static void add_people(ps_listed *listed, ps_hash *out, size_t count)
{
    ps_error err = {.status = PS_OK};

    for (size_t i = 0; i < count; i++)
        out[i] = digest_of(i >= RUN && i % 1000 == 0 ? i - RUN : i);
    for (size_t from = 0, batch = 0; from < count; from += batch) {
        batch = from % 3001 % (count - from) + 1;
        assert_ok(ps_listed_add(listed, out + from, batch, &err), &err);
        assert_ok(ps_listed_add(listed, NULL, 0, &err), &err);
    }
}

static void check_walk(ps_listed *listed, const ps_hash *sorted, size_t count)
{
    ps_error err = {.status = PS_OK};
    ps_listed_walk *walk = NULL;
    const ps_hash *here = NULL;
    size_t more = 1, from = 0;

    assert_int_equal(ps_listed_count(listed), count);
    assert_ok(ps_listed_walk_open(listed, &walk, &err), &err);
    for (; more > 0; from += more) {
        assert_ok(ps_listed_walk_next(walk, &here, &more, &err), &err);
        assert_true(more <= count - from);
        if (more > 0) assert_memory_equal(here, sorted + from, more * sizeof *here);
    }
    assert_int_equal(from, count);
    assert_ok(ps_listed_walk_next(walk, &here, &more, &err), &err);
    assert_int_equal(more, 0);
    ps_listed_walk_close(walk);
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
        if (listed.folder != NULL) assert_true(listed.capacity <= RUN);
        qsort(people, count, sizeof *people, ps_hash_compare);
        check_walk(&listed, people, count);
        check_walk(&listed, people, count); // as often as one likes
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
        check_walk(&listed, people, COUNT);
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

static void test_cut_file(void **state)
{
    ps_listed listed = {.folder = "."};
    ps_hash *people = malloc(ALL_MAX * sizeof *people);
    const ps_hash *here = NULL;
    ps_listed_walk *walk = NULL;
    ps_error err = {.status = PS_OK};
    ps_status status = PS_OK;
    size_t more = 1;
    (void)state;

    assert_non_null(people);
    add_people(&listed, people, ALL_MAX);
    assert_ok(ps_listed_walk_open(&listed, &walk, &err), &err);
    assert_int_equal(ftruncate(listed.fd, RUN * (off_t)sizeof *people), 0);
    while (status == PS_OK && more > 0)
        status = ps_listed_walk_next(walk, &here, &more, &err);
    assert_int_equal(status, PS_IO);
    ps_listed_walk_close(walk);
    ps_listed_done(&listed);
    free(people);
}

// Whichever allocation fails, it is said, and all is given back.
static void test_no_memory(void **state)
{
    ps_hash *people = calloc(RUN, sizeof *people);
    ps_status status = PS_RETRY;
    (void)state;

    assert_non_null(people);
    for (unsigned long nth = 1; status != PS_OK; nth++) {
        ps_listed listed = {.folder = "."};
        ps_listed_walk *walk = NULL;
        const ps_hash *here = NULL;
        size_t more = 0;
        ps_error err = {.status = PS_OK};
        ps_memory_fail_at(nth, 0);
        status = ps_listed_add(&listed, people, RUN, &err);
        if (status == PS_OK) status = ps_listed_add(&listed, people, 1, &err);
        if (status == PS_OK) status = ps_listed_walk_open(&listed, &walk, &err);
        if (status == PS_OK) status = ps_listed_walk_next(walk, &here, &more, &err);
        ps_memory_fail_at(0, 0);
        assert_true(status == PS_OK || (status == PS_RETRY && nth < 20));
        ps_listed_walk_close(walk);
        ps_listed_done(&listed);
    }
    free(people);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),    cmocka_unit_test(test_skewed),    cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_cut_file), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
