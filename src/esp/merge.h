#ifndef PS_ESP_MERGE_H
#define PS_ESP_MERGE_H

// What of an ESP's lists counts in a job, into the set that rows are compared with.

#include "esp/expand.h"

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

ps_merge_verdict ps_merge_judge(const ps_job *job, const ps_source_config *source, const ps_merge_kind *kind);

// The entries of one source on their way into the set.
typedef struct ps_merge {
    const ps_job *job;
    uint32_t source; // index in the job
    ps_suppression *set;
    ps_run_source *out; // its counts
    ps_expander expander;
    const ps_stored_list *list; // of the entry at hand; its name must outlive the set
    ps_class class;
} ps_merge;

ps_status ps_merge_open(ps_merge *merge, const ps_address_rules *rules, const ps_zone *zone, ps_error *err);
void ps_merge_close(ps_merge *merge);

// A ps_visit_entry: `context` is the merge.
ps_status ps_merge_entry(void *context, const ps_stored_list *list, const ps_stored_entry *entry, ps_error *err);

// Count an entry of that verdict which suppresses nobody.
void ps_merge_count(ps_run_source *out, ps_merge_verdict verdict, uint64_t count);

#endif
