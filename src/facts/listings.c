#include "facts/listings.h"

#include <string.h>

#include "base/memory.h"

enum { KIND = 1 }; // in the roster

ps_status ps_listings_expect(ps_listings *listings, uint64_t count, ps_error *err)
{
    ps_status status = listings->roster == NULL ? ps_roster_new(&listings->roster, err) : PS_OK;

    return status == PS_OK ? ps_roster_reserve(listings->roster, count, err) : status;
}

static ps_status number_of_days(ps_listings *listings, ps_listing listing, uint32_t *out, ps_error *err)
{
    const ps_hash days = ps_hash_of((ps_span){(const char *)&listing, sizeof listing});
    bool added;
    // Room first: an index that names a place which is not there would be read later.
    ps_status status = ps_memory_grow((void **)&listings->days, &listings->days_capacity, listings->days_count + 1,
                                      sizeof *listings->days, err);

    if (status == PS_OK)
        status = ps_index_claim(&listings->day_numbers, days, (uint32_t)listings->days_count, out, &added, err);
    if (status == PS_OK && added) listings->days[listings->days_count++] = listing;
    return status;
}

ps_status ps_listings_add(ps_listings *listings, ps_hash digest, ps_listing listing, ps_error *err)
{
    uint32_t number = 0, stands = 0;
    ps_status status = listings->roster == NULL ? ps_listings_expect(listings, 0, err) : PS_OK;

    if (status == PS_OK) status = number_of_days(listings, listing, &number, err);
    if (status == PS_OK)
        status = ps_roster_claim(listings->roster, (ps_roster_key){digest, KIND}, number, &stands, err);
    if (status != PS_OK) return status;
    listings->count++;
    return PS_OK;
}

void ps_listings_prefetch(const ps_listings *listings, const ps_hash *digests, size_t count)
{
    if (listings->roster != NULL) ps_roster_prefetch(listings->roster, digests, count);
}

const ps_listing *ps_listings_find(const ps_listings *listings, ps_hash digest)
{
    uint32_t number = 0;

    if (listings->roster == NULL) return NULL;
    bool found = ps_roster_find(listings->roster, (ps_roster_key){digest, KIND}, &number);
    return found ? &listings->days[number] : NULL;
}

void ps_listings_done(ps_listings *listings)
{
    ps_roster_free(listings->roster);
    ps_index_done(&listings->day_numbers);
    ps_memory_free(listings->days);
    memset(listings, 0, sizeof *listings);
}
