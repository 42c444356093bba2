#ifndef PS_STORE_STORE_H
#define PS_STORE_STORE_H

// The state: one SQLite file that remembers runs, and who was listed for win-back and when. This folder is the only one
// that knows SQLite. Every statement's values are bound.
//
// A run is written before its set is published, but counts for nothing until it is settled after that. So all that can
// fail comes before publishing, and a run that was killed in between can be settled by the next one, which looks into
// its output directory.
//
// Addresses stand in it as the first 128 bits of their HMAC-SHA-256 under a random key that the file carries, never as
// a plain hash: a digest that leaks without the key, in a report, a log or part of a backup, cannot be tried against
// lists of known addresses, and the files of two owners cannot be joined. Who holds the whole file can still ask it
// about one address at a time, as presend itself does.

#include "facts/domains.h"
#include "facts/listed.h"
#include "facts/listings.h"
#include "presend/run.h"

typedef struct ps_store ps_store;

// An owner that no job can have: for commands that serve whoever calls them.
#define PS_STORE_ANY_OWNER "*"

// Open the file, make it (0600) where there is none, and keep it for this process alone until it is closed. `owner` is
// the job's, or NULL. PS_CONFIG: the file is another program's, another owner's, of a newer presend, or no regular
// file; PS_RETRY: another run has it (its process is named), or another program works on it; PS_INPUT: it is damaged;
// PS_CREATE: it cannot be made or written; PS_IO.
ps_status ps_store_open(const char *path, const char *owner, ps_store **out, ps_error *err);
void ps_store_close(ps_store *store); // NULL is fine

// The path with all links followed, as it is remembered elsewhere.
const char *ps_store_path(const ps_store *store);

// Runs are remembered per job, and each of its campaigns apart.
typedef struct ps_store_job {
    const char *name; // of the job file, without its folder
    const char *campaign; // or NULL
} ps_store_job;

typedef struct ps_store_run {
    const ps_run *run;
    ps_store_job job;
    const char *owner; // or NULL
    const char *directory; // of the output, absolute
    int32_t retain_days; // older runs are forgotten
    ps_listed *listed; // they are put in an order of their own
    const ps_domains *domains; // from then on they were seen, and those that take mail did; NULL: none was asked about
} ps_store_run;

// Write a run that is about to be published, or to wait for approval.
ps_status ps_store_prepare(ps_store *store, const ps_store_run *run, ps_error *err);

// It was published: its counts, its listings and its owner hold from now on, and runs and listings past their time go.
// A run that is not known, or settled already, changes nothing.
ps_status ps_store_settle(ps_store *store, const char *run_id, ps_error *err);

// It never will be: nothing of it stays.
ps_status ps_store_drop(ps_store *store, const char *run_id, ps_error *err);

// What became of a run that is not settled.
typedef enum ps_store_fate { PS_STORE_PUBLISHED, PS_STORE_WAITS, PS_STORE_GONE } ps_store_fate;
typedef ps_store_fate ps_store_look(void *context, const char *run_id, const char *directory);

// Settle or drop the runs that ended without saying what became of them.
ps_status ps_store_recover(ps_store *store, ps_store_look *look, void *context, ps_error *err);

// The last runs of the job before `as_of`, one a day. Those of the same day are left out: a run that is made again must
// come out the same.
ps_status ps_store_history(ps_store *store, const ps_store_job *job, ps_day as_of, ps_run_history *out, ps_error *err);

// How many entries a source had in the last run of an earlier day; 0: there is none.
ps_status ps_store_source_entries(ps_store *store, const ps_store_job *job, ps_day as_of, const char *source,
                                  uint64_t *out, ps_error *err);

// Who was listed, as known on the day `as_of`; listings of that very day by the same job are left out, as above.
ps_status ps_store_listings(ps_store *store, const ps_store_job *job, ps_day as_of, ps_listings *out, ps_error *err);

typedef struct ps_store_found {
    ps_day as_of;
    char timezone[65];
    uint64_t listed; // addresses in its win-back list
} ps_store_found;

// A settled run. PS_MISSING: it is not known.
ps_status ps_store_find(ps_store *store, const char *run_id, ps_store_found *out, ps_error *err);

// The win-back list of a run was mailed on that day.
ps_status ps_store_mark_sent(ps_store *store, const char *run_id, ps_day sent_at, ps_error *err);

#endif
