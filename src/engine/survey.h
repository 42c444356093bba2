#ifndef PS_ENGINE_SURVEY_H
#define PS_ENGINE_SURVEY_H

// The optional first pass: facts that only the whole file can give, and only those that the job needs.

#include "engine/ids.h"
#include "engine/pipeline.h"
#include "engine/repeats.h"
#include "engine/survey_column.h"
#include "facts/resolver.h"

typedef struct ps_survey {
    bool wants_evidence, wants_columns, wants_domains, wants_ids;
    bool of_everybody; // activity files speak of any address; else evidence is that of repeated ones alone
    const ps_inputs *inputs;
    const ps_facts *facts; // zone, as_of and address rules are all that it reads
    uint64_t rows;
    ps_survey_column columns[PS_MAPPED_MAX]; // by slot of the layout, which all files share; sealed: of all files
    ps_survey_column *by_file; // the same file by file, slot by slot
    uint32_t *signups; // rows by the day of their sign-up, from 1970 on to as_of
    bool counts_signups; // in this pass
    bool again; // a second pass, for the evidence alone
    bool lacks_firsts; // sealed: of repeated addresses, the evidence has all rows but the first
    ps_repeats repeats;
    ps_evidence evidence;
    ps_ids ids; // whose address an id is, when an activity file is joined by it
    ps_domains *domains; // where distinct domains go, when they are wanted
    const ps_resolver *resolver; // that new ones are offered to; NULL: none
} ps_survey;

// What this job needs to know. False: nothing, one pass is enough.
bool ps_survey_init(const ps_job *job, const ps_inputs *inputs, ps_survey *out);
void ps_survey_done(ps_survey *survey);

// Room for what the pass counts.
ps_status ps_survey_begin(ps_survey *survey, const ps_job *job, ps_error *err);

// After the pass: how each date column is written, and which sign-ups are days of an import, into `facts`, whose job
// gets `sealed` for its recipients (a copy of theirs). `*out_again`: the pass must be made again, for the evidence: it
// is known now whose is wanted, or dates that were gathered are read otherwise from now on. PS_INPUT as ps_dates_seal.
ps_status ps_survey_seal(ps_survey *survey, ps_recipients *sealed, ps_facts *facts, bool *out_again, ps_error *err);

// The pass's functions; `context` is the survey.
void ps_survey_choose(void *context, ps_batch *batch);
ps_status ps_survey_carry(void *context, ps_worker *worker, ps_order *order, ps_error *err);

// Which columns may prove inactivity, and from when on: seals the coverage.
void ps_survey_coverage(const ps_survey *survey, const ps_job *job, ps_coverage *out);
bool ps_survey_tracked(const ps_survey *survey, const ps_job *job, size_t slot);

#endif
