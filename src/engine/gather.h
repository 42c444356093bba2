#ifndef PS_ENGINE_GATHER_H
#define PS_ENGINE_GATHER_H

// What several rows of one address say, put together. Which row is the first of several is only known once the second
// comes, and then the first is gone. So what the others say is gathered by the survey, and what the first says as the
// rows are judged, before any of its address is: all of them come behind it. No pass is needed in between.

#include "base/order.h"
#include "facts/facts.h"
#include "table/batch.h"

// What all rows of the batch say, whose signals are read.
ps_status ps_gather_rows(ps_evidence *evidence, const ps_facts *facts, const ps_batch *batch, ps_error *err);

// Those that are the first of several, to what was gathered of the others; other rows are passed over. In its turn at
// PS_ORDER_EVIDENCE; false when a batch up to it has failed.
bool ps_gather_firsts(ps_evidence *evidence, const ps_facts *facts, ps_batch *batch, ps_order *order);

#endif
