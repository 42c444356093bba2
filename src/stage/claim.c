#include "stage/claim.h"

#include "base/memory.h"
#include "stage/row.h"

static bool may_claim(const ps_facts *facts, const ps_row *row)
{
    bool held_for_itself = ps_row_damaged(row) || ps_findings_has(row->findings, PS_REASON_DATE);

    return ps_row_has_key(row) && !held_for_itself && !ps_row_settled(facts, row);
}

static ps_status claim_row(const ps_facts *facts, ps_claims *claims, const ps_batch *batch, ps_row *row, ps_error *err)
{
    ps_hash key = ps_row_identity(facts, row);
    uint32_t number;
    bool added;
    // Room first: an index that names a place which is not there would be read later.
    ps_status status =
        ps_memory_grow((void **)&claims->first, &claims->capacity, claims->count + 1, sizeof *claims->first, err);
    if (status != PS_OK) return status;
    status = ps_index_claim(&claims->index, key, (uint32_t)claims->count, &number, &added, err);
    if (status != PS_OK) return status;

    if (added) {
        claims->first[claims->count++] = (struct ps_claim){.line = row->line, .file = batch->file};
        return PS_OK;
    }
    row->findings |= PS_FIND(DUPLICATE);
    row->first_line = claims->first[number].line;
    row->first_file = claims->first[number].file;
    return PS_OK;
}

ps_status ps_stage_claim(const ps_facts *facts, ps_claims *claims, ps_batch *batch, ps_error *err)
{
    ps_status status = PS_OK;

    if (facts->job->dedupe == PS_DEDUPE_OFF) return PS_OK;
    for (size_t i = 0; i < batch->row_count && status == PS_OK; i++) {
        ps_row *row = &batch->rows[i];
        if (may_claim(facts, row)) status = claim_row(facts, claims, batch, row, err);
    }
    return status;
}

void ps_claims_done(ps_claims *claims)
{
    ps_index_done(&claims->index);
    ps_memory_free(claims->first);
    *claims = (ps_claims){.count = 0};
}
