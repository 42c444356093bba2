#ifndef PS_ESP_MERGE_H
#define PS_ESP_MERGE_H

// What of an ESP's lists counts in a job.

#include "facts/book.h"
#include "presend/run.h"

typedef enum ps_merge_verdict {
    PS_MERGE_COUNTS,
    PS_MERGE_ALLOWED, // an allowlist lifts nothing
    PS_MERGE_EXPIRED, // the ESP itself lets go of it
    PS_MERGE_OTHER_SCOPE, // an unsubscribe from other tags, groups or streams than this campaign's
    PS_MERGE_OTHER_BRAND // an unsubscribe of another brand, or about advertising
} ps_merge_verdict;

// What all entries have in common that are judged alike.
typedef struct ps_merge_kind {
    ps_class class;
    ps_span scope;
    ps_day expires; // PS_DAY_NONE: never
    bool allowlist;
} ps_merge_kind;

// Whether such entries count no more once the ESP lets go of them. Whoever complained, left or was blocked by hand
// never asked for mail since.
bool ps_merge_lapses(ps_class class);

// Whether an unsubscribe from this tag, group or stream (empty: from everything) is one from this campaign's.
bool ps_merge_in_scope(const ps_source_config *source, ps_span scope);

ps_merge_verdict ps_merge_judge(const ps_job *job, const ps_source_config *source, const ps_merge_kind *kind);

// Count entries of that verdict, which suppress nobody.
void ps_merge_count(ps_run_source *out, ps_merge_verdict verdict, uint64_t count);

#endif
