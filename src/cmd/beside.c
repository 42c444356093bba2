#include "cmd/beside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static ps_status refuse_long(const ps_beside_kind *kind, const char *place, ps_error *err)
{
    return ps_error_set(err, PS_USAGE, "The path of the %s '%s' is too long.", kind->what, place);
}

// The output directory is replaced as a whole, and whatever else is in it refused.
ps_status ps_beside_check(const ps_job *job, const ps_beside_kind *kind, const char *place, ps_error *err)
{
    char folder[PATH_MAX], output[PATH_MAX], real[PATH_MAX];
    const char *name = NULL;

    if (!ps_path_split(place, folder, sizeof folder, &name)) return refuse_long(kind, place, err);
    if (realpath(folder, real) == NULL) {
        return ps_error_set(err, PS_CREATE, "Cannot write the %s '%s': %s.", kind->what, place, strerror(errno));
    }
    if (realpath(job->output_directory, output) == NULL || strcmp(real, output) != 0) return PS_OK;
    ps_error_set(err, PS_USAGE, "The %s '%s' would lie in the output directory, which is replaced as a whole.",
                 kind->what, place);
    ps_error_hint(err, "Name another place: %s", kind->example);
    return PS_USAGE;
}

ps_status ps_beside_create(const ps_job *job, const ps_beside_kind *kind, const char *place, ps_beside *out,
                           ps_error *err)
{
    char folder[PATH_MAX];
    const char *name = NULL;

    *out = (ps_beside){.kind = kind, .place = place, .fd = -1};
    ps_status status = ps_beside_check(job, kind, place, err);
    if (status != PS_OK) return status;
    (void)ps_path_split(place, folder, sizeof folder, &name); // it fits, as was checked
    int len = snprintf(out->path, sizeof out->path, "%s/.%s.%ld", folder, name, (long)getpid());
    bool fits = len >= 0 && (size_t)len < sizeof out->path;
    if (fits) out->fd = open(out->path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, kind->mode);
    if (out->fd != -1 && fchmod(out->fd, kind->mode) == 0) return PS_OK;
    if (out->fd == -1) out->path[0] = '\0';
    if (!fits) return refuse_long(kind, place, err);
    ps_error_set(err, PS_CREATE, "Cannot create the %s '%s': %s.", kind->what, place, strerror(errno));
    ps_error_hint(err, "Let this user write the folder, or name another file as `%s`.", kind->key);
    return PS_CREATE;
}

ps_status ps_beside_sync(const ps_beside *file, ps_error *err)
{
    if (fsync(file->fd) == 0) return PS_OK;
    return ps_error_set(err, PS_IO, "Cannot write the %s '%s': %s.", file->kind->what, file->place, strerror(errno));
}

ps_status ps_beside_settle(const ps_beside *file, ps_error *err)
{
    if (rename(file->path, file->place) == 0) return PS_OK;
    return ps_error_set(err, PS_IO, "The %s '%s' could not be put in its place: %s.", file->kind->what, file->place,
                        strerror(errno));
}

void ps_beside_done(ps_beside *file)
{
    if (file->path[0] == '\0') return;
    (void)close(file->fd); // what matters was synced, or is thrown away
    (void)unlink(file->path); // it was renamed, or is thrown away
    file->path[0] = '\0';
}
