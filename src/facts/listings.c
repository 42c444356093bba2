#include "facts/listings.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

ps_status ps_listings_add(ps_listings *listings, ps_hash digest, ps_listing listing, ps_error *err)
{
    uint32_t number;
    bool added;
    // Room first: an index that names a place which is not there would be read later.
    ps_status status = ps_memory_grow((void **)&listings->items, &listings->capacity, listings->count + 1,
                                      sizeof *listings->items, err);
    if (status != PS_OK) return status;
    status = ps_index_claim(&listings->index, digest, (uint32_t)listings->count, &number, &added, err);
    if (status != PS_OK) return status;
    assert(added);
    listings->items[listings->count++] = listing;
    return PS_OK;
}

const ps_listing *ps_listings_find(const ps_listings *listings, ps_hash digest)
{
    uint32_t number = ps_index_find(&listings->index, digest);

    return number == PS_INDEX_NONE ? NULL : &listings->items[number];
}

void ps_listings_done(ps_listings *listings)
{
    ps_index_done(&listings->index);
    ps_memory_free(listings->items);
    memset(listings, 0, sizeof *listings);
}

ps_status ps_listed_add(ps_listed *listed, const ps_hash *digests, size_t count, ps_error *err)
{
    ps_status status =
        ps_memory_grow((void **)&listed->items, &listed->capacity, listed->count + count, sizeof *listed->items, err);

    if (status != PS_OK || count == 0) return status;
    memcpy(listed->items + listed->count, digests, count * sizeof *digests);
    listed->count += count;
    return PS_OK;
}

void ps_listed_done(ps_listed *listed)
{
    ps_memory_free(listed->items);
    *listed = (ps_listed){.count = 0};
}
