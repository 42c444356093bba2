#include "cmd/mx.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"

static ps_status open_cache(ps_mx *mx, ps_store *store, ps_error *err)
{
    const ps_domain_store_options options = {.lifetime_days = mx->job->mx_cache, .as_of = mx->job->as_of};

    if (store == NULL) return PS_OK;
    ps_status status = ps_domain_store_open(store, &options, &mx->store, err);
    if (status == PS_OK) ps_domain_store_cache(mx->store, &mx->cache);
    return status;
}

static void advise(const ps_dns *dns)
{
    const char *forwarder = ps_dns_forwarder(dns);

    if (forwarder == NULL) return;
    ps_log(PS_LOG_WARNING,
           "The resolver %s hands on what it is asked, and is asked slowly for that. The one behind it is faster, and "
           "surer: mx: {resolvers: [ADDRESS]}.",
           forwarder);
}

static ps_status open_live(ps_mx *mx, ps_error *err)
{
    ps_status status = ps_dns_open(mx->job, &mx->dns, err);

    if (status != PS_OK) return status;
    advise(mx->dns);
    ps_dns_resolver(mx->dns, &mx->resolver);
    mx->resolver.cache = mx->store == NULL ? NULL : &mx->cache;
    return mx->job->mx_save_snapshot == NULL ? PS_OK : ps_domains_keep_servers(&mx->domains, err);
}

ps_status ps_mx_open(const ps_job *job, ps_store *store, ps_mx *out, ps_error *err)
{
    *out = (ps_mx){.job = job};
    ps_status status = ps_domains_open(&out->domains, err);

    if (status != PS_OK || job->mx_mode == PS_MX_OFF) return status;
    status = open_cache(out, store, err);
    if (status != PS_OK || job->mx_mode == PS_MX_SNAPSHOT) return status;
    if (job->mx_mode == PS_MX_LIVE) return open_live(out, err);
    ps_domain_cache_resolver(out->store == NULL ? NULL : &out->cache, &out->resolver);
    return PS_OK;
}

void ps_mx_close(ps_mx *mx)
{
    ps_dns_close(mx->dns); // first: it may still be asking, and the cache is its own until then
    ps_domain_store_close(mx->store);
    ps_domains_close(&mx->domains);
    ps_beside_done(&mx->saved);
    *mx = (ps_mx){.job = NULL};
}

static void tell_progress(void *context, const ps_resolver_progress *progress)
{
    enum { NOTE_SIZE = 192 };
    char note[NOTE_SIZE];

    snprintf(note, sizeof note, "%" PRIu64 " asked, %" PRIu64 " unknown, %" PRIu64 " queries/s, slowest %s",
             progress->asked, progress->unknown, progress->queries_per_s, progress->slowest);
    ps_terminal_progress(context, &(ps_progress){.stage = "mx",
                                                 .done = progress->answered + progress->unknown,
                                                 .total = progress->total,
                                                 .note = note});
}

void ps_mx_show_progress(ps_mx *mx, ps_terminal *terminal)
{
    mx->resolver.progress = tell_progress;
    mx->resolver.progress_context = terminal;
}

ps_resolver *ps_mx_resolver(ps_mx *mx)
{
    return mx->resolver.resolve == NULL ? NULL : &mx->resolver;
}

const ps_domain_cache *ps_mx_past(const ps_mx *mx)
{
    return mx->store == NULL ? NULL : &mx->cache;
}

const ps_domains *ps_mx_seen(const ps_mx *mx)
{
    return mx->store == NULL ? NULL : &mx->domains;
}

static const ps_beside_kind snapshot_kind = {
    .what = "snapshot", .key = "mx.save_snapshot", .example = "mx: {save_snapshot: mx.csv}", .mode = 0600};

ps_status ps_mx_save(ps_mx *mx, ps_error *err)
{
    const char *place = mx->job->mx_save_snapshot;

    if (place == NULL || mx->job->mx_mode != PS_MX_LIVE) return PS_OK;
    ps_status status = ps_beside_create(mx->job, &snapshot_kind, place, &mx->saved, err);
    if (status != PS_OK) return status;
    status = ps_snapshot_write(&mx->domains, &(ps_snapshot_file){mx->saved.fd, place}, err);
    return status == PS_OK ? ps_beside_sync(&mx->saved, err) : status;
}

void ps_mx_settle(ps_mx *mx)
{
    ps_error err = {.status = PS_OK};

    if (mx->saved.path[0] == '\0' || ps_beside_settle(&mx->saved, &err) == PS_OK) return;
    ps_log(PS_LOG_WARNING, "the set is published. %s", err.text);
}
