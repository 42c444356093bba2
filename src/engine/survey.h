#ifndef PS_ENGINE_SURVEY_H
#define PS_ENGINE_SURVEY_H

// The optional first pass: facts that only the whole file can give, and only those that the job needs.

#include "engine/ids.h"
#include "engine/pipeline.h"

// What was found in one mapped column.
typedef struct ps_survey_column {
    uint64_t filled, missing, unreadable, future;
    ps_day oldest, newest; // of the filled ones, future ones apart
    bool has_false; // an opt-in column: some word that is not true
} ps_survey_column;

typedef struct ps_survey {
    bool wants_evidence, wants_columns, wants_domains, wants_ids;
    const ps_inputs *inputs;
    const ps_facts *facts; // zone, as_of and address rules are all that it reads
    uint64_t rows;
    ps_survey_column columns[PS_MAPPED_MAX]; // by slot of the layout, which all files share
    ps_evidence evidence;
    ps_ids ids; // whose address an id is, when an activity file is joined by it
    ps_domains *domains; // where distinct domains go, when they are wanted
} ps_survey;

// What this job needs to know. False: nothing, one pass is enough.
bool ps_survey_init(const ps_job *job, const ps_inputs *inputs, ps_survey *out);
void ps_survey_done(ps_survey *survey);

// The pass's carry function; `context` is the survey.
ps_status ps_survey_carry(void *context, ps_worker *worker, ps_order *order, ps_error *err);

// What the mapped cells of a batch's rows say of their columns, and the sum of that.
void ps_survey_note(const ps_facts *facts, const ps_batch *batch, ps_survey_column out[PS_MAPPED_MAX]);
void ps_survey_merge(ps_survey_column *into, const ps_survey_column *other, size_t count);

// Which columns may prove inactivity, and from when on: seals the coverage.
void ps_survey_coverage(const ps_survey *survey, const ps_job *job, ps_coverage *out);
bool ps_survey_tracked(const ps_survey *survey, const ps_job *job, size_t slot);

#endif
