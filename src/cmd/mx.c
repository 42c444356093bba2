#include "cmd/mx.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

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
    *out = (ps_mx){.job = job, .saved_fd = -1};
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
    if (mx->saved[0] != '\0') {
        (void)close(mx->saved_fd); // what matters was synced, or is thrown away
        (void)unlink(mx->saved); // it was renamed, or is thrown away
    }
    *mx = (ps_mx){.saved_fd = -1};
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

// The output directory is replaced as a whole, and whatever else is in it refused.
static ps_status refuse_own_output(const ps_mx *mx, const char *folder, ps_error *err)
{
    char output[PATH_MAX], real[PATH_MAX];
    const char *path = mx->job->mx_save_snapshot;

    if (realpath(folder, real) == NULL) {
        return ps_error_set(err, PS_CREATE, "Cannot write the snapshot '%s': %s.", path, strerror(errno));
    }
    if (realpath(mx->job->output_directory, output) == NULL || strcmp(real, output) != 0) return PS_OK;
    ps_error_set(err, PS_USAGE, "The snapshot '%s' would lie in the output directory, which is replaced as a whole.",
                 path);
    ps_error_hint(err, "Name another place: mx: {save_snapshot: mx.csv}");
    return PS_USAGE;
}

// Beside its place, so that a rename brings it there whole.
static ps_status create_saved(ps_mx *mx, ps_error *err)
{
    char folder[PATH_MAX], path[PATH_MAX];
    const char *name = NULL, *place = mx->job->mx_save_snapshot;
    bool fits = ps_path_split(place, folder, sizeof folder, &name);

    if (!fits) return ps_error_set(err, PS_USAGE, "The path of the snapshot '%s' is too long.", place);
    ps_status status = refuse_own_output(mx, folder, err);
    if (status != PS_OK) return status;
    int len = snprintf(path, sizeof path, "%s/.%s.%ld", folder, name, (long)getpid());
    if (len < 0 || (size_t)len >= sizeof path) {
        return ps_error_set(err, PS_USAGE, "The path of the snapshot '%s' is too long.", place);
    }
    mx->saved_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (mx->saved_fd == -1) {
        ps_error_set(err, PS_CREATE, "Cannot create the snapshot '%s': %s.", place, strerror(errno));
        ps_error_hint(err, "Let this user write the folder, or name another file as `mx.save_snapshot`.");
        return PS_CREATE;
    }
    memcpy(mx->saved, path, (size_t)len + 1);
    return PS_OK;
}

ps_status ps_mx_save(ps_mx *mx, ps_error *err)
{
    const char *place = mx->job->mx_save_snapshot;

    if (place == NULL || mx->job->mx_mode != PS_MX_LIVE) return PS_OK;
    ps_status status = create_saved(mx, err);
    if (status != PS_OK) return status;
    status = ps_snapshot_write(&mx->domains, &(ps_snapshot_file){mx->saved_fd, place}, err);
    if (status != PS_OK || fsync(mx->saved_fd) == 0) return status;
    return ps_error_set(err, PS_IO, "Cannot write the snapshot '%s': %s.", place, strerror(errno));
}

void ps_mx_settle(ps_mx *mx)
{
    if (mx->saved[0] == '\0' || rename(mx->saved, mx->job->mx_save_snapshot) == 0) return;
    ps_log(PS_LOG_WARNING, "the set is published, but the snapshot '%s' could not be put in its place: %s",
           mx->job->mx_save_snapshot, strerror(errno));
}
