#ifndef PS_CMD_OUTCOME_H
#define PS_CMD_OUTCOME_H

#include "base/buf.h"
#include "presend/run.h"

// The result of `run` and `clean` as one line of JSON (schemas/run.schema.json).
void ps_outcome_json(const char *command, const ps_run *run, ps_buf *out);

#endif
