#include "facts/fact_numbers.h"

#include <assert.h>

#include "base/memory.h"

static_assert(sizeof(ps_suppressed) == 32, "two in a line of the cache");

enum { LATE_STRIDE = 1237 }; // days: what one source says of one class falls on its own slots for three years

void ps_fact_numbers_done(ps_fact_numbers *numbers)
{
    ps_index_done(&numbers->index);
    ps_memory_free(numbers->facts);
}

void ps_fact_numbers_seal(ps_fact_numbers *numbers)
{
    ps_index_done(&numbers->index);
}

// A job has a few lists, and what is merged of them is hashed for each address that stands on two.
static ps_hash hash_of_list(ps_fact_numbers *numbers, const char *list)
{
    size_t slot = (uintptr_t)list / 8 % PS_FACTS_LISTS; // where it stands decides nothing but how soon it is found

    if (numbers->lists[slot].list != list) {
        numbers->lists[slot].hash = ps_hash_of(ps_span_of(list));
        numbers->lists[slot].list = list;
    }
    return numbers->lists[slot].hash;
}

ps_hash ps_fact_hash(ps_fact_numbers *numbers, const ps_suppressed *fact)
{
    const ps_hash list = hash_of_list(numbers, fact->list);
    const uint64_t words[] = {
        fact->sources,
        (uint64_t)fact->classes << 32 | fact->source,
        (uint64_t)fact->strongest << 32 | (uint32_t)fact->date,
        (uint32_t)fact->last_bounce,
        list.low,
        list.high,
    };

    return ps_hash_of((ps_span){(const char *)words, sizeof words});
}

ps_status ps_fact_claim(ps_fact_numbers *numbers, const ps_suppressed *fact, ps_hash hash, uint32_t *out, ps_error *err)
{
    bool added;
    // Room first: an index that names a place which is not there would be read later.
    ps_status status =
        ps_memory_grow((void **)&numbers->facts, &numbers->capacity, numbers->count + 1, sizeof *numbers->facts, err);

    if (status != PS_OK) return status;
    if (numbers->count > INT32_MAX) return ps_error_set(err, PS_RETRY, "There are too many different entries.");
    status = ps_index_claim(&numbers->index, hash, (uint32_t)numbers->count, out, &added, err);
    if (status == PS_OK && added) numbers->facts[numbers->count++] = *fact;
    return status;
}

static uint32_t *late_slot(ps_fact_numbers *numbers, const ps_suppressed *fact)
{
    uint32_t list = fact->source * PS_CLASS_COUNT + fact->strongest;

    return &numbers->late[((uint32_t)fact->date + list * LATE_STRIDE) % PS_FACTS_LATE];
}

// Lists by their address: one that stands elsewhere is another until it is hashed.
static bool same_fact(const ps_suppressed *a, const ps_suppressed *b)
{
    return a->sources == b->sources && a->classes == b->classes && a->source == b->source &&
           a->strongest == b->strongest && a->list == b->list && a->date == b->date && a->last_bounce == b->last_bounce;
}

ps_status ps_fact_find(ps_fact_numbers *numbers, const ps_suppressed *fact, uint32_t *out, ps_error *err)
{
    uint32_t *late = late_slot(numbers, fact);

    if (*late < numbers->count && same_fact(&numbers->facts[*late], fact)) {
        *out = *late;
        return PS_OK;
    }
    ps_status status = ps_fact_claim(numbers, fact, ps_fact_hash(numbers, fact), out, err);
    if (status == PS_OK) *late = *out;
    return status;
}
