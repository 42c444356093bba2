#ifndef PS_STAGE_TALLY_H
#define PS_STAGE_TALLY_H

// Counts of what happened, one per thread, merged by sum: the same totals whatever thread took which batch.

#include "base/limits.h"
#include "facts/facts.h"
#include "presend/run.h"
#include "stage/domain_counts.h"
#include "table/batch.h"

typedef struct ps_tally {
    uint64_t rows;
    uint64_t verdict[PS_VERDICT_COUNT];
    uint64_t decided[PS_REASON_NUMBER_MAX];
    uint64_t held[PS_REASON_NUMBER_MAX]; // of the decided rows, those whose verdict is held
    uint64_t repeated[PS_REASON_NUMBER_MAX]; // and those that removed an address once more
    uint64_t found[PS_REASON_NUMBER_MAX];
    uint64_t tier[4];
    uint64_t projected[PS_POLICIES_MAX][PS_VERDICT_COUNT]; // by policy that is only counted
    ps_run_doubts doubts;
    uint64_t formula_rows; // clean or win-back rows with a cell that starts like a formula
    uint64_t matched[PS_SOURCES_MAX]; // by source: rows it is about
    uint64_t file_rows[PS_RECIPIENT_FILES_MAX]; // by recipient file
    ps_domain_counts domains;
} ps_tally;

// `whole` and `folder` as in ps_domain_counts_open().
ps_status ps_tally_open(const ps_tally *whole, const char *folder, ps_tally *out, ps_error *err);
void ps_tally_close(ps_tally *tally);
ps_status ps_tally_batch(ps_tally *tally, const ps_facts *facts, ps_batch *batch, ps_error *err);
// `part`, of the same address rules, is of no more use then but to be closed.
ps_status ps_tally_merge(ps_tally *into, ps_tally *part, ps_error *err);

#endif
