#include "stage/row.h"
#include "stage/stage.h"

static bool would_be_kept(const ps_facts *facts, ps_batch *batch, ps_span address)
{
    ps_address parsed;
    ps_reason reason;
    ps_findings findings = ps_address_parse(facts->address_rules, address, &batch->arena, &parsed);

    return ps_policy_decide(&facts->policy, findings, &reason) == PS_VERDICT_CLEAN;
}

// An address that the rules remove, but that a person can put right: removing it in silence would lose a customer. What
// a list, a column or DNS removes stays removed.
static bool can_be_put_right(const ps_facts *facts, ps_batch *batch, const ps_row *row, ps_findings findings)
{
    const ps_policy *policy = &facts->policy;

    if ((findings & policy->mask[PS_EFFECT_REMOVE] & ~policy->stage[PS_REASON_STAGE_SYNTAX]) != 0) return false;
    if (ps_findings_has(findings, PS_REASON_MULTIPLE_ADDRESSES)) return true;
    return row->address.suggestion.len != 0 && would_be_kept(facts, batch, row->address.suggestion);
}

static ps_verdict verdict_of(const ps_facts *facts, ps_batch *batch, const ps_row *row, ps_findings findings,
                             ps_reason *out_reason)
{
    ps_verdict verdict = ps_policy_decide(&facts->policy, findings, out_reason);

    if (verdict != PS_VERDICT_REMOVED) return verdict;
    return can_be_put_right(facts, batch, row, findings) ? PS_VERDICT_HELD : verdict;
}

static void decide_projections(const ps_facts *facts, ps_batch *batch, const ps_row *row)
{
    for (size_t i = 0; i < facts->alternatives_count; i++) {
        const ps_facts *alternative = &facts->alternatives[i];
        ps_projection *projection = ps_row_projection(facts, batch, row, i);
        ps_reason reason; // only the verdict is counted
        projection->verdict = verdict_of(alternative, batch, row, projection->findings, &reason);
    }
}

void ps_stage_decide(const ps_facts *facts, ps_batch *batch)
{
    const ps_findings sought = ~facts->policy.mask[PS_EFFECT_OFF]; // what the job does not look for is not found

    for (size_t i = 0; i < batch->row_count; i++) {
        ps_row *row = &batch->rows[i];
        row->findings &= sought;
        row->verdict = verdict_of(facts, batch, row, row->findings, &row->reason);
        decide_projections(facts, batch, row);
        if (row->verdict != PS_VERDICT_CLEAN) row->tier = 0;
    }
}
