#ifndef PS_BASE_INTERN_H
#define PS_BASE_INTERN_H

// Distinct texts, numbered from 0 in the order they came. Reading is safe on any thread while nobody writes.
//
// A list may hold a million domains in several of these, so that little is kept beside the text itself: where it is,
// and six bytes a slot in place of the 128 bits that tables without their keys need.

#include <string.h>

#include "base/hash.h"
#include "presend/arena.h"

enum {
    PS_INTERN_UNIT = 4, // texts begin at multiples of it: 32 bits are enough for all places in the arena
    PS_INTERN_LONG = 255 // a text's length stands before it in one byte; from here on in a size_t behind that
};

typedef struct ps_intern {
    ps_arena arena;
    char *room; // where the next text goes
    size_t room_bytes;
    uint32_t *places; // by number: of the text in the arena, in units
    size_t count, capacity;
    struct __attribute__((packed, aligned(2))) ps_intern_slot {
        uint32_t number; // PS_INDEX_NONE: free
        uint16_t tag; // of the text's hash: hardly any other text has to be looked at
    } * slots;
    size_t slot_count; // 0 or a power of two
} ps_intern;

ps_status ps_intern_open(ps_intern *out, ps_error *err);
void ps_intern_close(ps_intern *intern); // a zeroed intern is fine
void ps_intern_clear(ps_intern *intern); // empty again; most of its memory stays
ps_status ps_intern_add(ps_intern *intern, ps_span text, uint32_t *out, ps_error *err);
uint32_t ps_intern_find(const ps_intern *intern, ps_span text); // PS_INDEX_NONE if not there

static inline const char *ps_intern_place(const ps_intern *intern, size_t number)
{
    return intern->arena.base + (size_t)intern->places[number] * PS_INTERN_UNIT;
}

// The text of a number, followed by a NUL; it stays until closing.
static inline ps_span ps_intern_text(const ps_intern *intern, size_t number)
{
    const char *at = ps_intern_place(intern, number);
    size_t len = (unsigned char)*at++;

    if (len < PS_INTERN_LONG) return (ps_span){at, len};
    memcpy(&len, at, sizeof len);
    return (ps_span){at + sizeof len, len};
}

#endif
