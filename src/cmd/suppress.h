#ifndef PS_CMD_SUPPRESS_H
#define PS_CMD_SUPPRESS_H

// `presend suppress`: what its subcommands share.

#include "base/json_write.h"
#include "cmd/command.h"
#include "esp/expand.h"
#include "store/suppressions.h"

enum { PS_SUPPRESS_OUTPUT_BYTES = 1 << 20 }; // what is written at once

typedef struct ps_suppress {
    ps_session *session;
    const ps_job *job; // NULL with --state
    ps_store *store;
    const char **names; // the operands after the subcommand
    size_t name_count;
    ps_address_rules *rules;
    ps_zone *utc; // days of entries without a job
    ps_buf out;
    ps_json json;
} ps_suppress;

// Each with the store open.
ps_status ps_suppress_sync(ps_suppress *s, ps_error *err);
ps_status ps_suppress_list(ps_suppress *s, ps_error *err);
ps_status ps_suppress_diff(ps_suppress *s, ps_error *err);
ps_status ps_suppress_export(ps_suppress *s, ps_error *err);
ps_status ps_suppress_import(ps_suppress *s, ps_error *err);
ps_status ps_suppress_remove(ps_suppress *s, ps_error *err);

// Every source of the state, or those that the operands name, in the order of their names. PS_USAGE for a name that the
// state does not know.
ps_status ps_suppress_each(ps_suppress *s, ps_store_visit_source *visit, void *context, ps_error *err);

// One source by its name; PS_USAGE where the state does not know it.
ps_status ps_suppress_find(ps_suppress *s, const char *name, ps_stored_source *out, ps_error *err);

// The document of --json begins and ends; in between its members go to s->json, and ps_suppress_flush() hands on what
// is written so far.
void ps_suppress_json_begin(ps_suppress *s);
ps_status ps_suppress_json_end(ps_suppress *s, ps_error *err);
ps_status ps_suppress_flush(ps_suppress *s, size_t more_than, ps_error *err);

// 2026-11-21T18:32:00Z, or "never".
const char *ps_suppress_time(int64_t seconds, char out[PS_TIME_TEXT_SIZE]);

// The members of one entry, in an object that is open.
void ps_suppress_json_entry(ps_suppress *s, const char *list, const ps_stored_entry *entry);

#endif
