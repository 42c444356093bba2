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
static bool is_mendable(const ps_policy *policy, ps_findings findings)
{
    return (findings & policy->mask[PS_EFFECT_REMOVE] & ~policy->stage[PS_REASON_STAGE_SYNTAX]) == 0;
}

static bool can_be_put_right(const ps_facts *facts, ps_batch *batch, const ps_row *row, ps_findings findings)
{
    if (ps_findings_has(findings, PS_REASON_MULTIPLE_ADDRESSES)) return true;
    ps_span suggestion = ps_row_suggestion(row);
    return suggestion.len != 0 && would_be_kept(facts, batch, suggestion);
}

// What follows from a set of findings alone.
typedef struct known {
    ps_findings findings;
    ps_reason reason;
    ps_verdict verdict;
    bool mendable; // removed, and the address may be one that can be put right
} known;

static const known *known_of(const ps_policy *policy, ps_batch *batch, const ps_row *row, known table[PS_ROW_SLOTS])
{
    known *set = &table[ps_row_slot(row)];

    if (set->findings == row->findings) return set;
    *set = (known){.findings = row->findings};
    set->verdict = ps_policy_decide(policy, row->findings, &set->reason);
    set->mendable = set->verdict == PS_VERDICT_REMOVED && is_mendable(policy, row->findings);
    if (set->verdict != PS_VERDICT_CLEAN) batch->reasons |= (ps_findings)1 << set->reason;
    return set;
}

static ps_verdict verdict_of(const ps_facts *facts, ps_batch *batch, const ps_row *row, ps_findings findings)
{
    ps_reason reason; // only the verdict is counted
    ps_verdict verdict = ps_policy_decide(&facts->policy, findings, &reason);

    if (verdict != PS_VERDICT_REMOVED || !is_mendable(&facts->policy, findings)) return verdict;
    return can_be_put_right(facts, batch, row, findings) ? PS_VERDICT_HELD : verdict;
}

static void decide_projections(const ps_facts *facts, ps_batch *batch, const ps_row *row)
{
    for (size_t i = 0; i < facts->alternatives_count; i++) {
        const ps_facts *alternative = &facts->alternatives[i];
        ps_projection *projection = ps_row_projection(facts, batch, row, i);
        projection->verdict = verdict_of(alternative, batch, row, projection->findings);
    }
}

// By what is known of its findings: verdicts are as good as random, and working each out anew mispredicts twice.
static void decide_row(const ps_facts *facts, ps_batch *batch, ps_row *row, known table[PS_ROW_SLOTS])
{
    const known *set = known_of(&facts->policy, batch, row, table);
    bool mended = set->mendable && can_be_put_right(facts, batch, row, row->findings);

    row->verdict = set->verdict;
    if (mended) row->verdict = PS_VERDICT_HELD;
    row->reason = set->reason;
    if (row->verdict != PS_VERDICT_CLEAN) row->tier = 0;
}

void ps_stage_decide(const ps_facts *facts, ps_batch *batch)
{
    const ps_findings sought = ~facts->policy.mask[PS_EFFECT_OFF]; // what the job does not look for is not found
    known table[PS_ROW_SLOTS] = {[0] = {.reason = PS_REASON_OK}}; // the place of the empty set, which is clean

    batch->reasons = 0;
    for (size_t i = 0; i < batch->row_count; i++) {
        ps_row *row = &batch->rows[i];
        row->findings &= sought;
        decide_row(facts, batch, row, table);
        decide_projections(facts, batch, row);
    }
}
