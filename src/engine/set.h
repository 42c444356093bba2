#ifndef PS_ENGINE_SET_H
#define PS_ENGINE_SET_H

// The set of output files, all or nothing: filled in a fresh folder beside the output directory, synced, and exchanged
// with it in one system call. One run at a time per output directory, by a lock file beside it that a dead holder frees
// by itself.

#include <stdbool.h>
#include <stdint.h>

#include "presend/run.h"
#include "presend/span.h"
#include "presend/status.h"

typedef struct ps_set ps_set;

// Take the lock, remove what dead runs left, make the fresh folder. PS_USAGE: the directory holds files that are not a
// set of presend's, or is no directory; PS_RETRY: another run holds the lock (its process is named); PS_CREATE: no
// folder can be made there, or the file system can do neither form of exchange.
ps_status ps_set_open(const char *directory, ps_set **out, ps_error *err);

// A file of the set. Bytes go in by ps_set_write in order; ps_set_close_file checks, syncs and closes it, and notes
// size and SHA-256. PS_CREATE, PS_IO. `rows` counts CSV records, 0 for others.
//
// Where many threads write, ps_set_write falls into three: ps_set_place says in the order of the pieces where each
// begins, ps_set_write_at writes it whenever that is, and ps_set_digest takes them in their order again.
typedef struct ps_set_file ps_set_file;
uint64_t ps_set_place(ps_set_file *file, size_t len);
ps_status ps_set_write_at(ps_set_file *file, ps_span bytes, uint64_t offset, ps_error *err);
void ps_set_digest(ps_set_file *file, ps_span bytes);
ps_status ps_set_create(ps_set *set, const char *name, ps_set_file **out, ps_error *err);
ps_status ps_set_write(ps_set_file *file, ps_span bytes, ps_error *err);
ps_status ps_set_close_file(ps_set_file *file, uint64_t rows, ps_run_output *out, ps_error *err);

// Gives up a file that is still open, when the run failed. NULL is fine.
void ps_set_drop_file(ps_set_file *file);

// One whole small file at once.
ps_status ps_set_put(ps_set *set, const char *name, ps_span bytes, ps_error *err);

// The folder being filled, for messages.
const char *ps_set_folder(const ps_set *set);

// Whether the file system exchanges folders in one call; where it cannot, the report says so.
bool ps_set_exchanges(const ps_set *set);

// Write manifest.json over all files, sync, and exchange with the directory. After an error the old set stands
// untouched, but for two at the very end: the new one is in place, and may be gone after a loss of power; or, where the
// file system cannot exchange, files of both lie there without a manifest, which is no set to anybody.
ps_status ps_set_publish(ps_set *set, const ps_run *run, ps_error *err);

// A guard keeps the set back: it becomes DIR.pending, with pending.json in place of manifest.json; the old set stands
// untouched.
ps_status ps_set_keep_pending(ps_set *set, const ps_run *run, ps_error *err);

// Frees the lock and removes the fresh folder if it was not published. NULL is fine.
void ps_set_close(ps_set *set);

// What its run says of a waiting set.
typedef struct ps_waiting {
    const char *run_id;
    const char *state; // the file that the run is remembered in, or ""
    const char *metrics; // the one that says how runs went, or ""
} ps_waiting;

// Who is asked once a waiting set is found fit, before it is published: anything but PS_OK leaves it waiting.
typedef struct ps_approver {
    ps_status (*prepare)(void *context, const ps_waiting *set, ps_error *err);
    void *context;
} ps_approver;

// `presend approve`: publish DIR.pending. PS_MISSING: there is none; PS_INPUT: a file of it, or a file it was made
// from, has changed; PS_GUARD: it is over 24 h old. `approver` may be NULL.
ps_status ps_set_approve(const char *directory, const ps_approver *approver, ps_error *err);

#endif
