#ifndef PS_ENGINE_MANIFEST_H
#define PS_ENGINE_MANIFEST_H

// manifest.json makes a set valid; pending.json is the same for a set that waits, and also names what it was made from.

#include "base/buf.h"
#include "presend/arena.h"
#include "presend/run.h"

#define PS_MANIFEST_NAME "manifest.json"
#define PS_PENDING_NAME "pending.json"
#define PS_MANIFEST_SCHEMA "1.0"

enum {
    PS_SET_VALID_S = 48 * 3600, // a list is fit to send to for this long after the oldest list it was checked against
    PS_PENDING_VALID_S = 24 * 3600 // a set that waits longer must be made again
};

// A file that a set was made from, as approving checks it.
typedef struct ps_origin {
    const char *path; // absolute
    char fingerprint[33];
} ps_origin;

typedef struct ps_manifest {
    const ps_run *run;
    const ps_run_output *files;
    size_t files_count;
    const ps_origin *origins; // of a pending set
    size_t origins_count;
} ps_manifest;

// The absolute path (in `arena`) and the fingerprint of a file as it is now. PS_INPUT when it cannot be read.
ps_status ps_origin_make(const char *path, ps_arena *arena, ps_origin *out, ps_error *err);

ps_status ps_manifest_write(const ps_manifest *manifest, ps_buf *out, ps_error *err);
ps_status ps_manifest_write_pending(const ps_manifest *manifest, ps_buf *out, ps_error *err);

#endif
