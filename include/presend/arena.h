#ifndef PRESEND_ARENA_H
#define PRESEND_ARENA_H

#include "presend/span.h"
#include "presend/status.h"

/**
 * Memory with one lifetime: handed out piece by piece, given back all at once.
 *
 * An arena reserves address space when it is opened and takes pages as they are touched, so an
 * allocation within the reservation cannot fail. One owner at a time; no locks inside.
 */
typedef struct ps_arena {
    char *base;
    size_t used, reserved;
    size_t dirty; /**< bytes from the base that an earlier use may have written */
} ps_arena;

/** Reserve `reserve_bytes` of address space. PS_RETRY when the system refuses; `out` is then untouched. */
ps_status ps_arena_open(size_t reserve_bytes, ps_arena *out, ps_error *err);

/** `size` bytes, zeroed, aligned to 16. Asking for more than was reserved is a bug and aborts. Never NULL. */
void *ps_arena_take(ps_arena *arena, size_t size);

/** The same, but not zeroed: for what is written before it is read. */
void *ps_arena_room(ps_arena *arena, size_t size);

/** A copy of `span` in the arena, followed by a NUL that its length does not count. */
ps_span ps_arena_copy(ps_arena *arena, ps_span span);

/** Forget everything handed out; pages beyond 4 MiB go back to the system. */
void ps_arena_reset(ps_arena *arena);

/** Give all back. A zeroed arena is fine. */
void ps_arena_close(ps_arena *arena);

#endif
