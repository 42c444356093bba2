#ifndef PS_ENGINE_FOLDER_H
#define PS_ENGINE_FOLDER_H

// The output directory and the fresh folder beside it, by descriptor: no step follows a symlink or trusts a name twice.

#include <limits.h>
#include <stdbool.h>

#include "presend/status.h"

typedef struct ps_folder {
    char path[PATH_MAX]; // the output directory as the user named it, without trailing slashes
    char parent[PATH_MAX]; // the folder that holds it
    char name[NAME_MAX + 1]; // its last part
    char fresh[NAME_MAX + 1];
    int parent_fd, lock_fd, fresh_fd;
    bool exchanges; // the file system exchanges two folders in one call
    bool drop_fresh; // what stands under `fresh` goes when the folder is closed: an unfinished set, or the old one
} ps_folder;

// Take the lock beside `path`, remove leftovers of dead runs, check that what stands there is presend's own. PS_USAGE,
// PS_RETRY, PS_CREATE as ps_set_open says. `fresh` is not made yet.
ps_status ps_folder_open(const char *path, ps_folder *out, ps_error *err);

// Make the fresh folder (0700), open as fresh_fd, and find out whether the file system exchanges folders.
ps_status ps_folder_make_fresh(ps_folder *folder, ps_error *err);

// Sync the fresh folder and put it in the place of the output directory; the old set is deleted. Where folders cannot
// be exchanged, `manifest` (a file of the set) is removed from the old set first and renamed into it last.
ps_status ps_folder_publish(ps_folder *folder, const char *manifest, ps_error *err);

// The same with `NAME.pending` as the place. An older pending set is deleted.
ps_status ps_folder_keep_pending(ps_folder *folder, ps_error *err);

// Take what stands at `NAME.pending` as the fresh folder, for publishing. PS_MISSING when there is none.
ps_status ps_folder_take_pending(ps_folder *folder, ps_error *err);

// Delete a pending set that a newer one has overtaken; nothing happens when there is none.
void ps_folder_drop_pending(ps_folder *folder);

// Frees the lock and deletes the fresh folder if it still stands. A folder that was never opened needs lock_fd = -1.
void ps_folder_close(ps_folder *folder);

// Is `name` a file that presend puts into a set?
bool ps_folder_owns(const char *name);

#endif
