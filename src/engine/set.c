#include "engine/set.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "engine/folder.h"
#include "engine/manifest.h"

enum { SET_FILES_MAX = 16 };

struct ps_set_file {
    int fd;
    uint64_t size_bytes;
    _Atomic uint64_t written_bytes; // a piece that nobody wrote could be a hole in a file of the right size
    ps_sha256 *digest;
    ps_run_output *entry; // where the set notes it
    char path[PATH_MAX + 32]; // for messages
    char name[32];
};

struct ps_set {
    ps_folder folder;
    char fresh_path[PATH_MAX];
    char names[SET_FILES_MAX][32];
    ps_run_output files[SET_FILES_MAX];
    size_t files_count;
};

ps_status ps_set_open(const char *directory, ps_set **out, ps_error *err)
{
    ps_set *set = ps_memory_new(1, sizeof *set, err);

    if (set == NULL) return PS_RETRY;
    ps_status status = ps_folder_open(directory, &set->folder, err);
    if (status == PS_OK) status = ps_folder_make_fresh(&set->folder, err);
    if (status == PS_OK && !ps_path_join(set->folder.parent, set->folder.fresh, set->fresh_path, PATH_MAX)) {
        status = ps_error_set(err, PS_USAGE, "The path of the output directory '%s' is too long.", directory);
    }
    if (status == PS_OK) {
        *out = set;
    } else {
        ps_set_close(set);
    }
    return status;
}

void ps_set_close(ps_set *set)
{
    if (set == NULL) return;
    ps_folder_close(&set->folder);
    ps_memory_free(set);
}

const char *ps_set_folder(const ps_set *set)
{
    return set->fresh_path;
}

bool ps_set_exchanges(const ps_set *set)
{
    return set->folder.exchanges;
}

static void free_file(ps_set_file *file)
{
    if (file == NULL) return;
    if (file->fd != -1) close(file->fd);
    ps_sha256_free(file->digest);
    ps_memory_free(file);
}

ps_status ps_set_create(ps_set *set, const char *name, ps_set_file **out, ps_error *err)
{
    ps_set_file *file = NULL;
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    ps_status status = PS_RETRY;

    if (set->files_count == SET_FILES_MAX || strlen(name) >= sizeof set->names[0]) {
        return ps_error_set(err, PS_BUG, "The set has no place for '%s'.", name);
    }
    if ((file = ps_memory_new(1, sizeof *file, err)) == NULL) return PS_RETRY;
    file->fd = -1;
    if ((status = ps_sha256_new(&file->digest, err)) != PS_OK) goto done;
    snprintf(file->name, sizeof file->name, "%s", name);
    snprintf(file->path, sizeof file->path, "%s/%s", set->folder.path, name);
    file->fd = openat(set->folder.fresh_fd, name, flags, 0600);
    if (file->fd == -1) {
        status = ps_error_set(err, PS_CREATE, "Cannot create '%s': %s.", file->path, strerror(errno));
        goto done;
    }
    snprintf(set->names[set->files_count], sizeof set->names[0], "%s", name);
    file->entry = &set->files[set->files_count];
    *file->entry = (ps_run_output){.name = set->names[set->files_count]};
    set->files_count++;
    *out = file;
done:
    if (status != PS_OK) free_file(file);
    return status;
}

uint64_t ps_set_place(ps_set_file *file, size_t len)
{
    uint64_t offset = file->size_bytes;

    file->size_bytes += len;
    return offset;
}

ps_status ps_set_write_at(ps_set_file *file, ps_span bytes, uint64_t offset, ps_error *err)
{
    atomic_fetch_add_explicit(&file->written_bytes, bytes.len, memory_order_relaxed);
    return ps_file_write_at(file->fd, bytes, offset, file->path, err);
}

void ps_set_digest(ps_set_file *file, ps_span bytes)
{
    ps_sha256_add(file->digest, bytes);
}

ps_status ps_set_write(ps_set_file *file, ps_span bytes, ps_error *err)
{
    ps_status status = ps_set_write_at(file, bytes, ps_set_place(file, bytes.len), err);

    if (status == PS_OK) ps_set_digest(file, bytes);
    return status;
}

// An fsync that failed once has failed for good: the pages may be gone, so nothing is tried again.
static ps_status finish_file(ps_set_file *file, ps_error *err)
{
    struct stat state;
    ps_status status = PS_OK;
    uint64_t size = file->size_bytes;

    if (fstat(file->fd, &state) != 0 || (uint64_t)state.st_size != size || atomic_load(&file->written_bytes) != size) {
        status = ps_error_set(err, PS_IO, "'%s' does not hold what was written to it.", file->path);
    } else if (fsync(file->fd) != 0) {
        status = ps_error_set(err, PS_IO, "Cannot sync '%s': %s.", file->path, strerror(errno));
    }
    if (close(file->fd) != 0 && status == PS_OK) {
        status = ps_error_set(err, PS_IO, "Cannot close '%s': %s.", file->path, strerror(errno));
    }
    file->fd = -1;
    return status;
}

ps_status ps_set_close_file(ps_set_file *file, uint64_t rows, ps_run_output *out, ps_error *err)
{
    ps_status status = finish_file(file, err);

    file->entry->rows = rows;
    file->entry->size_bytes = file->size_bytes;
    ps_sha256_hex(file->digest, file->entry->sha256);
    if (status == PS_OK && out != NULL) *out = *file->entry;
    free_file(file);
    return status;
}

void ps_set_drop_file(ps_set_file *file)
{
    free_file(file);
}

ps_status ps_set_put(ps_set *set, const char *name, ps_span bytes, ps_error *err)
{
    ps_set_file *file = NULL;
    ps_status status = ps_set_create(set, name, &file, err);

    if (status != PS_OK) return status;
    status = ps_set_write(file, bytes, err);
    if (status == PS_OK) return ps_set_close_file(file, 0, NULL, err);
    free_file(file);
    return status;
}

static ps_status put_manifest(ps_set *set, const ps_run *run, ps_error *err)
{
    ps_manifest manifest = {.run = run, .files = set->files, .files_count = set->files_count};
    ps_buf text;

    ps_buf_init(&text, 1 << 20);
    ps_status status = ps_manifest_write(&manifest, &text, err);
    if (status == PS_OK) status = ps_set_put(set, PS_MANIFEST_NAME, ps_buf_span(&text), err);
    ps_buf_done(&text);
    return status;
}

ps_status ps_set_publish(ps_set *set, const ps_run *run, ps_error *err)
{
    ps_status status = put_manifest(set, run, err);

    if (status == PS_OK) status = ps_folder_publish(&set->folder, PS_MANIFEST_NAME, err);
    if (status == PS_OK) ps_folder_drop_pending(&set->folder);
    return status;
}

// Every file that the set was made from; standard input cannot change afterwards.
static ps_status gather_origins(const ps_run *run, ps_arena *arena, ps_manifest *out, ps_error *err)
{
    const ps_job *job = run->job;
    size_t max = job->recipients_count + job->activity_count + job->sources_count + job->included_count + 2;
    size_t count = 0;
    const char **paths = ps_arena_take(arena, max * sizeof *paths);
    ps_origin *origins = ps_arena_take(arena, max * sizeof *origins);

    for (size_t i = 0; i < job->recipients_count; i++)
        paths[count++] = job->recipients[i].file;
    for (size_t i = 0; i < job->activity_count; i++)
        paths[count++] = job->activity[i].table.file;
    for (size_t i = 0; i < job->sources_count; i++) {
        if (ps_source_is_file(&job->sources[i])) paths[count++] = job->sources[i].file;
    }
    if (ps_job_reads_snapshot(job)) paths[count++] = job->mx_snapshot;
    if (job->job_file != NULL) paths[count++] = job->job_file;
    for (size_t i = 0; i < job->included_count; i++)
        paths[count++] = job->included[i];
    for (size_t i = 0; i < count; i++) {
        if (strcmp(paths[i], "-") == 0) continue;
        ps_origin *origin = &origins[out->origins_count];
        ps_status status = ps_origin_make(paths[i], arena, origin, err);
        if (status != PS_OK) return status;
        out->origins_count++;
    }
    out->origins = origins;
    return PS_OK;
}

ps_status ps_set_keep_pending(ps_set *set, const ps_run *run, ps_error *err)
{
    ps_manifest manifest = {.run = run, .files = set->files, .files_count = set->files_count};
    ps_arena arena = {0};
    ps_buf text;

    ps_buf_init(&text, 4 << 20);
    ps_status status = ps_arena_open(64 << 20, &arena, err);
    if (status == PS_OK) status = gather_origins(run, &arena, &manifest, err);
    if (status == PS_OK) status = ps_manifest_write_pending(&manifest, &text, err);
    if (status == PS_OK) status = ps_set_put(set, PS_PENDING_NAME, ps_buf_span(&text), err);
    if (status == PS_OK) status = ps_folder_keep_pending(&set->folder, err);
    ps_buf_done(&text);
    ps_arena_close(&arena);
    return status;
}
