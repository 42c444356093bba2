#include "base/memory.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { FIRST_ITEMS = 8, LARGE_BYTES = 1 << 20 };

// Written by tests only, before the code under test runs; atomic because that code may allocate on several threads.
static atomic_ulong fail_after;
static atomic_int fail_for_ever;

static bool should_fail(void)
{
    unsigned long left = atomic_load_explicit(&fail_after, memory_order_relaxed);

    while (left > 0) {
        if (left == 1 && atomic_load(&fail_for_ever) != 0) return true;
        if (atomic_compare_exchange_weak(&fail_after, &left, left - 1)) return left == 1;
    }
    return false;
}

static ps_status no_memory(size_t count, size_t item_size, ps_error *err)
{
    size_t size;

    if (__builtin_mul_overflow(count, item_size, &size)) size = SIZE_MAX;
    ps_error_set(err, PS_RETRY, "There is not enough memory: %zu more bytes were needed.", size);
    ps_error_hint(err, "Close other programs or use a machine with more memory, then run again.");
    return PS_RETRY;
}

void *ps_memory_new(size_t count, size_t item_size, ps_error *err)
{
    size_t size;
    bool refused = __builtin_mul_overflow(count, item_size, &size) || should_fail();
    void *memory =
        refused ? NULL : calloc(size == 0 ? 1 : size, 1); // of no bytes calloc may make NULL, which means failure here

    if (memory == NULL) no_memory(count, item_size, err); // NULL says it
    return memory;
}

void ps_memory_map_large(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES); // refused, it only takes more memory
}

void ps_memory_trim(void)
{
    (void)malloc_trim(0); // whether there was anything
}

static size_t grown_capacity(size_t capacity, size_t want)
{
    size_t grown = capacity < FIRST_ITEMS ? FIRST_ITEMS : capacity;

    while (grown < want) {
        if (grown > SIZE_MAX / 2) return want;
        grown *= 2;
    }
    return grown;
}

ps_status ps_memory_grow(void **array, size_t *capacity, size_t want, size_t item_size, ps_error *err)
{
    if (want <= *capacity) return PS_OK;

    size_t items = grown_capacity(*capacity, want), size;
    if (__builtin_mul_overflow(items, item_size, &size) || should_fail()) return no_memory(items, item_size, err);

    // The caller's pointer has another type than void *, so it is moved as bytes.
    void *memory;
    memcpy(&memory, array, sizeof memory);
    memory = realloc(memory, size);
    if (memory == NULL) return no_memory(items, item_size, err);
    memcpy(array, &memory, sizeof memory);
    *capacity = items;
    return PS_OK;
}

void ps_memory_free(void *memory)
{
    free(memory);
}

void *ps_memory_map(size_t size, ps_error *err)
{
    void *memory =
        should_fail() ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED) {
        no_memory(size, 1, err);
        return NULL;
    }
    // Random look-ups wait for page tables, too; where the system has no large pages, nothing is lost.
    (void)madvise(memory, size, MADV_HUGEPAGE);
    return memory;
}

void ps_memory_touch(void *memory, size_t size)
{
    // A system that is older than the call, or has too little memory, takes them as they are touched.
    (void)madvise(memory, size, MADV_POPULATE_WRITE);
}

void ps_memory_unmap(void *memory, size_t size)
{
    if (memory != NULL) (void)munmap(memory, size); // fails for a wrong address only
}

char *ps_memory_text(const char *text, ps_error *err)
{
    size_t size = strlen(text) + 1;
    char *copy = ps_memory_new(size, 1, err);

    if (copy != NULL) memcpy(copy, text, size);
    return copy;
}

void ps_memory_fail_at(unsigned long n, int for_ever)
{
    atomic_store(&fail_for_ever, for_ever);
    atomic_store(&fail_after, n);
}
