#ifndef PS_REPORT_VIEW_H
#define PS_REPORT_VIEW_H

// What the three forms of the report share, worked out from a run once. Borrows from the run.

#include <stdbool.h>
#include <stdint.h>

#include "presend/run.h"

enum {
    PS_VIEW_SMALL_GROUP_ROWS = 10 // a masked report names no domain with fewer rows: its rows could be guessed
};

// A reason that some row carries, in the order of precedence.
typedef struct ps_view_reason {
    const ps_reason_info *info;
    ps_effect effect; // in this job
    uint64_t decided; // rows whose reason it is
    uint64_t held; // of these, the held ones
    uint64_t found; // rows that carry it
} ps_view_reason;

// The rows that one reason sent one way.
typedef struct ps_view_slice {
    const ps_reason_info *info;
    ps_verdict verdict;
    uint64_t rows, found;
} ps_view_slice;

typedef struct ps_view {
    const ps_run *run;
    ps_view_reason reasons[PS_REASON_NUMBER_MAX];
    size_t reasons_count;
    // Every reason that took rows out of the send list: removed, held, win-back, each biggest first.
    ps_view_slice slices[2 * PS_REASON_NUMBER_MAX];
    size_t slices_count;
    size_t domains_shown; // run->domains[0 .. domains_shown) are named; all else is `other`
    ps_run_domain other; // its `domain` is NULL
    uint64_t bounce_rows, dead_domain_rows; // taken out because mail to them bounced or would bounce
    const ps_run_guard *fired; // the first guard that keeps the set back, or NULL
} ps_view;

// What the report calls one outcome, everywhere.
typedef struct ps_view_outcome {
    const char *word; // "Clean"
    const char *text; // one short sentence
    const char *name; // of its colour class: "clean"
    const char *color; // for viewers without style sheets
} ps_view_outcome;

void ps_view_init(ps_view *out, const ps_run *run);
const ps_view_outcome *ps_view_outcome_of(ps_verdict verdict);

const char *ps_view_mx_word(ps_mx_mode mode); // off, snapshot, live
const char *ps_view_encoding_word(ps_encoding encoding); // of the lists, as the job names it: same, utf-8, cp932

// The last part of a path: where a file lies differs between machines, its name does not. NULL gives NULL.
const char *ps_view_file_name(const char *path);

// Days from `day` to the day of judgement; -1 for PS_DAY_NONE, 0 for a later day.
int32_t ps_view_age(const ps_run *run, ps_day day);

#endif
