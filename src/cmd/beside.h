#ifndef PS_CMD_BESIDE_H
#define PS_CMD_BESIDE_H

// A file that others read while it is made anew: written beside its place, and brought there whole.

#include <limits.h>
#include <sys/types.h>

#include "presend/job.h"
#include "presend/status.h"

// What the job calls it.
typedef struct ps_beside_kind {
    const char *what; // "snapshot"
    const char *key; // "mx.save_snapshot"
    const char *example; // "mx: {save_snapshot: mx.csv}"
    mode_t mode; // whatever the umask
} ps_beside_kind;

typedef struct ps_beside {
    const ps_beside_kind *kind;
    const char *place; // as the job says it
    int fd; // to write to
    char path[PATH_MAX]; // where it is written; empty: nothing is open
} ps_beside;

// Whether it may lie there: PS_USAGE in the output directory, which is presend's own, PS_CREATE without its folder.
ps_status ps_beside_check(const ps_job *job, const ps_beside_kind *kind, const char *place, ps_error *err);

// Checks first. PS_CREATE where it cannot be made. `out` is given back by ps_beside_done also on failure.
ps_status ps_beside_create(const ps_job *job, const ps_beside_kind *kind, const char *place, ps_beside *out,
                           ps_error *err);

// All that was written lies on the disk: PS_IO otherwise.
ps_status ps_beside_sync(const ps_beside *file, ps_error *err);

// Brings it to its place. PS_IO where that fails; what stands there then is what stood there.
ps_status ps_beside_settle(const ps_beside *file, ps_error *err);

void ps_beside_done(ps_beside *file); // a zeroed one is fine; what was not settled is gone

#endif
