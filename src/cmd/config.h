#ifndef PS_CMD_CONFIG_H
#define PS_CMD_CONFIG_H

// From a job file and options to a ps_job: read, overridden, checked by the schema, mapped, and checked as a whole.

#include "base/clock.h"
#include "cmd/problems.h"
#include "presend/job.h"

// What the command line adds to the document, in its order: a later one wins.
typedef struct ps_setting {
    const char *option; // as the user wrote it, such as `--set`
    const char *path; // NULL: `text` is PATH=VALUE, the value in YAML
    const char *text; // else the value itself, never read as YAML
} ps_setting;

typedef struct ps_config_request {
    const char *job_file; // NULL: the job is made of settings only
    const ps_setting *settings;
    size_t settings_count;
    bool offline; // no packet leaves: live MX becomes the snapshot, if there is one, else off
    const char *const *accepted; // guards, as --accept takes them
    size_t accepted_count;
    unsigned threads;
} ps_config_request;

enum { PS_INCLUDES_MAX = 16 };

typedef struct ps_config {
    ps_arena arena; // holds every text of the job
    ps_job job;
    ps_zone *zone;
    ps_config_text file; // the job file as written; empty without one
    ps_config_text included[PS_INCLUDES_MAX]; // what it includes
    size_t included_count;
    ps_problems problems;
} ps_config;

// Fills `out`, which is freed by ps_config_close also on failure. PS_CONFIG with `out->problems` for what is wrong with
// the job (`err` then holds the first of them); PS_MISSING without the file; PS_USAGE for a guard that does not exist.
ps_status ps_config_open(const ps_config_request *request, ps_config *out, ps_error *err);

void ps_config_close(ps_config *config); // a zeroed one is fine

#endif
