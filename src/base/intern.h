#ifndef PS_BASE_INTERN_H
#define PS_BASE_INTERN_H

// Distinct texts, numbered from 0 in the order they came. Reading is safe on any thread while nobody writes.
//
// A list may hold a million domains in several of these, so that little is kept beside the text itself: a span, and
// eight bytes a slot in place of the 128 bits that tables without their keys need.

#include "base/hash.h"
#include "presend/arena.h"

typedef struct ps_intern {
    ps_arena arena;
    char *room; // where the next text goes
    size_t room_bytes;
    ps_span *texts; // by number; each followed by a NUL
    size_t count, capacity;
    struct ps_intern_slot {
        uint32_t tag; // of the text's hash; its slot is found by it, too
        uint32_t number; // PS_INDEX_NONE: free
    } * slots;
    size_t slot_count; // 0 or a power of two
} ps_intern;

ps_status ps_intern_open(ps_intern *out, ps_error *err);
void ps_intern_close(ps_intern *intern); // a zeroed intern is fine
ps_status ps_intern_add(ps_intern *intern, ps_span text, uint32_t *out, ps_error *err);
uint32_t ps_intern_find(const ps_intern *intern, ps_span text); // PS_INDEX_NONE if not there

#endif
