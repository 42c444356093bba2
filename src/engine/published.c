#include "engine/published.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "engine/folder.h"
#include "engine/manifest.h"

enum { PIECE_BYTES = 64 << 10 };

json_t *ps_manifest_load(int folder_fd, const char *name)
{
    json_error_t why;
    int fd = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd == -1) return NULL;
    json_t *root = json_loadfd(fd, JSON_REJECT_DUPLICATES, &why);
    close(fd);
    if (root == NULL) errno = EINVAL;
    return root;
}

bool ps_manifest_read(const json_t *manifest, ps_published *out)
{
    const char *id = json_string_value(json_object_get(manifest, "run_id"));
    const char *state = json_string_value(json_object_get(manifest, "state"));

    if (id == NULL || strlen(id) >= sizeof out->run_id) return false;
    if (state != NULL && strlen(state) >= sizeof out->state) return false;
    snprintf(out->run_id, sizeof out->run_id, "%s", id);
    snprintf(out->state, sizeof out->state, "%s", state == NULL ? "" : state);
    return true;
}

static ps_status changed(const char *folder, const char *name, ps_error *err)
{
    ps_error_set(err, PS_INPUT, "'%s/%s' has changed since the set was made.", folder, name);
    ps_error_hint(err, "Run the job again: what is in the set is not what presend wrote.");
    return PS_INPUT;
}

static ps_status digest_of(int folder_fd, const char *folder, const char *name, char out[65], ps_error *err)
{
    char piece[PIECE_BYTES];
    size_t len = 0;
    ps_sha256 *digest = NULL;
    int fd = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd == -1) return ps_error_set(err, PS_INPUT, "'%s' is missing from the set in '%s'.", name, folder);
    ps_status status = ps_sha256_new(&digest, err);
    while (status == PS_OK) {
        status = ps_file_read(fd, piece, sizeof piece, name, &len, err);
        if (status != PS_OK || len == 0) break;
        ps_sha256_add(digest, (ps_span){piece, len});
    }
    if (status == PS_OK) ps_sha256_hex(digest, out);
    ps_sha256_free(digest);
    close(fd);
    return status;
}

ps_status ps_manifest_check(int folder_fd, const char *folder, const json_t *manifest, ps_error *err)
{
    size_t i;
    json_t *item;
    const json_t *files = json_object_get(manifest, "files");

    if (!json_is_array(files)) return changed(folder, PS_MANIFEST_NAME, err);
    json_array_foreach(files, i, item)
    {
        const char *name = json_string_value(json_object_get(item, "name"));
        const char *was = json_string_value(json_object_get(item, "sha256"));
        char now[65];
        if (name == NULL || was == NULL || !ps_folder_owns(name)) return changed(folder, PS_MANIFEST_NAME, err);
        ps_status status = digest_of(folder_fd, folder, name, now, err);
        if (status != PS_OK) return status;
        if (strcmp(now, was) != 0) return changed(folder, name, err);
    }
    return PS_OK;
}

static ps_status no_set(const char *directory, ps_error *err)
{
    ps_error_set(err, PS_MISSING, "No published set stands in '%s': there is no manifest.json that can be read.",
                 directory);
    ps_error_hint(err,
                  "Name the output directory of a run. A set in '%s.pending' is published by `presend approve %s`.",
                  directory, directory);
    return PS_MISSING;
}

ps_status ps_published_read(const char *directory, ps_published *out, ps_error *err)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    json_t *manifest = fd == -1 ? NULL : ps_manifest_load(fd, PS_MANIFEST_NAME);
    ps_status status = PS_OK;

    if (manifest == NULL || !ps_manifest_read(manifest, out)) {
        status = no_set(directory, err);
    } else {
        status = ps_manifest_check(fd, directory, manifest, err);
    }
    json_decref(manifest);
    if (fd != -1) close(fd);
    return status;
}

static ps_found find_run(const char *directory, const char *name, const char *member, char out[37])
{
    ps_published found;
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd == -1) return errno == ENOENT || errno == ENOTDIR ? PS_FOUND_NONE : PS_FOUND_UNREADABLE;
    errno = 0;
    json_t *root = ps_manifest_load(fd, name);
    ps_found result = root == NULL && errno == ENOENT ? PS_FOUND_NONE : PS_FOUND_UNREADABLE;
    if (ps_manifest_read(member == NULL ? root : json_object_get(root, member), &found)) {
        result = PS_FOUND_RUN;
        snprintf(out, 37, "%s", found.run_id);
    }
    json_decref(root);
    close(fd);
    return result;
}

ps_found ps_published_run(const char *directory, char out[37])
{
    return find_run(directory, PS_MANIFEST_NAME, NULL, out);
}

ps_found ps_pending_run(const char *directory, char out[37])
{
    char pending[PATH_MAX];

    if (snprintf(pending, sizeof pending, "%s.pending", directory) >= (int)sizeof pending) return PS_FOUND_NONE;
    return find_run(pending, PS_PENDING_NAME, "manifest", out);
}
