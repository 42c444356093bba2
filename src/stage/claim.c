#include "stage/claim.h"

#include "base/memory.h"
#include "stage/row.h"

// The policies under which the row may carry the verdict of its address, as bits. Policies differ only in whether a
// date that cannot be read could change something.
static uint32_t may_claim(const ps_facts *facts, const ps_batch *batch, const ps_row *row)
{
    if (!ps_row_has_key(row) || ps_row_damaged(row) || ps_row_settled(facts, row)) return 0;
    uint32_t bits = ps_findings_has(row->findings, PS_REASON_DATE) ? 0 : 1;
    for (size_t i = 0; i < facts->alternatives_count; i++) {
        bool held = ps_findings_has(ps_row_projection(facts, batch, row, i)->findings, PS_REASON_DATE);
        if (!held) bits |= 2U << i;
    }
    return bits;
}

static void claim_projections(const ps_facts *facts, const ps_batch *batch, const ps_row *row, uint32_t taken)
{
    for (size_t i = 0; i < facts->alternatives_count; i++) {
        if ((taken >> i & 2U) != 0) ps_row_projection(facts, batch, row, i)->findings |= PS_FIND(DUPLICATE);
    }
}

static ps_status claim_row(const ps_facts *facts, ps_claims *claims, const ps_batch *batch, ps_row *row, ps_error *err)
{
    uint32_t bits = may_claim(facts, batch, row);
    if (bits == 0) return PS_OK;
    ps_hash key = ps_row_identity(facts, row);
    uint32_t number;
    bool added;
    // Room first: an index that names a place which is not there would be read later.
    ps_status status =
        ps_memory_grow((void **)&claims->first, &claims->capacity, claims->count + 1, sizeof *claims->first, err);
    if (status != PS_OK) return status;
    status = ps_index_claim(&claims->index, key, (uint32_t)claims->count, &number, &added, err);
    if (status != PS_OK) return status;

    if (added) claims->first[claims->count++] = (struct ps_claim){.claimed = 0};
    struct ps_claim *first = &claims->first[number];
    uint32_t taken = first->claimed & bits, fresh = bits & ~taken;
    if ((fresh & 1) != 0) {
        first->line = row->line;
        first->file = batch->file;
    }
    if ((taken & 1) != 0) {
        row->findings |= PS_FIND(DUPLICATE);
        row->first_line = first->line;
        row->first_file = first->file;
    }
    first->claimed |= bits;
    claim_projections(facts, batch, row, taken);
    return PS_OK;
}

ps_status ps_stage_claim(const ps_facts *facts, ps_claims *claims, ps_batch *batch, ps_error *err)
{
    ps_status status = PS_OK;

    if (facts->job->dedupe == PS_DEDUPE_OFF) return PS_OK;
    for (size_t i = 0; i < batch->row_count && status == PS_OK; i++) {
        status = claim_row(facts, claims, batch, &batch->rows[i], err);
    }
    return status;
}

void ps_claims_done(ps_claims *claims)
{
    ps_index_done(&claims->index);
    ps_memory_free(claims->first);
    *claims = (ps_claims){.count = 0};
}
