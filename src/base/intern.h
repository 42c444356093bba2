#ifndef PS_BASE_INTERN_H
#define PS_BASE_INTERN_H

// Distinct texts, numbered from 0 in the order they came. Reading is safe on any thread while nobody writes.

#include "base/hash.h"
#include "presend/arena.h"

typedef struct ps_intern {
    ps_index index;
    ps_arena arena;
    ps_span *texts; // by number; each followed by a NUL
    size_t count, capacity;
} ps_intern;

ps_status ps_intern_open(ps_intern *out, ps_error *err);
void ps_intern_close(ps_intern *intern); // a zeroed intern is fine
ps_status ps_intern_add(ps_intern *intern, ps_span text, uint32_t *out, ps_error *err);
uint32_t ps_intern_find(const ps_intern *intern, ps_span text); // PS_INDEX_NONE if not there

#endif
