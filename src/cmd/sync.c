#include "cmd/sync.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

static const char *const guards[] = {"shrink", "empty", "stale", "lift", "kinds", "checksum"};

const char *ps_source_guard_name(size_t index)
{
    return index < PS_COUNT_OF(guards) ? guards[index] : NULL;
}

bool ps_source_accepts(const ps_job *job, const char *source, const char *guard)
{
    size_t len = strlen(source);

    for (size_t i = 0; i < job->accepted_count; i++) {
        const char *accepted = job->accepted[i];
        bool same = strncmp(accepted, source, len) == 0 && accepted[len] == ':';
        if (same && strcmp(accepted + len + 1, guard) == 0) return true;
    }
    return false;
}

void ps_sync_source_init(const ps_job *job, const ps_source_config *config, ps_sync_source *out)
{
    *out = (ps_sync_source){
        .config = config,
        .accept =
            {
                .accept_lift = ps_source_accepts(job, config->name, "lift"),
                .accept_empty = config->allow_empty || ps_source_accepts(job, config->name, "empty"),
                .accept_checksum = ps_source_accepts(job, config->name, "checksum"),
            },
        .accept_kinds = ps_source_accepts(job, config->name, "kinds"),
    };
}

static bool stopped(void *context)
{
    const ps_session *session = context;

    return *session->stop != 0;
}

// What is waited for is told once a retry is under way: it is why nothing seems to happen.
static void show(void *context, const ps_client_progress *progress)
{
    ps_session *session = context;
    char stage[128];

    snprintf(stage, sizeof stage, "sync %s %s", progress->source, progress->list);
    ps_terminal_progress(&session->terminal,
                         &(ps_progress){.stage = "sync", .done = progress->entries, .total = progress->total});
}

ps_status ps_sync_job(const ps_sync_request *request, ps_sync_source *sources, size_t count, ps_error *err)
{
    ps_session *session = request->session;
    const ps_client_watch watch = {.stop = stopped, .progress = show, .context = session};
    ps_book book;

    ps_store_book(request->store, &book);
    const ps_sync_options options = {
        .book = &book,
        .rules = request->rules,
        .zone = session->config.zone,
        .full = request->full,
        .now_s = ps_clock_now_s(),
        .watch = &watch,
    };
    ps_status status = ps_sync_run(&options, sources, count, err);
    if (*session->stop == 0) return status;
    status = *session->stop == SIGINT ? PS_INTERRUPTED : PS_TERMINATED;
    ps_error_set(err, status, "Stopped by a signal; what was read of the lists is kept for the next sync.");
    ps_error_hint(err, "Run the same command again: it goes on where this one stopped.");
    return status;
}
