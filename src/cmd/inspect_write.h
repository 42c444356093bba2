#ifndef PS_CMD_INSPECT_WRITE_H
#define PS_CMD_INSPECT_WRITE_H

// What `inspect` found, for people, for programs, and as a job file.

#include "cmd/options.h"
#include "engine/inspect.h"

// By what a slot was taken for its column: `declared`, `name` (which its cells confirm), `content`.
const char *ps_inspect_why(const ps_inspection *inspection, size_t slot);

// The cell of a sample row as it may be shown: addresses masked, names and other texts of people not at all. False:
// there is nothing to show.
bool ps_inspect_sample(const ps_inspection *inspection, size_t row, size_t slot, ps_buf *out);
size_t ps_inspect_samples(const ps_inspection *inspection);

void ps_inspect_text(const ps_inspection *inspection, const char *product, ps_buf *out);
void ps_inspect_json(const ps_inspection *inspection, const char *product, const char *job_file, ps_buf *out);

// A job file that `run` takes as it is. `paths` are as it names its files: the recipients, then the suppression lists.
void ps_inspect_job(const ps_inspection *inspection, const char *const *paths, size_t paths_count, ps_buf *out);

#endif
