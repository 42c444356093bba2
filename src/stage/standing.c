#include "stage/standing.h"

// What engagement finds of a row, where it is applied, says how it stands, in steps below ACTIVE; it finds one thing.
#define BELOW(standing) (PS_STANDING_ACTIVE - PS_STANDING_##standing)
static const uint8_t below_active[PS_FINDING_COUNT_MAX] = {
    [PS_REASON_WINBACK_EXPIRED] = BELOW(WINBACK_OUT),
    [PS_REASON_WINBACK_PENDING] = BELOW(WINBACK_OUT),
    [PS_REASON_DORMANT] = BELOW(GONE),
    [PS_REASON_NEVER_ENGAGED] = BELOW(GONE),
    [PS_REASON_NEVER_MAILED_OLD] = BELOW(GONE),
    [PS_REASON_WINBACK_DUE] = BELOW(DUE),
    [PS_REASON_COOLING] = BELOW(COOLING),
    [PS_REASON_ACTIVE_OPEN_ONLY] = BELOW(OPENS),
};
#undef BELOW

// A bit of the upper half, behind all that engagement finds.
#define NOTHING (UINT64_C(1) << 63)

ps_standing_rules ps_standing_rules_of(const ps_facts *facts)
{
    const ps_policy *policy = &facts->policy;
    ps_findings stages = policy->stage[PS_REASON_STAGE_COLUMN] | policy->stage[PS_REASON_STAGE_CONSENT];

    return (ps_standing_rules){
        .against = stages & (policy->mask[PS_EFFECT_REMOVE] | policy->mask[PS_EFFECT_HOLD]),
        .engagement = facts->job->engagement.applied ? policy->stage[PS_REASON_STAGE_ENGAGE] : 0,
    };
}

// What it finds is as good as random, so nothing here branches.
ps_standing ps_standing_of(const ps_standing_rules *rules, const ps_row *row)
{
    ps_findings found = row->findings & rules->engagement;
    uint64_t low = (uint64_t)found, high = (uint64_t)(found >> 64) | NOTHING;
    unsigned number = low != 0 ? (unsigned)__builtin_ctzll(low) : 64 + (unsigned)__builtin_ctzll(high);
    unsigned standing = PS_STANDING_ACTIVE - below_active[number];

    standing = row->is_protected && !row->is_unprotected ? PS_STANDING_PROTECTED : standing;
    return (row->findings & rules->against) != 0 ? PS_STANDING_AGAINST : (ps_standing)standing;
}

bool ps_standing_speaks_against(ps_standing first, ps_standing later, const ps_row *row)
{
    bool unprotects = first == PS_STANDING_PROTECTED && row->is_unprotected;

    return first != PS_STANDING_AGAINST && (later == PS_STANDING_AGAINST || unprotects);
}

bool ps_standing_outdoes(ps_standing first, ps_standing later)
{
    if (first == PS_STANDING_AGAINST) return false; // nothing outweighs that
    if (later == PS_STANDING_WINBACK_OUT) return first != PS_STANDING_WINBACK_OUT && first != PS_STANDING_PROTECTED;
    return later > first;
}

bool ps_row_opted_out(const ps_facts *facts, const ps_row *row)
{
    const ps_policy *policy = &facts->policy;
    ps_findings others = policy->stage[PS_REASON_STAGE_SYNTAX] | policy->stage[PS_REASON_STAGE_SUPPRESS] |
                         policy->stage[PS_REASON_STAGE_DOMAIN];
    ps_findings removing = row->findings & policy->mask[PS_EFFECT_REMOVE];

    return (removing & others) == 0 && (removing & policy->stage[PS_REASON_STAGE_COLUMN]) != 0;
}
