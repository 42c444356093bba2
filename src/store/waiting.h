#ifndef PS_STORE_WAITING_H
#define PS_STORE_WAITING_H

// What was read of a list waits in the state until its source is whole. It is written run by run, each in the order of
// its keys; read, the runs come as one, in that order and without repeats.

#include "store/entries.h"

enum { PS_WAITING_RUN_BYTES = 8 << 20 }; // entries that are put in order at once; in memory until then

// Put packed entries in order, in which they came, and write them as one more run of the list. `*sum`, order-free, is
// of all that waits.
ps_status ps_waiting_put(const ps_store *store, int64_t list, ps_span arrived, ps_hash *sum, ps_error *err);
ps_status ps_waiting_forget(const ps_store *store, int64_t list, ps_error *err);

typedef struct ps_waiting_run ps_waiting_run;

// All that waits of a list. An address may be on it for several reasons, in any order: the strongest class stays, then
// what lasts longest, then what is newest.
typedef struct ps_waiting {
    const ps_stored_entry *entry; // the one at hand; NULL after the last one
    ps_hash sum; // of what was read so far
    bool damaged; // then it has ended, too
    int64_t list;
    ps_statement chunk, drop;
    bool takes; // what was read waits no more
    ps_waiting_run *runs;
    size_t run_count;
    uint32_t *heap; // runs by the keys that they have come to; behind them those that have the key at hand
    size_t heap_count, at_hand;
} ps_waiting;

// Gives the first entry at once. With `takes` rows are deleted as they are read: their place is free for what is made
// of them.
ps_status ps_waiting_open(const ps_store *store, int64_t list, bool takes, ps_waiting *out, ps_error *err);
void ps_waiting_close(ps_waiting *waiting); // a zeroed one is fine
ps_status ps_waiting_next(ps_waiting *waiting, ps_error *err);

#endif
