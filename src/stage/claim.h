#ifndef PS_STAGE_CLAIM_H
#define PS_STAGE_CLAIM_H

// One address goes out once: the first row that may carry its verdict claims the key, the rest are duplicates. Claims
// stand in a roster, each with the line of the first; some parts of it at a time, a group, are claimed in batch order,
// so that groups can be claimed at the same time. How many there are changes nothing of what is claimed. Rows that are
// removed for what they say themselves are no duplicates, but claim apart which of them is the first: guards count
// people.

#include "base/limits.h"
#include "base/roster.h"
#include "facts/facts.h"
#include "table/batch.h"

typedef struct ps_claims {
    ps_roster *roster; // of the suppression set, or `own`
    ps_roster *own;
    uint32_t run; // that shares the roster: a set may serve several
    unsigned groups; // a power of two
    uint64_t bytes_total; // of all records that will come; 0: not known
    uint64_t lines_before[PS_RECIPIENT_FILES_MAX]; // by file: lines of the files before it
    uint64_t lines_end; // of the rows so far
    uint32_t file; // of the latest row
    struct ps_claims_part {
        uint64_t partial; // claims under some policies only
        uint64_t outdone; // `evidence: first`: rows that say more of their address than the first did
        uint64_t against; // and of them, those that say against it
    } parts[PS_ROSTER_PARTS];
} ps_claims;

// Up to `readers` threads will carry batches. `bytes_total` as above.
ps_status ps_claims_open(ps_claims *claims, const ps_facts *facts, unsigned readers, uint64_t bytes_total,
                         ps_error *err);
void ps_claims_done(ps_claims *claims); // a zeroed one is fine

// How a worker waits for its turn in a group, and passes it on.
typedef struct ps_claims_turn {
    bool (*enter)(void *context, unsigned group, uint64_t batch); // false: the run has ended
    void (*leave)(void *context, unsigned group);
    void *context;
    bool ended; // filled in: some turn did not come
} ps_claims_turn;

// What the lists say of the rows of a batch, and what they claim; group by group, in the order of the batches. `turn`
// is NULL where one thread carries all of them. PS_INPUT: more lines than can be told apart; PS_RETRY.
ps_status ps_stage_claim(const ps_facts *facts, ps_claims *claims, ps_batch *batch, ps_claims_turn *turn,
                         ps_error *err);

// `evidence: first`: rows that say more of their address than its first row, and of them those that say against it.
uint64_t ps_claims_outdone(const ps_claims *claims, uint64_t *out_against);

#endif
