#ifndef PS_STAGE_CLAIM_H
#define PS_STAGE_CLAIM_H

// One address goes out once: the first row that may carry its verdict claims the key, the rest are duplicates. Batches
// claim in order.

#include "facts/facts.h"
#include "table/batch.h"

typedef struct ps_claims {
    ps_index index; // match (or provider) key -> number
    struct ps_claim {
        uint64_t line;
        uint32_t file;
        uint32_t claimed; // by policy, as a bit: 0 the job's own, n the n-th that is only counted
    } * first; // by number
    size_t count, capacity;
} ps_claims;

// Rows that the address rules, a list, a column or DNS remove say so themselves and claim nothing; nor do rows held for
// their own damage.
ps_status ps_stage_claim(const ps_facts *facts, ps_claims *claims, ps_batch *batch, ps_error *err);
void ps_claims_done(ps_claims *claims); // a zeroed one is fine

#endif
