#include "base/intern.h"

#include "base/limits.h"
#include "base/memory.h"

ps_status ps_intern_open(ps_intern *out, ps_error *err)
{
    ps_intern intern = {0};
    ps_status status = ps_arena_open(PS_ARENA_RUN_BYTES, &intern.arena, err);

    if (status == PS_OK) *out = intern;
    return status;
}

void ps_intern_close(ps_intern *intern)
{
    ps_index_done(&intern->index);
    ps_arena_close(&intern->arena);
    ps_memory_free(intern->texts);
    *intern = (ps_intern){0};
}

ps_status ps_intern_add(ps_intern *intern, ps_span text, uint32_t *out, ps_error *err)
{
    uint32_t number;
    bool added;

    if (intern->count >= PS_INDEX_NONE) {
        return ps_error_set(err, PS_INPUT, "There are more than %u distinct names, which is the limit.", PS_INDEX_NONE);
    }
    // Memory first, so that a failure leaves everything as it was.
    ps_status status =
        ps_memory_grow((void **)&intern->texts, &intern->capacity, intern->count + 1, sizeof *intern->texts, err);
    if (status != PS_OK) return status;
    status = ps_index_claim(&intern->index, ps_hash_of(text), (uint32_t)intern->count, &number, &added, err);
    if (status != PS_OK) return status;
    if (added) intern->texts[intern->count++] = ps_arena_copy(&intern->arena, text);
    *out = number;
    return PS_OK;
}

uint32_t ps_intern_find(const ps_intern *intern, ps_span text)
{
    return ps_index_find(&intern->index, ps_hash_of(text));
}
