#ifndef PS_ENGINE_JUDGE_H
#define PS_ENGINE_JUDGE_H

// The judging pass: every row gets its verdict and is written, in input order.

#include "engine/engine.h"
#include "engine/lists.h"
#include "engine/pipeline.h"
#include "stage/claim.h"

typedef struct ps_judge {
    const ps_facts *facts;
    ps_evidence *lacking; // evidence that first rows are still to be added to; NULL: it is whole
    ps_set *set;
    ps_lists lists;
    ps_claims claims;
    ps_run *run; // receives the samples
    ps_listed *listed; // receives the digests of win-back rows; NULL: nobody remembers them
    unsigned sampled[PS_REASON_NUMBER_MAX];
    size_t samples_capacity;
} ps_judge;

// Create the four lists and write what stands before their first record.
ps_status ps_judge_open(const ps_inputs *inputs, ps_judge *judge, ps_error *err);

// The pass's carry function; `context` is the judge.
ps_status ps_judge_carry(void *context, ps_worker *worker, ps_order *order, ps_error *err);

// Sync and close the lists; run->outputs gets their names, rows, sizes and digests.
ps_status ps_judge_finish(ps_judge *judge, ps_error *err);
void ps_judge_done(ps_judge *judge);

#endif
