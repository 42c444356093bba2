#ifndef PS_TABLE_SPOOL_H
#define PS_TABLE_SPOOL_H

// A pipe kept in a file without a name, so that it can be read twice.

#include "table/source.h"

// Copy all of `fd` into a new private file in options->spool_folder that vanishes when it is closed. Nobody knows when
// the writer of a pipe is done, so a signal at options->stop ends the copy: PS_INTERRUPTED or PS_TERMINATED.
ps_status ps_spool(int fd, const ps_source_options *options, int *out_fd, ps_error *err);

#endif
