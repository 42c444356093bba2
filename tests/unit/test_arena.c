// layer: base
#include "assert.h"

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

static size_t resident_kib(void)
{
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    char line[256];
    size_t kib = 0;

    if (file == NULL) return 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "Rss: %zu kB", &kib) == 1) break;
    }
    fclose(file);
    return kib;
}

// Address space costs nothing, pages beyond 4 MiB go back on a reset.
static void test_pages(void **state)
{
    ps_arena arena;
    ps_error err;
    (void)state;

    size_t before = resident_kib();
    if (before == 0) skip(); // no /proc here
    assert_ok(ps_arena_open((size_t)64 << 30, &arena, &err), &err);
    assert_true(resident_kib() < before + 1024);
    memset(ps_arena_take(&arena, 100 << 20), 1, 100 << 20);
    assert_true(resident_kib() > before + (90 << 10));
    ps_arena_reset(&arena);
    assert_true(resident_kib() < before + (30 << 10));
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
