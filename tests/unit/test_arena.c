// layer: base
#include "assert.h"

#include <sys/mman.h>
#include <unistd.h>

#include "presend/arena.h"

static void test_take(void **state)
{
    ps_arena arena;
    ps_error err;
    (void)state;

    assert_ok(ps_arena_open(1 << 20, &arena, &err), &err);
    char *previous_end = arena.base;
    for (size_t size = 0; size < 300; size++) {
        char *piece = ps_arena_take(&arena, size);
        assert_non_null(piece);
        assert_int_equal((uintptr_t)piece % 16, 0);
        assert_true(piece >= previous_end);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(piece[i], 0);
        memset(piece, 0xff, size);
        previous_end = piece + size;
        ps_span copy = ps_arena_copy(&arena, ps_span_of("odd"));
        assert_true(copy.bytes >= previous_end);
        previous_end = (char *)(uintptr_t)copy.bytes + 4;
    }
    ps_arena_close(&arena);
    ps_arena_close(&arena);
}

static void test_copy(void **state)
{
    ps_arena arena;
    ps_error err;
    (void)state;

    assert_ok(ps_arena_open(1 << 20, &arena, &err), &err);
    ps_span copy = ps_arena_copy(&arena, (ps_span){"example.jp", 7});
    assert_span_equal(copy, "example");
    assert_int_equal(copy.bytes[7], '\0');
    ps_span empty = ps_arena_copy(&arena, (ps_span){NULL, 0});
    assert_int_equal(empty.len, 0);
    assert_int_equal(empty.bytes[0], '\0');
    assert_span_equal(copy, "example");
    ps_arena_close(&arena);
}

// What is handed out after a reset is zero again, below and beyond the part that is kept.
static void test_reset_zeroes(void **state)
{
    const size_t sizes[] = {100, 3 << 20, 4 << 20, 9 << 20};
    ps_arena arena;
    ps_error err;
    (void)state;

    assert_ok(ps_arena_open(64 << 20, &arena, &err), &err);
    for (size_t i = 0; i < PS_COUNT_OF(sizes); i++) {
        for (size_t j = 0; j < PS_COUNT_OF(sizes); j++) {
            memset(ps_arena_take(&arena, sizes[i]), 0xaa, sizes[i]);
            ps_arena_reset(&arena);
            assert_int_equal(arena.used, 0);
            const char *piece = ps_arena_take(&arena, sizes[j]);
            for (size_t at = 0; at < sizes[j]; at++) {
                if (piece[at] != 0) fail_msg("byte %zu of %zu after %zu", at, sizes[j], sizes[i]);
            }
            ps_arena_reset(&arena);
        }
    }
    ps_arena_close(&arena);
}

// How much of the arena's first `size` bytes the system holds pages for.
static size_t resident_bytes(const ps_arena *arena, size_t size)
{
    static unsigned char pages[128 << 10];
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE), count = 0;

    assert_true(size / page_bytes <= sizeof pages);
    assert_int_equal(mincore(arena->base, size, pages), 0);
    for (size_t i = 0; i < size / page_bytes; i++)
        count += pages[i] & 1;
    return count * page_bytes;
}

// Address space costs nothing; after a reset the pages beyond 4 MiB are back with the system.
static void test_pages(void **state)
{
    const size_t mib = 1 << 20;
    ps_arena arena;
    ps_error err;
    (void)state;

    assert_ok(ps_arena_open((size_t)64 << 30, &arena, &err), &err);
    assert_int_equal(resident_bytes(&arena, 200 * mib), 0);
    memset(ps_arena_take(&arena, 100 * mib), 1, 100 * mib);
    assert_true(resident_bytes(&arena, 200 * mib) >= 100 * mib);
    ps_arena_reset(&arena);
    assert_int_equal(resident_bytes(&arena, 200 * mib), 4 * mib);
    ps_arena_close(&arena);
}

static void test_refused(void **state)
{
    ps_arena arena = {0};
    ps_error err = {.status = PS_OK};
    (void)state;

    assert_int_equal(ps_arena_open(SIZE_MAX / 2, &arena, &err), PS_RETRY);
    assert_int_equal(err.status, PS_RETRY);
    assert_null(arena.base);
    ps_arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_take),  cmocka_unit_test(test_copy),    cmocka_unit_test(test_reset_zeroes),
        cmocka_unit_test(test_pages), cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
