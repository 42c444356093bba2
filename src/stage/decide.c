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
static bool can_be_put_right(const ps_facts *facts, ps_batch *batch, const ps_row *row)
{
    const ps_policy *policy = &facts->policy;
    ps_findings removing = row->findings & policy->mask[PS_EFFECT_REMOVE];

    if (removing == 0 || (removing & ~policy->stage[PS_REASON_STAGE_SYNTAX]) != 0) return false;
    if (ps_findings_has(row->findings, PS_REASON_MULTIPLE_ADDRESSES)) return true;
    return row->address.suggestion.len != 0 && would_be_kept(facts, batch, row->address.suggestion);
}

void ps_stage_decide(const ps_facts *facts, ps_batch *batch)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        ps_row *row = &batch->rows[i];
        row->findings &= ~facts->policy.mask[PS_EFFECT_OFF]; // what the job does not look for is not found
        row->verdict = ps_policy_decide(&facts->policy, row->findings, &row->reason);
        if (can_be_put_right(facts, batch, row)) row->verdict = PS_VERDICT_HELD;
        if (row->verdict != PS_VERDICT_CLEAN) row->tier = 0;
    }
}
