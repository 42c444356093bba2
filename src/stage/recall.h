#ifndef PS_STAGE_RECALL_H
#define PS_STAGE_RECALL_H

// What earlier runs knew of an address, and what later ones must know. Both need digests, which take memory, so these
// two steps can fail.

#include "facts/facts.h"
#include "table/batch.h"

// row->judged of everybody who was listed for win-back also says so. After evidence, before engage.
ps_status ps_stage_recall(const ps_facts *facts, ps_batch *batch, ps_error *err);

// The digests of the rows that go to the win-back list, in their order, in the batch's arena. After plan. None
// without a state.
ps_status ps_stage_listed(const ps_facts *facts, ps_batch *batch, ps_hash **out, size_t *out_count, ps_error *err);

#endif
