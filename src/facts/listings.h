#ifndef PS_FACTS_LISTINGS_H
#define PS_FACTS_LISTINGS_H

// Who was listed for win-back by earlier runs, by keyed digest of the address: filled from the state before the run,
// then only read.

#include "base/roster.h"
#include "presend/job.h"

enum { PS_LISTING_KEY_BYTES = 32 };

typedef struct ps_listing {
    ps_day listed_at; // PS_DAY_NONE: not to be counted
    ps_day sent_at; // the day that the win-back mail went out, where that was told; else PS_DAY_NONE
} ps_listing;

typedef struct ps_listings {
    unsigned char key[PS_LISTING_KEY_BYTES]; // of the digests
    ps_roster *roster; // digest -> number of its days; NULL: there is none yet
    ps_index day_numbers; // by the days
    ps_listing *days; // by number; many people have the same
    size_t days_count, days_capacity;
    size_t count; // digests
} ps_listings;

// So many will come.
ps_status ps_listings_expect(ps_listings *listings, uint64_t count, ps_error *err);

// A digest stands once. Quickest in the order of ps_hash.high.
ps_status ps_listings_add(ps_listings *listings, ps_hash digest, ps_listing listing, ps_error *err);
// Asks for what finding up to PS_ROSTER_BLOCK of them will touch.
void ps_listings_prefetch(const ps_listings *listings, const ps_hash *digests, size_t count);
const ps_listing *ps_listings_find(const ps_listings *listings, ps_hash digest); // NULL if not there
void ps_listings_done(ps_listings *listings); // a zeroed one is fine

#endif
