// layer: base
#include "assert.h"

#include "base/cpu.h"
#include "base/hash.h"
#include "base/intern.h"
#include "base/memory.h"

#ifdef PS_CPU_X86
#include <cpuid.h>
#endif

static void test_known_values(void **state)
{
    (void)state;
    // The published XXH3-128 values of the empty text (seed 0), as `xxhsum -H2` prints them.
    ps_hash hash = ps_hash_of(ps_span_of(""));
    assert_int_equal(hash.high, 0x99aa06d3014798d8);
    assert_int_equal(hash.low, 0x6001c324468d497f);
    assert_true(ps_hash_equal(hash, ps_hash_of((ps_span){NULL, 0})));
    assert_false(ps_hash_equal(ps_hash_of(ps_span_of("a")), ps_hash_of(ps_span_of("b"))));
}

// Short texts are hashed in another way than long ones and than streams, to the same hash.
static void test_every_length(void **state)
{
    enum { BYTES_MAX = 600 };
    char text[BYTES_MAX], whole[33], stream[33];
    ps_error err;
    (void)state;

    for (size_t i = 0; i < BYTES_MAX; i++)
        text[i] = (char)(i * 37 + i / 7);
    for (size_t len = 0; len <= BYTES_MAX; len++) {
        ps_hasher *hasher = NULL;
        ps_hash hash = ps_hash_of((ps_span){text, len});
        assert_ok(ps_hasher_new(&hasher, &err), &err);
        ps_hasher_add(hasher, (ps_span){text, len});
        ps_hasher_hex(hasher, stream);
        snprintf(whole, sizeof whole, "%016llx%016llx", (unsigned long long)hash.high, (unsigned long long)hash.low);
        assert_string_equal(whole, stream);
        ps_hasher_free(hasher);
    }
}

#ifdef PS_CPU_X86
// The parts of this thread's registers that are in use, as the processor tells it; 0 where it does not.
static unsigned registers_in_use(void)
{
    enum { STATE_LEAF = 13, TELLS_USE = 1 << 2 };
    unsigned a = 0, b, c, d = 0;

    if (ps_cpu_best() == PS_CPU_SCALAR || !__get_cpuid_count(STATE_LEAF, 1, &a, &b, &c, &d)) return 0;
    if ((a & TELLS_USE) == 0) return 0;
    __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(1));
    return a;
}

// What is left in the upper halves of vectors makes all that follows slow.
static void test_vectors_are_released(void **state)
{
    enum { UPPER_HALVES = 1 << 2 };
    static const size_t sizes[] = {240, 241, 1000, 4000, 100000};
    static char text[100000];
    ps_hasher *hasher = NULL;
    ps_error err;
    char hex[33];
    (void)state;

    assert_ok(ps_hasher_new(&hasher, &err), &err);
    for (size_t i = 0; i < PS_COUNT_OF(sizes); i++) {
        (void)ps_hash_of((ps_span){text, sizes[i]}); // what it leaves behind is looked at
        assert_int_equal(registers_in_use() & UPPER_HALVES, 0);
        ps_hasher_add(hasher, (ps_span){text, sizes[i]});
        assert_int_equal(registers_in_use() & UPPER_HALVES, 0);
        ps_hasher_hex(hasher, hex);
        assert_int_equal(registers_in_use() & UPPER_HALVES, 0);
    }
    ps_hasher_free(hasher);
}
#endif

// A stream hashes as its bytes do at once, wherever it is cut, and may be asked in between.
static void test_hasher_cuts(void **state)
{
    char text[1000], expected[33], hex[33];
    ps_error err;
    (void)state;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 7);
    ps_hash whole = ps_hash_of((ps_span){text, sizeof text});
    snprintf(expected, sizeof expected, "%016lx%016lx", whole.high, whole.low);
    for (size_t cut = 0; cut <= sizeof text; cut += 37) {
        ps_hasher *hasher = NULL;
        assert_ok(ps_hasher_new(&hasher, &err), &err);
        ps_hasher_add(hasher, (ps_span){text, cut});
        ps_hasher_hex(hasher, hex);
        ps_hasher_add(hasher, (ps_span){text + cut, sizeof text - cut});
        ps_hasher_hex(hasher, hex);
        assert_string_equal(hex, expected);
        ps_hasher_free(hasher);
    }
    ps_hasher_free(NULL);
}

static ps_hash number_hash(uint32_t number)
{
    return ps_hash_of((ps_span){(const char *)&number, sizeof number});
}

static void test_index(void **state)
{
    enum { COUNT = 20000 };
    ps_index index = {0};
    ps_error err;
    uint32_t value;
    bool added;
    (void)state;

    assert_int_equal(ps_index_find(&index, number_hash(0)), PS_INDEX_NONE);
    ps_index_prefetch(&index, number_hash(0));
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_ok(ps_index_claim(&index, number_hash(i), i * 2, &value, &added, &err), &err);
        assert_true(added);
        assert_int_equal(value, i * 2);
        assert_true(index.count * 5 <= index.capacity * 3);
    }
    assert_int_equal(index.count, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        ps_index_prefetch(&index, number_hash(i));
        assert_int_equal(ps_index_find(&index, number_hash(i)), i * 2);
        assert_int_equal(ps_index_find(&index, number_hash(i + COUNT)), PS_INDEX_NONE);
        assert_ok(ps_index_claim(&index, number_hash(i), 7, &value, &added, &err), &err);
        assert_false(added);
        assert_int_equal(value, i * 2);
    }
    assert_int_equal(index.count, COUNT);
    ps_index_done(&index);
    ps_index_done(&index);
}

// Keys that all want the same slot still find their own values.
static void test_index_collisions(void **state)
{
    ps_index index = {0};
    ps_error err;
    uint32_t value;
    bool added;
    (void)state;

    for (uint32_t i = 0; i < 200; i++) {
        assert_ok(ps_index_claim(&index, (ps_hash){.low = 63, .high = i}, i, &value, &added, &err), &err);
    }
    for (uint32_t i = 0; i < 200; i++) {
        assert_int_equal(ps_index_find(&index, (ps_hash){.low = 63, .high = i}), i);
    }
    assert_int_equal(ps_index_find(&index, (ps_hash){.low = 63, .high = 200}), PS_INDEX_NONE);
    ps_index_done(&index);
}

// Whichever allocation fails, what was there before is still found, and the claim works when tried again.
static void test_index_no_memory(void **state)
{
    (void)state;
    for (unsigned long n = 1; n <= 2; n++) {
        ps_index index = {0};
        ps_error err = {.status = PS_OK};
        uint32_t value, i = 0;
        bool added;

        while ((index.count + 1) * 5 <= index.capacity * 3 || i == 0) {
            assert_ok(ps_index_claim(&index, number_hash(i), i, &value, &added, &err), &err);
            i++;
        }
        ps_memory_fail_at(n, 0);
        assert_int_equal(ps_index_claim(&index, number_hash(i), i, &value, &added, &err), PS_RETRY);
        ps_memory_fail_at(0, 0);
        assert_int_equal(err.status, PS_RETRY);
        assert_int_equal(index.count, i);
        for (uint32_t old = 0; old < i; old++)
            assert_int_equal(ps_index_find(&index, number_hash(old)), old);
        assert_ok(ps_index_claim(&index, number_hash(i), i, &value, &added, &err), &err);
        assert_true(added);
        ps_index_done(&index);
    }
}

static void test_intern(void **state)
{
    static const char *const texts[] = {"example.jp", "", "example.com", "example.jp", "", "EXAMPLE.jp"};
    static const uint32_t numbers[] = {0, 1, 2, 0, 1, 3};
    ps_intern intern;
    ps_error err;
    (void)state;

    assert_ok(ps_intern_open(&intern, &err), &err);
    for (size_t i = 0; i < PS_COUNT_OF(texts); i++) {
        uint32_t number;
        assert_ok(ps_intern_add(&intern, ps_span_of(texts[i]), &number, &err), &err);
        assert_int_equal(number, numbers[i]);
        assert_span_equal(ps_intern_text(&intern, number), texts[i]);
        assert_int_equal(ps_intern_text(&intern, number).bytes[ps_intern_text(&intern, number).len], '\0');
        assert_int_equal(ps_intern_find(&intern, ps_span_of(texts[i])), number);
    }
    assert_int_equal(intern.count, 4);
    assert_int_equal(ps_intern_find(&intern, ps_span_of("example")), PS_INDEX_NONE);
    ps_intern_close(&intern);
    ps_intern_close(&intern);
}

// Cleared, it numbers from 0 again and knows nothing of before.
static void test_intern_clear(void **state)
{
    enum { LAPS = 3, SOME = 5000 };
    ps_intern intern;
    ps_error err;
    char text[32];
    uint32_t number;
    (void)state;

    assert_ok(ps_intern_open(&intern, &err), &err);
    ps_intern_clear(&intern);
    for (unsigned lap = 0; lap < LAPS; lap++) {
        for (uint32_t i = 0; i < SOME; i++) {
            snprintf(text, sizeof text, "d%u.example", lap * SOME + i);
            assert_ok(ps_intern_add(&intern, ps_span_of(text), &number, &err), &err);
            assert_int_equal(number, i);
        }
        assert_span_equal(ps_intern_text(&intern, SOME - 1), text);
        ps_intern_clear(&intern);
        assert_int_equal(intern.count, 0);
        assert_int_equal(ps_intern_find(&intern, ps_span_of(text)), PS_INDEX_NONE);
    }
    ps_intern_close(&intern);
}

// So many that some share a tag, and some too long to lie beside others.
static void test_intern_many(void **state)
{
    enum { MANY = 300000 };
    static const size_t lengths[] = {PS_INTERN_LONG - 1, PS_INTERN_LONG, PS_INTERN_LONG + 1, 65526, 65527, 70000};
    ps_intern intern;
    ps_error err;
    char text[32], *big = calloc(1, 70000 + 1);
    uint32_t number, again;
    (void)state;

    assert_ok(ps_intern_open(&intern, &err), &err);
    assert_non_null(big);
    for (uint32_t i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "d%u.example", i);
        assert_ok(ps_intern_add(&intern, ps_span_of(text), &number, &err), &err);
        assert_int_equal(number, i);
    }
    for (size_t i = 0; i < PS_COUNT_OF(lengths); i++) {
        memset(big, 'x', lengths[i]);
        assert_ok(ps_intern_add(&intern, ps_span_of(big), &number, &err), &err);
        assert_ok(ps_intern_add(&intern, ps_span_of(big), &again, &err), &err);
        assert_int_equal(number, again);
        assert_span_equal(ps_intern_text(&intern, number), big);
    }
    for (uint32_t i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "d%u.example", i);
        assert_int_equal(ps_intern_find(&intern, ps_span_of(text)), i);
        assert_span_equal(ps_intern_text(&intern, i), text);
        snprintf(text, sizeof text, "e%u.example", i);
        assert_int_equal(ps_intern_find(&intern, ps_span_of(text)), PS_INDEX_NONE);
    }
    assert_int_equal(intern.count, MANY + PS_COUNT_OF(lengths));
    ps_intern_close(&intern);
    free(big);
}

// The numbers run on without a hole after an allocation failed.
static void test_intern_no_memory(void **state)
{
    ps_intern intern;
    ps_error err;
    unsigned failures = 0;
    (void)state;

    assert_ok(ps_intern_open(&intern, &err), &err);
    for (uint32_t i = 0; i < 1000; i++) {
        char text[16];
        uint32_t number = UINT32_MAX;
        snprintf(text, sizeof text, "d%u.example", i);
        ps_memory_fail_at(1, 0);
        failures += ps_intern_add(&intern, ps_span_of(text), &number, &err) != PS_OK;
        ps_memory_fail_at(0, 0);
        assert_ok(ps_intern_add(&intern, ps_span_of(text), &number, &err), &err);
        assert_int_equal(number, i);
    }
    assert_true(failures > 5);
    assert_int_equal(intern.count, 1000);
    ps_intern_close(&intern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef PS_CPU_X86
        cmocka_unit_test(test_vectors_are_released),
#endif
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_hasher_cuts),
        cmocka_unit_test(test_index),
        cmocka_unit_test(test_index_collisions),
        cmocka_unit_test(test_index_no_memory),
        cmocka_unit_test(test_intern),
        cmocka_unit_test(test_intern_clear),
        cmocka_unit_test(test_intern_many),
        cmocka_unit_test(test_intern_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
