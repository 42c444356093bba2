#ifndef PS_STORE_INTAKE_H
#define PS_STORE_INTAKE_H

// A source that is being read: what reading its pages and making them its state share.

#include "store/entries.h"

struct ps_store_intake {
    ps_store *store;
    ps_intake_options options;
    ps_stored_source source;
    ps_statement put; // an entry of a page
    uint64_t pages, fetched; // of this call
    int64_t list_ids[PS_STORED_LISTS_MAX]; // those that were begun
    bool full[PS_STORED_LISTS_MAX];
    int64_t started_s[PS_STORED_LISTS_MAX];
    size_t list_count;
};

// Commit the pages that are not yet, of all sources.
ps_status ps_intake_commit(ps_store *store, ps_error *err);

#endif
