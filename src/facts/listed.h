#ifndef PS_FACTS_LISTED_H
#define PS_FACTS_LISTED_H

// Digests of the addresses that a run lists for win-back. A list of 50 million may put 8 million of them there: more
// than anything else but the table of who was seen. So all but the latest stand in a file, in runs that are in order.

#include <stdbool.h>

#include "base/hash.h"

typedef struct ps_listed {
    const char *folder; // where that file is made, without a name; NULL: all stay in memory
    ps_hash *items; // those that no run has yet, in the order in which they came
    size_t count, capacity;
    int fd; // of the file, once there are runs
    struct ps_listed_run {
        uint64_t from, count; // in digests
    } * runs;
    size_t runs_count, runs_capacity;
} ps_listed;

// PS_CREATE, PS_IO: the file.
ps_status ps_listed_add(ps_listed *listed, const ps_hash *digests, size_t count, ps_error *err);
void ps_listed_done(ps_listed *listed); // a zeroed one is fine

// All of them in the order of ps_hash_compare(); one that was added twice comes twice.
typedef struct ps_listed_walk {
    const ps_listed *of;
    struct ps_listed_source *sources; // that have more; a heap, so that the first has the least digest
    size_t sources_count;
    ps_hash *pages; // what was read of each
} ps_listed_walk;

// Puts `listed` in order, and nothing may be added to it while the walk is open. `out` can be closed in any case.
ps_status ps_listed_walk_open(ps_listed *listed, ps_listed_walk *out, ps_error *err);
ps_status ps_listed_walk_next(ps_listed_walk *walk, ps_hash *out, bool *out_more, ps_error *err);
void ps_listed_walk_close(ps_listed_walk *walk); // a zeroed one is fine

#endif
