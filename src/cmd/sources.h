#ifndef PS_CMD_SOURCES_H
#define PS_CMD_SOURCES_H

// The suppression sources of a run: ESPs synced, files read, all merged into one set.

#include "cmd/remember.h"
#include "cmd/sync.h"

typedef struct ps_file_reading ps_file_reading;

typedef struct ps_sources {
    ps_session *session;
    const ps_job *job;
    const ps_remember *remember;
    const ps_address_rules *rules; // of the job; of rows and files

    ps_suppression *set; // NULL with `suppressions: none`
    ps_run_source *items;
    ps_run_guard *guards;
    size_t guards_count;
    ps_sync_source *synced; // by source; those of files are zeroed
    ps_stored_source *stored; // by source: what the state holds; texts of the set are borrowed from here
    ps_file_reading *files; // by source; those of ESPs are zeroed
    ps_address_rules *expand_rules;
} ps_sources;

// The caller fills the first part. Freed by ps_sources_close also on failure.
ps_status ps_sources_open(ps_sources *sources, ps_error *err);
void ps_sources_close(ps_sources *sources);

#endif
