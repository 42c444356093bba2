#ifndef PS_CMD_REMEMBER_H
#define PS_CMD_REMEMBER_H

// What a run takes from the state and leaves in it.
//
// The order is: written, published, settled. Killed before publishing, a run leaves nothing that counts. Killed between
// publishing and settling, its set stands and the next command that opens the state finds the run's id in the manifest
// and settles it. Only when the set was moved away meanwhile is the run dropped: people on its win-back list may then
// be listed once more, but nobody is lost.

#include <limits.h>

#include "engine/set.h"
#include "store/store.h"

typedef struct ps_remember {
    ps_store *store; // NULL: this job remembers nothing
    const ps_job *job;
    ps_store_job key;
    char directory[PATH_MAX]; // of the output, absolute
    ps_listings listings;
    ps_run_history history;
    ps_listed listed; // by this run
    char state_folder[PATH_MAX]; // where `listed` may keep a file
    const ps_domains *domains; // that this run asked about; NULL: none
} ps_remember;

// Open the job's state, if it has one, settle what earlier runs left open, and read what this run needs.
ps_status ps_remember_open(const ps_job *job, ps_remember *out, ps_error *err);
void ps_remember_close(ps_remember *remember); // a zeroed one is fine

// Before publishing, and before a set is put aside to wait.
ps_status ps_remember_prepare(ps_remember *remember, const ps_run *run, ps_error *err);

// After publishing. What fails is only warned of: the set stands, and the next run settles it.
void ps_remember_settle(ps_store *store, const char *run_id);

// Open a state by its path, whoever owns it, and settle what earlier runs left open. PS_MISSING: there is none.
ps_status ps_remember_visit(const char *path, ps_store **out, ps_error *err);

#endif
