#include "base/memory.h"
#include "facts/facts.h"

ps_status ps_evidence_add(ps_evidence *evidence, ps_hash key, const ps_signals *signals, ps_error *err)
{
    uint32_t number;
    bool added;
    // Room first: an index that names a place which is not there would be read later.
    ps_status status = ps_memory_grow((void **)&evidence->signals, &evidence->capacity, evidence->count + 1,
                                      sizeof *evidence->signals, err);
    if (status != PS_OK) return status;
    status = ps_index_claim(&evidence->index, key, (uint32_t)evidence->count, &number, &added, err);
    if (status != PS_OK) return status;

    if (added) ps_signals_init(&evidence->signals[evidence->count++]);
    ps_signals_merge(&evidence->signals[number], signals);
    return PS_OK;
}

const ps_signals *ps_evidence_find(const ps_evidence *evidence, ps_hash key)
{
    uint32_t number = ps_index_find(&evidence->index, key);

    return number == PS_INDEX_NONE ? NULL : &evidence->signals[number];
}

void ps_evidence_done(ps_evidence *evidence)
{
    ps_index_done(&evidence->index);
    ps_memory_free(evidence->signals);
    *evidence = (ps_evidence){.count = 0};
}
