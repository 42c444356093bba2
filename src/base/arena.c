#include "presend/arena.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
// Each piece gets a forbidden gap behind it, and what was reset is forbidden until it is handed out again.
enum { GAP = 16, COPY_ALIGNMENT = 16 };

static void leave_gap(ps_arena *arena)
{
    if (arena->reserved - arena->used < GAP) return;
    ASAN_POISON_MEMORY_REGION(arena->base + arena->used, GAP);
    arena->used += GAP;
}
#else
enum { COPY_ALIGNMENT = 1 };

static void leave_gap(ps_arena *arena)
{
    (void)arena; // there is nothing to guard with
}
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

enum { ALIGNMENT = 16 };

// What a reset keeps: a usual batch needs less, and pages that stay need not be faulted in again.
#define KEPT_BYTES ((size_t)4 << 20)

ps_status ps_arena_open(size_t reserve_bytes, ps_arena *out, ps_error *err)
{
    // Address space only: MAP_NORESERVE keeps the kernel from counting pages that are never touched.
    void *base = mmap(NULL, reserve_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (base == MAP_FAILED) {
        ps_error_set(err, PS_RETRY, "The system refused to reserve %zu MiB of address space: %s.", reserve_bytes >> 20,
                     strerrordesc_np(errno));
        ps_error_hint(err, "Lift the limit on address space (`ulimit -v unlimited`), and do not run with "
                           "vm.overcommit_memory=2.");
        return PS_RETRY;
    }
    *out = (ps_arena){.base = base, .reserved = reserve_bytes};
    return PS_OK;
}

// `size` bytes from the next multiple of `alignment` on. The bytes may hold what an earlier use wrote.
static char *take_raw(ps_arena *arena, size_t size, size_t alignment, size_t *out_offset)
{
    size_t offset = (arena->used + alignment - 1) & ~(alignment - 1);

    // Not an assert: going on in a release build would write outside the reservation.
    if (offset > arena->reserved || size > arena->reserved - offset) abort();
    arena->used = offset + size;
    ASAN_UNPOISON_MEMORY_REGION(arena->base + offset, size);
    leave_gap(arena);
    *out_offset = offset;
    return arena->base + offset;
}

void *ps_arena_take(ps_arena *arena, size_t size)
{
    size_t offset;
    char *piece = take_raw(arena, size, ALIGNMENT, &offset);

    if (offset < arena->dirty) {
        size_t old = arena->dirty - offset;
        memset(piece, 0, size < old ? size : old); // beyond it, pages are as the system gave them: zero
    }
    return piece;
}

void *ps_arena_room(ps_arena *arena, size_t size)
{
    size_t offset;

    return take_raw(arena, size, ALIGNMENT, &offset);
}

ps_span ps_arena_copy(ps_arena *arena, ps_span span)
{
    size_t offset;
    char *piece = take_raw(arena, span.len + 1, COPY_ALIGNMENT, &offset); // texts stand without gaps

    if (span.len > 0) memcpy(piece, span.bytes, span.len);
    piece[span.len] = '\0';
    return (ps_span){piece, span.len};
}

void ps_arena_reset(ps_arena *arena)
{
    if (arena->used > arena->dirty) arena->dirty = arena->used;
    ASAN_UNPOISON_MEMORY_REGION(arena->base, arena->dirty);
    if (arena->dirty > KEPT_BYTES) {
        // Whole pages: the reservation begins at one and KEPT_BYTES is a multiple of any page size in use. Where the
        // system declines, the bytes stay dirty and only memory is lost.
        int failed = madvise(arena->base + KEPT_BYTES, arena->dirty - KEPT_BYTES, MADV_DONTNEED);
        if (failed == 0) arena->dirty = KEPT_BYTES;
    }
    ASAN_POISON_MEMORY_REGION(arena->base, arena->dirty);
    arena->used = 0;
}

void ps_arena_close(ps_arena *arena)
{
    if (arena->base != NULL) {
        size_t touched = arena->used > arena->dirty ? arena->used : arena->dirty;
        ASAN_UNPOISON_MEMORY_REGION(arena->base, touched);
        int failed = munmap(arena->base, arena->reserved);
        assert(failed == 0); // only a wrong address or size fails
        (void)failed; // unused without asserts
    }
    *arena = (ps_arena){0};
}
