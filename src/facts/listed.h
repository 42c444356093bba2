#ifndef PS_FACTS_LISTED_H
#define PS_FACTS_LISTED_H

// Digests of the addresses that a run lists for win-back. A list of 50 million may put 8 million of them there: more
// than anything else but the table of who was seen. So all but the latest stand in a file, in runs.

#include <stdbool.h>

#include "base/hash.h"
#include "presend/job.h"

enum { PS_LISTED_BITS = 11, PS_LISTED_BUCKETS = 1 << PS_LISTED_BITS }; // by the first bits of a digest

// Does so many steps by the threads of the job, begun in their order; back when the last one is done.
typedef void ps_listed_hands(const ps_job *job, size_t count, void (*step)(void *context, size_t number),
                             void *context);

typedef struct ps_listed {
    ps_listed_hands *each; // who puts them in order beside the one who takes them; NULL: they are that one
    const ps_job *job; // whose hands they are
    const char *folder; // where that file is made, without a name; NULL: all stay in memory
    ps_hash *items; // those that no run has yet, in the order in which they came
    size_t count, capacity;
    int fd; // of the file, once there are runs
    uint64_t aside; // digests in it
    struct ps_listed_run {
        uint64_t from; // in digests
        uint16_t ends[PS_LISTED_BUCKETS]; // of its buckets, counted from there
    } * runs;
    size_t runs_count, runs_capacity;
    ps_hash *run; // the one that is made
    size_t run_capacity;
} ps_listed;

// PS_CREATE, PS_IO: the file.
ps_status ps_listed_add(ps_listed *listed, const ps_hash *digests, size_t count, ps_error *err);
uint64_t ps_listed_count(const ps_listed *listed); // one that was added twice counts twice
void ps_listed_done(ps_listed *listed); // a zeroed one is fine

// They come in the order of ps_hash_compare(), many at a time, and stay until the next do; one that was added twice
// comes twice. All calls are one after the other, but they may come from any of the hands.
typedef ps_status ps_listed_take(void *context, const ps_hash *digests, size_t count, ps_error *err);

// All of them, until `take` fails.
ps_status ps_listed_each(ps_listed *listed, ps_listed_take *take, void *context, ps_error *err);

#endif
