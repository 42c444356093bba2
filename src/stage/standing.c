#include "stage/standing.h"

// What engagement says of a row, in steps below ACTIVE. Of the rest it says nothing that stands in the way.
#define BELOW(standing) (PS_STANDING_ACTIVE - PS_STANDING_##standing)
static const uint8_t below_active[PS_ENGAGED_COUNT] = {
    [PS_DECISION_is_winback_expired] = BELOW(WINBACK_OUT),
    [PS_DECISION_is_mail_open] = BELOW(WINBACK_OUT),
    [PS_DECISION_is_listed] = BELOW(WINBACK_OUT),
    [PS_DECISION_is_dormant] = BELOW(GONE),
    [PS_DECISION_is_never_engaged] = BELOW(GONE),
    [PS_DECISION_is_untested_for_long] = BELOW(GONE),
    [PS_DECISION_is_winback_due] = BELOW(DUE),
    [PS_DECISION_may_be_reading] = BELOW(DUE),
    [PS_DECISION_was_hardly_mailed] = BELOW(DUE),
    [PS_DECISION_is_cooling] = BELOW(COOLING),
    [PS_DECISION_is_active_weak] = BELOW(OPENS),
};
#undef BELOW

// Where the job does not apply it.
static const uint8_t never_below[PS_ENGAGED_COUNT];

ps_standing_rules ps_standing_rules_of(const ps_facts *facts)
{
    const ps_policy *policy = &facts->policy;
    ps_findings stages = policy->stage[PS_REASON_STAGE_COLUMN] | policy->stage[PS_REASON_STAGE_CONSENT];

    return (ps_standing_rules){
        .against = stages & (policy->mask[PS_EFFECT_REMOVE] | policy->mask[PS_EFFECT_HOLD]),
        .below_active = facts->job->engagement.applied ? below_active : never_below,
    };
}

bool ps_standing_speaks_against(ps_standing first, ps_standing later, bool unprotected)
{
    bool unprotects = first == PS_STANDING_PROTECTED && unprotected;

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
