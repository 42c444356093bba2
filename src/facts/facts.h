#ifndef PS_FACTS_FACTS_H
#define PS_FACTS_FACTS_H

// All that rows are judged against, sealed before the first row is judged.

#include "base/clock.h"
#include "facts/domains.h"
#include "facts/engagement.h"
#include "facts/listings.h"
#include "facts/policy.h"
#include "facts/repeated.h"
#include "facts/suppression.h"
#include "presend/address.h"

// The best evidence of every address that stands in the list (from the survey).
typedef struct ps_evidence {
    ps_index index; // match key -> number
    ps_signals *signals; // by number
    size_t count, capacity;
} ps_evidence;

enum { PS_IMPORT_DAYS_MAX = 4 }; // days that more than one in five rows have

struct ps_facts {
    const ps_job *job;
    const ps_address_rules *address_rules; // per job
    const ps_zone *zone;
    ps_policy policy;
    const ps_suppression *suppression; // NULL: `suppressions: none`
    const ps_domains *domains; // NULL: MX off
    const ps_listings *listings; // NULL: runs are not remembered
    const ps_evidence *evidence; // NULL: each row is judged alone
    const ps_repeated *repeated; // which rows have the address of another one; NULL: nobody has looked
    ps_coverage coverage;
    // The same under each policy that is counted beside the job's own: with a job, a policy and a coverage of its own.
    const ps_facts *alternatives;
    size_t alternatives_count;
    ps_day import_days[PS_IMPORT_DAYS_MAX]; // sign-ups of these days are those of an import, not of people
    size_t import_days_count;
};

ps_status ps_evidence_add(ps_evidence *evidence, ps_hash key, const ps_signals *signals, ps_error *err);
const ps_signals *ps_evidence_find(const ps_evidence *evidence, ps_hash key); // NULL if not there
void ps_evidence_done(ps_evidence *evidence); // a zeroed one is fine

#endif
