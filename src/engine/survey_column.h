#ifndef PS_ENGINE_SURVEY_COLUMN_H
#define PS_ENGINE_SURVEY_COLUMN_H

// What stands in the mapped columns of a file.

#include "facts/date_column.h"
#include "facts/facts.h"
#include "table/batch.h"

// What was found in one mapped column.
typedef struct ps_survey_column {
    uint64_t filled, missing, unreadable, future;
    ps_day oldest, newest; // of the filled ones, future ones apart
    uint32_t forms; // bit n: some cell is a date of form n
    ps_date_doubt doubt; // what the unreadable ones would be in forms that only the whole column can tell
    bool has_false; // an opt-in column: some word that is not true
} ps_survey_column;

void ps_survey_column_init(ps_survey_column *column); // nothing was found yet

// What the mapped cells of a batch's rows say of their columns, and the sum of that. `signups` (may be NULL) receives
// on which day each row signed up, PS_DAY_NONE where it does not say.
void ps_survey_note(const ps_facts *facts, const ps_batch *batch, ps_survey_column out[PS_MAPPED_MAX], ps_day *signups);
void ps_survey_merge(ps_survey_column *into, const ps_survey_column *other, size_t count);

bool ps_survey_is_date(const ps_mapped *mapped);
bool ps_survey_is_against(ps_span cell); // an opt-in cell: a word that is not true

#endif
