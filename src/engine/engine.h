#ifndef PS_ENGINE_ENGINE_H
#define PS_ENGINE_ENGINE_H

// Runs a job: files in, four lists and the counts out. Everything that needs the network or a database is handed in.

#include "engine/set.h"
#include "facts/domains.h"
#include "facts/listed.h"
#include "facts/listings.h"
#include "facts/resolver.h"
#include "facts/suppression.h"
#include "presend/address.h"
#include "presend/job.h"
#include "presend/run.h"

// What a terminal shows while a run goes on.
typedef struct ps_progress {
    const char *stage; // survey, mx, judge, publish
    uint64_t done, total; // bytes of input read in this stage, or domains; total 0: not known
    uint64_t rows; // so far in this stage
    const char *note; // what else there is to say, in a few words; NULL: nothing
} ps_progress;

typedef struct ps_engine {
    const ps_job *job;
    const ps_suppression *suppression; // sealed; NULL with `suppressions: none`
    const ps_address_rules *address_rules; // of this job, for cells of no JIS charset; NULL: the engine makes its own
    ps_run_source *sources; // one per job source, filled by whoever loaded them; the engine adds rows_matched
    size_t sources_count;
    const ps_run_guard *guards; // of the sources, as whoever loaded them found them
    size_t guards_count;
    ps_resolver *resolver; // for mx.mode live; NULL otherwise
    const struct ps_domain_cache *past; // what runs knew of a snapshot's domains; NULL: runs are not remembered
    ps_domains *domains; // open and empty: receives what is known of each domain; NULL with mx.mode off
    const ps_listings *listings; // NULL: runs are not remembered
    ps_listed *listed; // receives the digests of the rows of winback.csv, in their order; NULL with `listings`
    const ps_run_history *history; // NULL with `listings`
    const char *state; // the file that remembers runs, as the manifest names it; NULL with `listings`
    ps_set *set;
    void (*progress)(void *context, const ps_progress *progress); // may be NULL; called from one thread at a time
    void *progress_context;
    const volatile int *stop; // a signal number once one came: the run ends with PS_INTERRUPTED or PS_TERMINATED
} ps_engine;

// Writes clean.csv (or unsuppressed.csv), winback.csv, held.csv and removed.csv into the set and fills `out` (zeroed
// before). Checks that rows in = clean + winback + held + removed (PS_BUG if not). Guards that fired are in
// out->guards: it is for the caller to publish or to keep back. `out` is freed by ps_run_done also on failure.
ps_status ps_engine_run(const ps_engine *engine, ps_run *out, ps_error *err);

// The names of the guards, as --accept takes them: index from 0 until NULL.
const char *ps_guard_name(size_t index);

// The first guard that fired and was not accepted, or NULL.
const ps_run_guard *ps_run_fired(const ps_run *run);

// Frees what ps_engine_run put into `run`; a zeroed run is fine.
void ps_run_done(ps_run *run);

#endif
