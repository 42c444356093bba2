#ifndef PS_ENGINE_DATES_H
#define PS_ENGINE_DATES_H

// Seals how each date column is written, once all of its cells were seen.

#include "engine/survey.h"

// `columns` holds, file by file of `inputs`, what was found in the mapped columns read as the job declares them;
// `sealed` is a copy of the job's recipients. Columns that the job leaves open get their form there, and their figures
// are moved to it. A file that cannot tell day from month goes by the other files of the job, where they agree.
//
// PS_INPUT: a column that rows are judged by cannot be read one way; the hint is the line to add to the job file.
ps_status ps_dates_seal(const ps_inputs *inputs, ps_survey_column *columns, ps_recipients *sealed, bool *out_changed,
                        ps_error *err);

// The same, and which column it stopped at: once that one is declared, a further call goes on.
ps_status ps_dates_seal_next(const ps_inputs *inputs, ps_survey_column *columns, ps_recipients *sealed,
                             bool *out_changed, ps_column *out_at, ps_error *err);

#endif
