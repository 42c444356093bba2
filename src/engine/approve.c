// `presend approve`: a set that a guard kept back is published byte for byte, if nothing that it was made from has
// changed.

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "engine/folder.h"
#include "engine/manifest.h"
#include "engine/published.h"
#include "engine/set.h"

static ps_status load_pending(const ps_folder *folder, json_t **out, ps_error *err)
{
    json_t *root = ps_manifest_load(folder->fresh_fd, PS_PENDING_NAME);

    if (root != NULL) {
        *out = root;
        return PS_OK;
    }
    return ps_error_set(err, PS_INPUT, "'%s/%s' is not readable as presend wrote it.", folder->fresh, PS_PENDING_NAME);
}

static ps_status changed(const char *path, ps_error *err)
{
    ps_error_set(err, PS_INPUT, "'%s' has changed since the set was made.", path);
    ps_error_hint(err, "Run the job again: what you looked at is no longer what would be sent.");
    return PS_INPUT;
}

static ps_status check_origins(const json_t *pending, ps_error *err)
{
    size_t i;
    json_t *item;
    ps_arena arena = {0};
    ps_status status = ps_arena_open(64 << 20, &arena, err);

    if (status != PS_OK) return status;
    json_array_foreach(json_object_get(pending, "made_from"), i, item)
    {
        const char *path = json_string_value(json_object_get(item, "path"));
        const char *was = json_string_value(json_object_get(item, "fingerprint"));
        ps_origin now = {0};
        if (path == NULL || was == NULL) { // a path that is not UTF-8 cannot be named in JSON, so it cannot be checked
            status = changed("A file that the set was made from", err);
            break;
        }
        status = ps_origin_make(path, &arena, &now, err);
        if (status == PS_OK && strcmp(now.fingerprint, was) != 0) status = changed(path, err);
        if (status != PS_OK) break;
    }
    ps_arena_close(&arena);
    return status;
}

static bool is_listed(const json_t *manifest, const char *name)
{
    size_t i;
    json_t *item;

    json_array_foreach(json_object_get(manifest, "files"), i, item)
    {
        const char *listed = json_string_value(json_object_get(item, "name"));
        if (listed != NULL && strcmp(listed, name) == 0) return true;
    }
    return strcmp(name, PS_PENDING_NAME) == 0 || strcmp(name, PS_MANIFEST_NAME) == 0;
}

// What somebody put beside the files of the set is not published with them.
static ps_status check_names(const ps_folder *folder, const json_t *manifest, ps_error *err)
{
    ps_status status = PS_OK;
    int fd = openat(folder->fresh_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd == -1 ? NULL : fdopendir(fd);

    if (list == NULL) {
        if (fd != -1) close(fd);
        return ps_error_set(err, PS_IO, "Cannot read the waiting set '%s'.", folder->fresh);
    }
    for (struct dirent *entry = readdir(list); entry != NULL && status == PS_OK; entry = readdir(list)) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || is_listed(manifest, name)) continue;
        status = ps_error_set(err, PS_INPUT, "'%s' in the waiting set '%s' is not a file that presend wrote there.",
                              name, folder->fresh);
        ps_error_hint(err, "Take it away, and approve again.");
    }
    closedir(list);
    return status;
}

static ps_status check_age(const json_t *pending, const ps_folder *folder, ps_error *err)
{
    if (ps_clock_now_s() < json_integer_value(json_object_get(pending, "approve_before_s"))) return PS_OK;
    ps_error_set(err, PS_GUARD, "The set at '%s' is over 24 hours old.", folder->fresh);
    ps_error_hint(err, "Run the job again: the lists that it was checked against may have grown.");
    return PS_GUARD;
}

static ps_status write_file(int folder_fd, const char *name, const char *text, ps_error *err)
{
    int fd = openat(folder_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd == -1) return ps_error_set(err, PS_CREATE, "Cannot create '%s' in the waiting set.", name);
    ps_status status = ps_file_write(fd, ps_span_of(text), name, err);
    if (status == PS_OK && fsync(fd) != 0) status = ps_error_set(err, PS_IO, "Cannot sync '%s'.", name);
    if (close(fd) != 0 && status == PS_OK) status = ps_error_set(err, PS_IO, "Cannot close '%s'.", name);
    return status;
}

static ps_status write_manifest(const ps_folder *folder, const json_t *manifest, ps_error *err)
{
    char *text = json_dumps(manifest, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    ps_status status = PS_RETRY;

    if (text == NULL) return ps_error_set(err, PS_RETRY, "Not enough memory for the manifest.");
    status = write_file(folder->fresh_fd, PS_MANIFEST_NAME, text, err);
    free(text);
    return status;
}

static ps_status tell_approver(const json_t *pending, const ps_approver *approver, ps_error *err)
{
    const char *metrics = json_string_value(json_object_get(pending, "metrics"));
    ps_published set;

    if (!ps_manifest_read(json_object_get(pending, "manifest"), &set)) return changed(PS_PENDING_NAME, err);
    if (approver == NULL) return PS_OK;
    bool is_path = metrics != NULL && strlen(metrics) < PATH_MAX;
    const ps_waiting waiting = {set.run_id, set.state, is_path ? metrics : ""};
    return approver->prepare(approver->context, &waiting, err);
}

static ps_status publish(ps_folder *folder, const json_t *pending, const ps_approver *approver, ps_error *err)
{
    const json_t *manifest = json_object_get(pending, "manifest");
    ps_status status = check_age(pending, folder, err);

    if (status == PS_OK) status = check_origins(pending, err);
    if (status == PS_OK) status = check_names(folder, manifest, err);
    if (status == PS_OK) status = ps_manifest_check(folder->fresh_fd, folder->fresh, manifest, err);
    if (status == PS_OK) status = tell_approver(pending, approver, err);
    if (status == PS_OK) status = write_manifest(folder, manifest, err);
    if (status == PS_OK) status = ps_folder_publish(folder, PS_MANIFEST_NAME, err);
    // Not before: a stop in between must leave a set that can still be approved. One that stays behind is harmless.
    if (status == PS_OK) unlinkat(folder->fresh_fd, PS_PENDING_NAME, 0);
    return status;
}

ps_status ps_set_approve(const char *directory, const ps_approver *approver, ps_error *err)
{
    ps_folder folder = {.parent_fd = -1, .lock_fd = -1, .fresh_fd = -1};
    json_t *pending = NULL;
    ps_status status = ps_folder_open(directory, &folder, err);

    if (status == PS_OK) status = ps_folder_take_pending(&folder, err);
    if (status == PS_OK) status = load_pending(&folder, &pending, err);
    if (status == PS_OK) status = publish(&folder, pending, approver, err);
    json_decref(pending);
    ps_folder_close(&folder);
    return status;
}
