#ifndef PS_CMD_SYNC_H
#define PS_CMD_SYNC_H

// Bring the lists of a job's ESPs into its state: what `run` does first, and `presend suppress sync` alone.

#include "cmd/accept.h"
#include "cmd/command.h"
#include "esp/sync.h"
#include "store/suppressions.h"

// Fill one for a source of an ESP, with what the run accepts.
void ps_sync_source_init(const ps_job *job, const ps_source_config *config, ps_sync_source *out);

typedef struct ps_sync_request {
    ps_session *session; // its progress and its stop
    ps_store *store;
    const ps_address_rules *rules; // of ps_expand_rules()
    bool full;
} ps_sync_request;

// As ps_sync_run(); a signal is PS_INTERRUPTED or PS_TERMINATED.
ps_status ps_sync_job(const ps_sync_request *request, ps_sync_source *sources, size_t count, ps_error *err);

#endif
