#ifndef PS_ENGINE_PUBLISHED_H
#define PS_ENGINE_PUBLISHED_H

// Sets that stand: what their manifests say, and whether the files still are what was written.

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>

#include "presend/status.h"

typedef struct ps_published {
    char run_id[37];
    char state[PATH_MAX]; // the file that the run is remembered in, or ""
} ps_published;

// The set in `directory`, each of its files as its manifest says. PS_MISSING: no set is published there; PS_INPUT: a
// file is missing or is another one.
ps_status ps_published_read(const char *directory, ps_published *out, ps_error *err);

// Which run made the set in `directory`, or the one that waits in `directory`.pending.
typedef enum ps_found { PS_FOUND_NONE, PS_FOUND_RUN, PS_FOUND_UNREADABLE } ps_found;
ps_found ps_published_run(const char *directory, char out[37]);
ps_found ps_pending_run(const char *directory, char out[37]);

// ---- for approving, too

// A manifest's run and state. False: it is none of presend's.
bool ps_manifest_read(const json_t *manifest, ps_published *out);

// Every file that the manifest names stands in the folder with the same bytes. PS_INPUT if not.
ps_status ps_manifest_check(int folder_fd, const char *folder, const json_t *manifest, ps_error *err);

// Read a JSON file of the folder. NULL: it is not there (errno ENOENT) or cannot be read.
json_t *ps_manifest_load(int folder_fd, const char *name);

#endif
