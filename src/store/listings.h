#ifndef PS_STORE_LISTINGS_H
#define PS_STORE_LISTINGS_H

// The tables of who was listed for win-back. They hold millions of people who change together, so the people lie in
// pages, in the order of their digests: a row of its own for everybody took SQLite 8 us, at the end of every run.

#include "store/database.h"

typedef struct ps_stored_listing {
    ps_hash key;
    uint32_t job; // its id
    ps_day listed_at, sent_at;
} ps_stored_listing;

// What came of a run, for all whom it listed.
typedef struct ps_listing_change {
    int64_t run, job; // ids
    ps_day listed_at;
    ps_day sent_at; // the day that its list was mailed; PS_DAY_NONE: the run is settled
    ps_day oldest; // listings from before that day go
} ps_listing_change;

// The people of a run, each of them once. Puts `listed` in order. Within the run's transaction.
ps_status ps_listings_put_run(const ps_store *store, int64_t run, ps_listed *listed, ps_error *err);

// The change of a run that is settled or not; what is to be known of it further is never and nothing.
ps_status ps_listings_of_run(const ps_store *store, const char *run_id, bool settled, ps_listing_change *out,
                             bool *out_found, ps_error *err);

// Within a transaction.
ps_status ps_listings_change(const ps_store *store, const ps_listing_change *change, ps_error *err);

// All listings, in order. `expect` is told before the first one how many there may be.
typedef struct ps_listings_visit {
    ps_status (*expect)(void *context, uint64_t count, ps_error *err);
    ps_status (*take)(void *context, const ps_stored_listing *listing, ps_error *err);
    void *context;
} ps_listings_visit;
ps_status ps_listings_each(const ps_store *store, const ps_listings_visit *visit, ps_error *err);

// From one row a person, as states were until 2026-11, to pages. A step of ps_store_migrate().
ps_status ps_listings_pack(const ps_store *store, ps_error *err);

#endif
