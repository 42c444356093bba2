#ifndef PS_FACTS_POLICY_H
#define PS_FACTS_POLICY_H

// What findings do: the defaults of reason.def, changed by the job file, made into masks once so that deciding a row is
// a few ANDs.

#include "presend/job.h"
#include "presend/reason.h"

typedef struct ps_policy {
    ps_findings mask[PS_EFFECT_COUNT]; // the findings that have this effect in this job
    ps_findings stage[PS_REASON_STAGE_COUNT]; // the findings of this stage
    ps_findings deciding; // all but notes: they remove, hold, or send to the win-back list
    ps_findings settling; // the address rules, a list, a column or DNS remove the row, whatever else is true of it
    ps_reason order[PS_FINDING_COUNT_MAX]; // findings by precedence, strongest claim first
    size_t order_count;
    uint8_t rank[PS_FINDING_COUNT_MAX]; // of a finding, its place in `order`
} ps_policy;

void ps_policy_init(ps_policy *out, const ps_job *job);

// Findings that are not all notes.
ps_verdict ps_policy_decide_by(const ps_policy *policy, ps_findings findings, ps_reason *out_reason);

// The strongest effect among `findings` as a verdict, and the first finding of that effect in the order of precedence
// (PS_REASON_OK for a clean row, whatever notes it carries).
static inline ps_verdict ps_policy_decide(const ps_policy *policy, ps_findings findings, ps_reason *out_reason)
{
    if ((findings & policy->deciding) != 0) return ps_policy_decide_by(policy, findings, out_reason);
    *out_reason = PS_REASON_OK;
    return PS_VERDICT_CLEAN;
}

// The findings of the set by precedence; gives their number.
size_t ps_policy_sort(const ps_policy *policy, ps_findings findings, ps_reason out[PS_FINDING_COUNT_MAX]);

// The policy keys of the job file: `address.smtputf8` and so on. One row a key.
typedef struct ps_policy_key {
    const char *path; // in the job file, such as "address.typo"
    const ps_reason *reasons; // whose effect it sets
    size_t reason_count;
} ps_policy_key;
const ps_policy_key *ps_policy_keys(size_t *out_count);

#endif
