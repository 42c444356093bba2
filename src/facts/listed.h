#ifndef PS_FACTS_LISTED_H
#define PS_FACTS_LISTED_H

// Digests of the addresses that a run lists for win-back. A list of 50 million may put 8 million of them there: more
// than anything else but the table of who was seen. So all but the latest stand in a file, in runs.

#include <stdbool.h>

#include "base/hash.h"

enum { PS_LISTED_BITS = 11, PS_LISTED_BUCKETS = 1 << PS_LISTED_BITS }; // by the first bits of a digest

typedef struct ps_listed {
    const char *folder; // where that file is made, without a name; NULL: all stay in memory
    ps_hash *items; // those that no run has yet, in the order in which they came
    size_t count, capacity;
    int fd; // of the file, once there are runs
    uint64_t aside; // digests in it
    struct ps_listed_run {
        uint64_t from; // in digests
        uint32_t ends[PS_LISTED_BUCKETS]; // of its buckets, counted from there
    } * runs;
    size_t runs_count, runs_capacity;
} ps_listed;

// PS_CREATE, PS_IO: the file.
ps_status ps_listed_add(ps_listed *listed, const ps_hash *digests, size_t count, ps_error *err);
uint64_t ps_listed_count(const ps_listed *listed); // one that was added twice counts twice
void ps_listed_done(ps_listed *listed); // a zeroed one is fine

// A walk through all of them in the order of ps_hash_compare(); one that was added twice comes twice.
typedef struct ps_listed_walk ps_listed_walk;

// Nothing may be added to `listed` while the walk is open.
ps_status ps_listed_walk_open(ps_listed *listed, ps_listed_walk **out, ps_error *err);
// The next of them, as many as came together; 0 at the end. They stay until the next call.
ps_status ps_listed_walk_next(ps_listed_walk *walk, const ps_hash **out, size_t *out_count, ps_error *err);
void ps_listed_walk_close(ps_listed_walk *walk); // NULL is fine

#endif
