#ifndef PS_ENGINE_INSPECT_H
#define PS_ENGINE_INSPECT_H

// What a recipient file is, as far as it can be known without a job: read once, nothing is judged and nothing written.

#include "engine/survey.h"

enum { PS_INSPECT_REFUSALS_MAX = 16 };

typedef struct ps_inspection {
    ps_job job; // of defaults, with this file
    ps_recipients table; // the file; its date forms are those that were found
    ps_reader *reader;
    ps_inputs inputs;
    ps_facts facts;
    ps_zone *zone;
    bool mapped; // false: which column is what cannot be told, and nothing below was counted
    uint64_t rows, damaged; // damaged: with too few or too many cells
    ps_survey_column columns[PS_MAPPED_MAX]; // by slot
    ps_error refusals[PS_INSPECT_REFUSALS_MAX]; // why a run would not take the file, and the line that would help
    size_t refusals_count;
} ps_inspection;

// Read the file that `out->table` names (and says of it what is known). PS_MISSING, PS_INPUT: it cannot be read as a
// table at all; what a run would refuse about its columns is in `refusals`. Freed by ps_inspect_close also on failure.
ps_status ps_inspect_open(const char *zone_name, ps_day as_of, const volatile int *stop, ps_inspection *out,
                          ps_error *err);
void ps_inspect_close(ps_inspection *inspection); // a zeroed one is fine

static inline const ps_layout *ps_inspect_layout(const ps_inspection *inspection)
{
    return ps_reader_layout(inspection->reader);
}

// The slot of the file's column of this index in the layout's mapped ones, or -1.
int ps_inspect_slot(const ps_inspection *inspection, size_t index);

#endif
