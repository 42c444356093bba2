#ifndef PS_ENGINE_GUARDS_HISTORY_H
#define PS_ENGINE_GUARDS_HISTORY_H

// Guards that compare a run with the earlier ones of its job.

#include <stdbool.h>

#include "presend/run.h"

typedef struct ps_history_guard {
    const char *name;
    void (*count)(ps_run *run, ps_run_guard *out); // all but `name` and `accepted`
} ps_history_guard;

// Is there anything to compare with? A run that is made again on its day finds what it found the first time.
bool ps_history_known(const ps_run *run);

const ps_history_guard *ps_history_guards(size_t *out_count);

#endif
