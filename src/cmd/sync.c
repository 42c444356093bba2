#include "cmd/sync.h"

#include <signal.h>

#include "base/clock.h"
#include "cmd/alerts.h"

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
        .accept_count = ps_source_accepts(job, config->name, "count"),
        .accept_account = ps_source_accepts(job, config->name, "account"),
    };
}

static bool stopped(void *context)
{
    const ps_session *session = context;

    return *session->stop != 0;
}

static void show(void *context, const ps_client_progress *progress)
{
    ps_session *session = context;

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
    ps_alerts_tell(request, sources, count);
    if (*session->stop == 0) return status;
    status = *session->stop == SIGINT ? PS_INTERRUPTED : PS_TERMINATED;
    ps_error_set(err, status, "Stopped by a signal; what was read of the lists is kept for the next sync.");
    ps_error_hint(err, "Run the same command again: it goes on where this one stopped.");
    return status;
}
