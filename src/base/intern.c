#include "base/intern.h"

#include <assert.h>

#include "base/limits.h"
#include "base/memory.h"

enum {
    FIRST_SLOTS = 64,
    ROOM_BYTES = 64 << 10 // what the arena hands out is aligned; texts lie close together
};

static_assert(PS_ARENA_RUN_BYTES / PS_INTERN_UNIT <= (size_t)UINT32_MAX + 1, "each place has its number");

static void set_free(struct ps_intern_slot *slots, size_t count)
{
    memset(slots, 0xff, count * sizeof *slots); // PS_INDEX_NONE in each
}

ps_status ps_intern_open(ps_intern *out, ps_error *err)
{
    ps_intern intern = {.count = 0};
    ps_status status = ps_arena_open(PS_ARENA_RUN_BYTES, &intern.arena, err);

    if (status == PS_OK) *out = intern;
    return status;
}

void ps_intern_close(ps_intern *intern)
{
    ps_arena_close(&intern->arena);
    ps_memory_free(intern->places);
    ps_memory_free(intern->slots);
    *intern = (ps_intern){.count = 0};
}

void ps_intern_clear(ps_intern *intern)
{
    ps_arena_reset(&intern->arena);
    if (intern->slot_count > 0) set_free(intern->slots, intern->slot_count);
    intern->room = NULL;
    intern->room_bytes = intern->count = 0;
}

// Bits that say nothing of the slot.
static uint16_t tag_of(ps_hash hash)
{
    return (uint16_t)hash.high;
}

// The slot of a text, or the free one where it belongs. There is always a free one.
static size_t slot_of(const ps_intern *intern, ps_span text, ps_hash hash)
{
    size_t mask = intern->slot_count - 1, slot = hash.low & mask;

    for (;; slot = (slot + 1) & mask) {
        const struct ps_intern_slot *at = &intern->slots[slot];
        if (at->number == PS_INDEX_NONE) return slot;
        if (at->tag == tag_of(hash) && ps_span_equal(ps_intern_text(intern, at->number), text)) return slot;
    }
}

static ps_status grow(ps_intern *intern, ps_error *err)
{
    size_t count = intern->slot_count == 0 ? FIRST_SLOTS : intern->slot_count * 2;
    struct ps_intern_slot *slots = ps_memory_new(count, sizeof *slots, err);

    if (slots == NULL) return PS_RETRY;
    ps_memory_free(intern->slots);
    set_free(slots, count);
    for (size_t i = 0; i < intern->count; i++) {
        ps_hash hash = ps_hash_of(ps_intern_text(intern, i));
        size_t slot = hash.low & (count - 1);
        while (slots[slot].number != PS_INDEX_NONE)
            slot = (slot + 1) & (count - 1);
        slots[slot] = (struct ps_intern_slot){.number = (uint32_t)i, .tag = tag_of(hash)};
    }
    intern->slots = slots;
    intern->slot_count = count;
    return PS_OK;
}

// Room for `size` bytes, a multiple of the unit.
static char *take_room(ps_intern *intern, size_t size)
{
    if (size > ROOM_BYTES) return ps_arena_take(&intern->arena, size);
    if (size > intern->room_bytes) {
        intern->room = ps_arena_take(&intern->arena, ROOM_BYTES);
        intern->room_bytes = ROOM_BYTES;
    }
    char *room = intern->room;
    intern->room += size;
    intern->room_bytes -= size;
    return room;
}

// Returns the place.
static uint32_t keep(ps_intern *intern, ps_span text)
{
    bool is_long = text.len >= PS_INTERN_LONG;
    size_t size = 1 + (is_long ? sizeof text.len : 0) + text.len + 1;
    char *at = take_room(intern, (size + PS_INTERN_UNIT - 1) / PS_INTERN_UNIT * PS_INTERN_UNIT);
    size_t place = (size_t)(at - intern->arena.base) / PS_INTERN_UNIT;

    *at++ = (char)(is_long ? PS_INTERN_LONG : text.len);
    if (is_long) {
        memcpy(at, &text.len, sizeof text.len);
        at += sizeof text.len;
    }
    if (text.len > 0) memcpy(at, text.bytes, text.len);
    at[text.len] = '\0';
    return (uint32_t)place;
}

// Memory first, so that a failure leaves everything as it was; and a free slot in three, so that runs stay short.
static ps_status make_room(ps_intern *intern, ps_error *err)
{
    ps_status status = PS_OK;

    if (intern->count >= PS_INDEX_NONE) {
        return ps_error_set(err, PS_INPUT, "There are more than %u distinct names, which is the limit.", PS_INDEX_NONE);
    }
    if ((intern->count + 1) * 3 > intern->slot_count * 2) status = grow(intern, err);
    if (status != PS_OK) return status;
    return ps_memory_grow((void **)&intern->places, &intern->capacity, intern->count + 1, sizeof *intern->places, err);
}

ps_status ps_intern_add(ps_intern *intern, ps_span text, uint32_t *out, ps_error *err)
{
    ps_hash hash = ps_hash_of(text);
    size_t slot = intern->slot_count == 0 ? 0 : slot_of(intern, text, hash);

    if (intern->slot_count == 0 || intern->slots[slot].number == PS_INDEX_NONE) {
        size_t before = intern->slot_count;
        ps_status status = make_room(intern, err);
        if (status != PS_OK) return status;
        if (intern->slot_count != before) slot = slot_of(intern, text, hash);
        intern->slots[slot] = (struct ps_intern_slot){.number = (uint32_t)intern->count, .tag = tag_of(hash)};
        intern->places[intern->count++] = keep(intern, text);
    }
    *out = intern->slots[slot].number;
    return PS_OK;
}

uint32_t ps_intern_find(const ps_intern *intern, ps_span text)
{
    if (intern->slot_count == 0) return PS_INDEX_NONE;
    return intern->slots[slot_of(intern, text, ps_hash_of(text))].number;
}
