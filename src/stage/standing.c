#include "stage/standing.h"

// What engagement finds, where it is applied; without any of it a row is active.
static const struct {
    ps_reason reason;
    ps_standing standing;
} standings[] = {
    {PS_REASON_WINBACK_EXPIRED, PS_STANDING_WINBACK_OUT},
    {PS_REASON_WINBACK_PENDING, PS_STANDING_WINBACK_OUT},
    {PS_REASON_DORMANT, PS_STANDING_GONE},
    {PS_REASON_NEVER_ENGAGED, PS_STANDING_GONE},
    {PS_REASON_NEVER_MAILED_OLD, PS_STANDING_GONE},
    {PS_REASON_WINBACK_DUE, PS_STANDING_DUE},
    {PS_REASON_COOLING, PS_STANDING_COOLING},
    {PS_REASON_ACTIVE_OPEN_ONLY, PS_STANDING_OPENS},
};

ps_standing_rules ps_standing_rules_of(const ps_facts *facts)
{
    const ps_policy *policy = &facts->policy;
    ps_findings stages = policy->stage[PS_REASON_STAGE_COLUMN] | policy->stage[PS_REASON_STAGE_CONSENT];
    ps_standing_rules rules = {.against = stages & (policy->mask[PS_EFFECT_REMOVE] | policy->mask[PS_EFFECT_HOLD])};

    for (size_t i = 0; facts->job->engagement.applied && i < PS_COUNT_OF(standings); i++)
        rules.engagement |= (ps_findings)1 << standings[i].reason;
    return rules;
}

ps_standing ps_standing_of(const ps_standing_rules *rules, const ps_row *row)
{
    if ((row->findings & rules->against) != 0) return PS_STANDING_AGAINST;
    if ((row->signals.flags & PS_FLAG_UNPROTECTED) == 0 && (row->signals.flags & PS_FLAG_PROTECTED) != 0)
        return PS_STANDING_PROTECTED;
    if ((row->findings & rules->engagement) == 0) return PS_STANDING_ACTIVE; // most rows
    for (size_t i = 0; i < PS_COUNT_OF(standings); i++) {
        if (ps_findings_has(row->findings, standings[i].reason)) return standings[i].standing;
    }
    return PS_STANDING_ACTIVE;
}

bool ps_standing_speaks_against(ps_standing first, ps_standing later, const ps_row *row)
{
    bool unprotects = first == PS_STANDING_PROTECTED && (row->signals.flags & PS_FLAG_UNPROTECTED) != 0;

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
