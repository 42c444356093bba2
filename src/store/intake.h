#ifndef PS_STORE_INTAKE_H
#define PS_STORE_INTAKE_H

// A source that is being read: what reading its pages and making them its state share.

#include "store/entries.h"

struct ps_store_intake {
    ps_store *store;
    ps_intake_options options;
    ps_stored_source source;
    ps_statement add, put, find; // an entry of a page: that is new, that is there already, as it is
    ps_buf room; // of sums
    uint64_t pages, fetched; // of this call
    int64_t list_ids[PS_STORED_LISTS_MAX]; // those that were begun
    bool full[PS_STORED_LISTS_MAX];
    int64_t started_s[PS_STORED_LISTS_MAX];
    ps_hash sums[PS_STORED_LISTS_MAX]; // of the entries that wait
    bool waited[PS_STORED_LISTS_MAX]; // some of them since an earlier process
    size_t list_count;
};

// Commit the pages that are not yet, of all sources.
ps_status ps_intake_commit(ps_store *store, ps_error *err);

#endif
