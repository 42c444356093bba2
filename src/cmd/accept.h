#ifndef PS_CMD_ACCEPT_H
#define PS_CMD_ACCEPT_H

// The guards of single sources, which --accept SOURCE:GUARD passes for one run.

#include "presend/job.h"
#include "presend/status.h"

// shrink, empty, stale, ...: index from 0 until NULL.
const char *ps_source_guard_name(size_t index);

// Whether this run passes the guard for the source.
bool ps_source_accepts(const ps_job *job, const char *source, const char *guard);

// PS_USAGE: no source or no guard of that name, with what was probably meant.
ps_status ps_accept_check(const ps_job *job, const char *accepted, ps_error *err);

#endif
