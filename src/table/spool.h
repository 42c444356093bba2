#ifndef PS_TABLE_SPOOL_H
#define PS_TABLE_SPOOL_H

// A pipe kept in a file without a name, so that it can be read twice.

#include "presend/status.h"

// Copy all of `fd` into a new private file in `folder` (NULL: the system's) that vanishes when it is closed. `path` is
// for messages.
ps_status ps_spool(int fd, const char *path, const char *folder, int *out_fd, ps_error *err);

#endif
