#include "cmd/remember.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "engine/each.h"
#include "engine/published.h"

static ps_store_fate fate_of(void *context, const char *run_id, const char *directory)
{
    char published[37] = "", waiting[37] = "";
    (void)context;

    ps_found set = ps_published_run(directory, published), pending = ps_pending_run(directory, waiting);
    if (set == PS_FOUND_RUN && strcmp(published, run_id) == 0) return PS_STORE_PUBLISHED;
    if (pending == PS_FOUND_RUN && strcmp(waiting, run_id) == 0) return PS_STORE_WAITS;
    // What cannot be read today may say more tomorrow.
    return set == PS_FOUND_UNREADABLE || pending == PS_FOUND_UNREADABLE ? PS_STORE_WAITS : PS_STORE_GONE;
}

// The output directory may not be there yet; the folder that holds it is.
static ps_status take_directory(ps_remember *remember, ps_error *err)
{
    char path[PATH_MAX], folder[PATH_MAX], real[PATH_MAX];
    const char *name = NULL, *directory = remember->job->output_directory;
    size_t len = strlen(directory);

    while (len > 1 && directory[len - 1] == '/')
        len--;
    bool fits = len < sizeof path;
    if (fits) {
        memcpy(path, directory, len);
        path[len] = '\0';
        fits = ps_path_split(path, folder, sizeof folder, &name);
    }
    if (fits && realpath(folder, real) == NULL) {
        return ps_error_set(err, PS_CREATE, "Cannot write to '%s': %s.", folder, strerror(errno));
    }
    if (fits && ps_path_join(real, name, remember->directory, sizeof remember->directory)) return PS_OK;
    return ps_error_set(err, PS_USAGE, "The path of the output directory '%s' is too long.", directory);
}

// Jobs are told apart by the names of their files, `clean` by the file that it cleans.
static const char *job_name(const ps_job *job)
{
    const char *path = job->job_file != NULL ? job->job_file : job->recipients[0].file;
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

ps_status ps_remember_open(const ps_job *job, ps_remember *out, ps_error *err)
{
    *out = (ps_remember){.job = job};
    if (job->state == NULL) return PS_OK;
    out->listed.each = ps_each;
    out->listed.job = job;
    out->key = (ps_store_job){.name = job_name(job), .campaign = job->campaign};
    ps_status status = take_directory(out, err);
    const char *name = NULL;
    // The folder of the state takes what SQLite keeps beside it, so it takes a file more.
    if (ps_path_split(job->state, out->state_folder, sizeof out->state_folder, &name))
        out->listed.folder = out->state_folder;
    if (status == PS_OK) status = ps_store_open(job->state, job->owner, &out->store, err);
    if (status == PS_OK) status = ps_store_recover(out->store, fate_of, NULL, err);
    if (status == PS_OK) status = ps_store_listings(out->store, &out->key, job->as_of, &out->listings, err);
    if (status == PS_OK) status = ps_store_history(out->store, &out->key, job->as_of, &out->history, err);
    return status;
}

void ps_remember_close(ps_remember *remember)
{
    ps_listings_done(&remember->listings);
    ps_listed_done(&remember->listed);
    ps_store_close(remember->store);
    remember->store = NULL;
}

ps_status ps_remember_prepare(ps_remember *remember, const ps_run *run, ps_error *err)
{
    const ps_store_run stored = {
        .run = run,
        .job = remember->key,
        .owner = remember->job->owner,
        .directory = remember->directory,
        .retain_days = remember->job->retain,
        .listed = &remember->listed,
        .domains = remember->domains,
    };

    return remember->store == NULL ? PS_OK : ps_store_prepare(remember->store, &stored, err);
}

void ps_remember_settle(ps_store *store, const char *run_id)
{
    ps_error err = {.status = PS_OK};

    if (store == NULL || ps_store_settle(store, run_id, &err) == PS_OK) return;
    ps_log(PS_LOG_WARNING, "the set is published, but the state does not know it yet: %s The next run puts it right.",
           err.text);
}

ps_status ps_remember_visit(const char *path, ps_store **out, ps_error *err)
{
    ps_store *store = NULL;

    if (access(path, F_OK) != 0 && errno == ENOENT) {
        ps_error_set(err, PS_MISSING, "There is no state file '%s'.", path);
        ps_error_hint(err, "Name the job that made the set with --job JOB.yaml, or its state with --state FILE.");
        return PS_MISSING;
    }
    ps_status status = ps_store_open(path, PS_STORE_ANY_OWNER, &store, err);
    if (status == PS_OK) status = ps_store_recover(store, fate_of, NULL, err);
    if (status == PS_OK) {
        *out = store;
    } else {
        ps_store_close(store);
    }
    return status;
}
