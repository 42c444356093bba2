#ifndef PS_STAGE_CLAIM_H
#define PS_STAGE_CLAIM_H

// One address goes out once: the first row that may carry its verdict claims the key, the rest are duplicates. Claims
// stand in a roster, each with the line of the first; each part of the roster is claimed in batch order, so that parts
// can be claimed at the same time. Rows that are removed for what they say themselves are no duplicates, but claim
// apart which of them is the first: guards count people.

#include "base/limits.h"
#include "base/roster.h"
#include "facts/facts.h"
#include "table/batch.h"

typedef struct ps_claims {
    ps_roster *roster; // of the suppression set, or `own`
    ps_roster *own;
    uint32_t run; // that shares the roster: a set may serve several
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

// A row that claims, and how; all that is asked of the row stands here: part by part, each would be fetched anew.
typedef struct ps_claimant {
    ps_row *row;
    uint32_t line; // in its file
    uint16_t policies; // under which it may go out, as bits: 0 the job's own, n the n-th that is only counted
    uint8_t standing; // `evidence: first`: what the row says of its address
    bool settled; // it is removed for what it says itself, and is no duplicate
} ps_claimant;

// Claimants of a batch, by part of the roster, in the order of their rows.
typedef struct ps_claim_queue {
    ps_hash *hashes; // of who they are, for this run
    ps_claimant *items; // both in the batch's arena
    uint32_t from[PS_ROSTER_PARTS + 1]; // by part
} ps_claim_queue;

// A row that is removed for what it says itself and yet may be the first of its address stands in both.
typedef struct ps_claim_list {
    ps_claim_queue going; // those that may go out
    ps_claim_queue settled;
} ps_claim_list;

// Rows without an address, and those held for their own damage, claim nothing; nor do those that are known to be the
// only ones of their address.
void ps_claim_list_make(const ps_facts *facts, const ps_claims *claims, ps_batch *batch, ps_claim_list *out);

// What one batch claims in one part, in the order of the batches; part 0 comes first. PS_INPUT: more lines than can be
// told apart; PS_RETRY.
ps_status ps_stage_claim_part(const ps_facts *facts, ps_claims *claims, const ps_batch *batch,
                              const ps_claim_list *list, unsigned part, ps_error *err);

// All parts, for one thread.
ps_status ps_stage_claim(const ps_facts *facts, ps_claims *claims, ps_batch *batch, ps_error *err);

// `evidence: first`: rows that say more of their address than its first row, and of them those that say against it.
uint64_t ps_claims_outdone(const ps_claims *claims, uint64_t *out_against);

#endif
