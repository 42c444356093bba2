#include "facts/policy.h"

#include <assert.h>
#include <string.h>

static const ps_reason smtputf8[] = {PS_REASON_SMTPUTF8_REQUIRED};
static const ps_reason quoted[] = {PS_REASON_LOCAL_QUOTED};
static const ps_reason typo[] = {PS_REASON_TYPO_SUSPECTED};
static const ps_reason disposable[] = {PS_REASON_DISPOSABLE_DOMAIN};
static const ps_reason role[] = {PS_REASON_ROLE_ACCOUNT};
static const ps_reason role_system[] = {PS_REASON_ROLE_SYSTEM};
// With `not_checked`: who wants only what DNS vouches for does not get what a budget, a snapshot or --offline left out.
static const ps_reason unknown[] = {
    PS_REASON_NOT_CHECKED,      PS_REASON_SERVFAIL,          PS_REASON_TIMEOUT,
    PS_REASON_TIMEOUT_AUTH,     PS_REASON_REFUSED,           PS_REASON_RESOLVER_ERROR,
    PS_REASON_RESOLVER_DOWN,    PS_REASON_RESOLVER_FILTERED, PS_REASON_RESOLVER_LIES,
    PS_REASON_TCP_FAILED,       PS_REASON_BAD_ANSWER,        PS_REASON_ADDR_SERVFAIL,
    PS_REASON_ADDR_TIMEOUT,     PS_REASON_CNAME_LOOP,        PS_REASON_DNSSEC_BOGUS,
    PS_REASON_AUTH_UNREACHABLE, PS_REASON_SPLIT_HORIZON,     PS_REASON_NXDOMAIN_UNCONFIRMED,
};
static const ps_reason implicit[] = {PS_REASON_IMPLICIT_MX};
static const ps_reason parking[] = {PS_REASON_PARKING_MX};
static const ps_reason dangling[] = {PS_REASON_MX_DANGLING};

static const ps_reason consent[] = {PS_REASON_CONSENT};

static const ps_policy_key policy_keys[] = {
    {"address.smtputf8", smtputf8, PS_COUNT_OF(smtputf8)},
    {"address.quoted", quoted, PS_COUNT_OF(quoted)},
    {"address.typo", typo, PS_COUNT_OF(typo)},
    {"address.disposable", disposable, PS_COUNT_OF(disposable)},
    {"address.role", role, PS_COUNT_OF(role)},
    {"address.role_system", role_system, PS_COUNT_OF(role_system)},
    {"mx.unknown", unknown, PS_COUNT_OF(unknown)},
    {"mx.implicit", implicit, PS_COUNT_OF(implicit)},
    {"mx.parking", parking, PS_COUNT_OF(parking)},
    {"mx.dangling", dangling, PS_COUNT_OF(dangling)},
    {"consent", consent, PS_COUNT_OF(consent)},
};

const ps_policy_key *ps_policy_keys(size_t *out_count)
{
    *out_count = PS_COUNT_OF(policy_keys);
    return policy_keys;
}

// The job's effect of a reason. Engagement that the job does not apply is a note, so that nothing else needs to know.
static ps_effect effect_of(const ps_job *job, const ps_reason_info *info)
{
    if (info->stage == PS_REASON_STAGE_ENGAGE) {
        bool dormant = info->reason == PS_REASON_DORMANT || info->reason == PS_REASON_NEVER_ENGAGED;

        if (!job->engagement.applied) return PS_EFFECT_KEEP;
        if (dormant && job->engagement.dormant_held) return PS_EFFECT_HOLD;
    }
    return job->effect[info->reason];
}

// What a step would else put together row by row.
static void join_masks(ps_policy *policy)
{
    ps_findings settled_by = policy->stage[PS_REASON_STAGE_SYNTAX] | policy->stage[PS_REASON_STAGE_SUPPRESS] |
                             policy->stage[PS_REASON_STAGE_COLUMN] | policy->stage[PS_REASON_STAGE_DOMAIN];

    policy->deciding = policy->mask[PS_EFFECT_REMOVE] | policy->mask[PS_EFFECT_HOLD] | policy->mask[PS_EFFECT_WINBACK];
    policy->settling = settled_by & policy->mask[PS_EFFECT_REMOVE];
}

void ps_policy_init(ps_policy *out, const ps_job *job)
{
    size_t count;
    const ps_reason_info *table = ps_reason_table(&count);

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < count; i++) {
        if ((int)table[i].reason >= PS_FINDING_COUNT_MAX) continue; // no finding of a row
        ps_findings bit = (ps_findings)1 << table[i].reason;
        ps_effect effect = effect_of(job, &table[i]);

        assert(effect < PS_EFFECT_COUNT);
        out->mask[effect] |= bit;
        out->stage[table[i].stage] |= bit;
        out->rank[table[i].reason] = (uint8_t)out->order_count;
        out->order[out->order_count++] = table[i].reason;
    }
    join_masks(out);
}

// The next finding of a set that is not empty, which loses it.
static ps_reason take_one(ps_findings *findings)
{
    uint64_t low = (uint64_t)*findings, high = (uint64_t)(*findings >> 64);
    int number = low != 0 ? __builtin_ctzll(low) : 64 + __builtin_ctzll(high);

    *findings &= *findings - 1;
    return (ps_reason)number;
}

static ps_reason first_of(const ps_policy *policy, ps_findings findings)
{
    ps_findings left = findings;
    uint8_t first = policy->rank[take_one(&left)];

    while (left != 0) {
        uint8_t rank = policy->rank[take_one(&left)];
        if (rank < first) first = rank;
    }
    return policy->order[first];
}

size_t ps_policy_sort(const ps_policy *policy, ps_findings findings, ps_reason out[PS_FINDING_COUNT_MAX])
{
    size_t count = 0;

    for (ps_findings left = findings; left != 0; count++) {
        ps_reason reason = take_one(&left);
        size_t at = count; // a row has a handful
        for (; at > 0 && policy->rank[out[at - 1]] > policy->rank[reason]; at--)
            out[at] = out[at - 1];
        out[at] = reason;
    }
    return count;
}

ps_verdict ps_policy_decide_by(const ps_policy *policy, ps_findings findings, ps_reason *out_reason)
{
    static const struct {
        ps_effect effect;
        ps_verdict verdict;
    } strongest_first[] = {
        {PS_EFFECT_REMOVE, PS_VERDICT_REMOVED},
        {PS_EFFECT_HOLD, PS_VERDICT_HELD},
        {PS_EFFECT_WINBACK, PS_VERDICT_WINBACK},
    };

    for (size_t i = 0; i < PS_COUNT_OF(strongest_first); i++) {
        ps_findings hits = findings & policy->mask[strongest_first[i].effect];
        if (hits == 0) continue;
        *out_reason = first_of(policy, hits);
        return strongest_first[i].verdict;
    }
    assert(false); // the caller has looked
    *out_reason = PS_REASON_OK;
    return PS_VERDICT_CLEAN;
}
