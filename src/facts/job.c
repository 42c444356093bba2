#include "presend/job.h"

#include <string.h>

#include "facts/engagement.h"

static void init_effects(ps_job *job)
{
    size_t count;
    const ps_reason_info *table = ps_reason_table(&count);

    for (size_t i = 0; i < count; i++)
        job->effect[table[i].reason] = table[i].effect;
}

static void init_engagement(ps_engagement *engagement)
{
    // The first profile is the default; without the job's `engagement` key it is reported only.
    (void)ps_engagement_profile(ps_engagement_profiles(&(size_t){0})[0], engagement); // its own name: always found
    for (size_t i = 0; i < PS_COLUMN_COUNT; i++)
        engagement->observed_since[i] = PS_DAY_NONE;
}

void ps_job_init(ps_job *job)
{
    memset(job, 0, sizeof *job);
    job->as_of = PS_DAY_NONE;
    job->timezone = "UTC"; // never the machine's
    job->dedupe = PS_DEDUPE_EXACT;
    job->alias = PS_ALIAS_AUTO;
    job->mx_mode = PS_MX_LIVE;
    job->mx_rate = PS_MX_RATE_AUTO;
    job->mx_cache = 7;
    job->guards =
        (ps_guards){.removed_share = 0.5, .engagement_share = 0.3, .dead_rows = 0.05, .shrink = 0.05, .min_rows = 1000};
    job->retain = 400;
    init_effects(job);
    init_engagement(&job->engagement);
}
