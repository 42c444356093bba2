#ifndef PS_CMD_METRICS_H
#define PS_CMD_METRICS_H

// `metrics.file`: how each run went, for a monitoring system. All do nothing without it.

#include "presend/run.h"

// Before the run: PS_USAGE where it would lie in the output directory.
ps_status ps_metrics_check(const ps_job *job, ps_error *err);

// After it, however it ended. What fails is only warned of. The last success of a run that failed is the one that the
// file tells of.
void ps_metrics_write(const ps_job *job, const ps_run *run, ps_status ended);

// After the set that a guard kept back was published in `directory` by hand: that is a success, too. What the file
// (""; none) says else stays, but for the exit code of the guard.
void ps_metrics_approve(const char *directory, const char *file);

#endif
