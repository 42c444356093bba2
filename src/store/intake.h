#ifndef PS_STORE_INTAKE_H
#define PS_STORE_INTAKE_H

// A source that is being read: what reading its pages and making them its state share.

#include "store/entries.h"

// A list of it that was begun.
typedef struct ps_intake_list {
    ps_reading reading; // how far it is
    ps_hash sum; // of what waits of it in the state
    ps_buf arrived; // entries that are not written yet, packed
    bool pending; // pages are not written yet,
    uint64_t pending_ms; // since when; monotonic
    uint64_t begun_ms; // of this process; monotonic
} ps_intake_list;

struct ps_store_intake {
    ps_store *store;
    ps_intake_options options;
    ps_stored_source source;
    uint64_t pages, fetched; // of this call
    ps_intake_list lists[PS_STORED_LISTS_MAX];
    size_t list_count;
    bool writing; // a transaction is open
    bool broken; // what came was lost
};

// Write the pages that are not yet, and how far their lists are.
ps_status ps_intake_commit(ps_store_intake *intake, ps_error *err);

#endif
