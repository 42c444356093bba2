#include "engine/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "presend/span.h"

enum { FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

// What stands in for the manifest while a set is replaced file by file: it marks the directory as presend's own.
#define REPLACING "manifest.replacing"

static const char *const own_files[] = {
    "clean.csv",           "clean.csv.gz",
    "clean.csv.zst",       "unsuppressed.csv",
    "unsuppressed.csv.gz", "unsuppressed.csv.zst",
    "winback.csv",         "winback.csv.gz",
    "winback.csv.zst",     "held.csv",
    "held.csv.gz",         "held.csv.zst",
    "removed.csv",         "removed.csv.gz",
    "removed.csv.zst",     "report.json",
    "report.html",         "manifest.json",
    "pending.json",        REPLACING,
};

static const char *const marks[] = {"manifest.json", "pending.json", REPLACING};

bool ps_folder_owns(const char *name)
{
    for (size_t i = 0; i < PS_COUNT_OF(own_files); i++) {
        if (strcmp(name, own_files[i]) == 0) return true;
    }
    return false;
}

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

// A name beside the output directory: `.NAME.presend.` and `end`.
static bool name_beside(const ps_folder *folder, const char *end, char out[NAME_MAX + 1])
{
    int len = snprintf(out, NAME_MAX + 1, ".%s.presend.%s", folder->name, end);
    return len > 0 && len <= NAME_MAX;
}

// The files of one folder, then the folder: presend's folders hold no folders.
static void remove_folder(int parent_fd, const char *name)
{
    int fd = openat(parent_fd, name, FOLDER_FLAGS);
    DIR *list = fd == -1 ? NULL : fdopendir(fd);

    if (list == NULL) {
        if (fd != -1) close(fd);
        return;
    }
    for (struct dirent *entry = readdir(list); entry != NULL; entry = readdir(list)) {
        if (!is_dot(entry->d_name)) unlinkat(fd, entry->d_name, 0);
    }
    closedir(list);
    unlinkat(parent_fd, name, AT_REMOVEDIR);
}

// Under the lock nobody else fills a folder, so every one that stands belongs to a dead run.
static void remove_leftovers(const ps_folder *folder, const char *lock_name)
{
    char prefix[NAME_MAX + 1];
    int fd = openat(folder->parent_fd, ".", FOLDER_FLAGS);
    DIR *list = fd == -1 ? NULL : fdopendir(fd);

    if (list == NULL || !name_beside(folder, "", prefix)) goto done;
    for (struct dirent *entry = readdir(list); entry != NULL; entry = readdir(list)) {
        bool ours = strncmp(entry->d_name, prefix, strlen(prefix)) == 0 && strcmp(entry->d_name, lock_name) != 0;
        if (ours) remove_folder(folder->parent_fd, entry->d_name);
    }
done:
    if (list != NULL) closedir(list);
    if (list == NULL && fd != -1) close(fd);
}

static ps_status locked_by_other(const ps_folder *folder, ps_error *err)
{
    char holder[32] = "";
    ssize_t len = pread(folder->lock_fd, holder, sizeof holder - 1, 0);

    if (len > 0) holder[strcspn(holder, "\n")] = '\0';
    ps_error_set(err, PS_RETRY, "Another run of presend is writing to '%s' (process %s).", folder->path,
                 len > 0 ? holder : "unknown");
    ps_error_hint(err, "Wait until it has ended, or give this run another output directory.");
    return PS_RETRY;
}

static ps_status take_lock(ps_folder *folder, const char *lock_name, ps_error *err)
{
    int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;

    folder->lock_fd = openat(folder->parent_fd, lock_name, flags, 0600);
    if (folder->lock_fd == -1) {
        return ps_error_set(err, PS_CREATE, "Cannot create the lock file '%s/%s': %s.", folder->parent, lock_name,
                            strerror(errno));
    }
    if (flock(folder->lock_fd, LOCK_EX | LOCK_NB) != 0) return locked_by_other(folder, err);

    char pid[32];
    int len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    // The number only serves the message above; the lock itself is the kernel's.
    if (ftruncate(folder->lock_fd, 0) == 0) (void)!pwrite(folder->lock_fd, pid, (size_t)len, 0);
    return PS_OK;
}

static bool is_mark(const char *name)
{
    for (size_t i = 0; i < PS_COUNT_OF(marks); i++) {
        if (strcmp(name, marks[i]) == 0) return true;
    }
    return false;
}

static ps_status not_ours(const ps_folder *folder, const char *name, ps_error *err)
{
    ps_error_set(err, PS_USAGE, "'%s' holds '%s', which is not part of a set that presend wrote.", folder->path, name);
    ps_error_hint(err,
                  "The output directory is presend's own and is replaced as a whole: name one that is new or empty.");
    return PS_USAGE;
}

// A directory that presend may replace is empty, or holds a set of its own and nothing else.
static ps_status check_content(const ps_folder *folder, int fd, ps_error *err)
{
    ps_status status = PS_OK;
    bool marked = false;
    char first[NAME_MAX + 1] = "";
    DIR *list = fdopendir(fd);

    if (list == NULL) {
        close(fd);
        return ps_error_set(err, PS_CREATE, "Cannot read '%s': %s.", folder->path, strerror(errno));
    }
    for (struct dirent *entry = readdir(list); entry != NULL && status == PS_OK; entry = readdir(list)) {
        if (is_dot(entry->d_name)) continue;
        marked = marked || is_mark(entry->d_name);
        if (!ps_folder_owns(entry->d_name)) status = not_ours(folder, entry->d_name, err);
        if (first[0] == '\0') snprintf(first, sizeof first, "%s", entry->d_name);
    }
    closedir(list);
    if (status == PS_OK && first[0] != '\0' && !marked) status = not_ours(folder, first, err);
    return status;
}

static ps_status check_directory(const ps_folder *folder, ps_error *err)
{
    int fd = openat(folder->parent_fd, folder->name, FOLDER_FLAGS);

    if (fd != -1) return check_content(folder, fd, err);
    if (errno == ENOENT) return PS_OK;
    bool kind = errno == ENOTDIR || errno == ELOOP;
    ps_error_set(err, kind ? PS_USAGE : PS_CREATE, "'%s' is no directory that presend can write to: %s.", folder->path,
                 kind ? "it is a file or a symbolic link" : strerror(errno));
    ps_error_hint(err, "Name a directory that is new, empty, or holds an earlier set.");
    return kind ? PS_USAGE : PS_CREATE;
}

static ps_status take_path(const char *path, ps_folder *folder, ps_error *err)
{
    const char *name = NULL;
    size_t len = strlen(path);

    while (len > 1 && path[len - 1] == '/')
        len--;
    bool fits = len > 0 && len < sizeof folder->path;
    if (fits) {
        memcpy(folder->path, path, len);
        fits = ps_path_split(folder->path, folder->parent, sizeof folder->parent, &name) && strlen(name) <= NAME_MAX;
    }
    if (!fits || name[0] == '\0' || name[0] == '/' || is_dot(name)) {
        ps_error_set(err, PS_USAGE, "'%s' cannot be an output directory.", path);
        ps_error_hint(err, "Name a directory of its own, such as `out`.");
        return PS_USAGE;
    }
    snprintf(folder->name, sizeof folder->name, "%s", name);
    return PS_OK;
}

static ps_status open_parent(ps_folder *folder, ps_error *err)
{
    folder->parent_fd = open(folder->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->parent_fd != -1) return PS_OK;
    ps_error_set(err, PS_CREATE, "Cannot write to '%s': %s.", folder->parent, strerror(errno));
    ps_error_hint(err, "The folder that holds the output directory must exist and be writable.");
    return PS_CREATE;
}

ps_status ps_folder_open(const char *path, ps_folder *out, ps_error *err)
{
    ps_status status = PS_OK;
    char lock_name[NAME_MAX + 1];

    *out = (ps_folder){.parent_fd = -1, .lock_fd = -1, .fresh_fd = -1};
    if ((status = take_path(path, out, err)) != PS_OK) goto done;
    if (!name_beside(out, "lock", lock_name)) {
        status = ps_error_set(err, PS_USAGE, "The name of the output directory '%s' is too long.", path);
        goto done;
    }
    if ((status = open_parent(out, err)) != PS_OK) goto done;
    if ((status = take_lock(out, lock_name, err)) != PS_OK) goto done;
    remove_leftovers(out, lock_name);
    status = check_directory(out, err);
done:
    if (status != PS_OK) ps_folder_close(out);
    return status;
}

static ps_status fresh_name(ps_folder *folder, ps_error *err)
{
    uint64_t random = 0;
    char end[17];

    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) {
        return ps_error_set(err, PS_RETRY, "The system gives no random numbers: %s.", strerror(errno));
    }
    snprintf(end, sizeof end, "%016llx", (unsigned long long)random);
    if (name_beside(folder, end, folder->fresh)) return PS_OK;
    return ps_error_set(err, PS_USAGE, "The name of the output directory '%s' is too long.", folder->path);
}

// Asked of the file system itself, with a second folder that is gone again at once.
static bool can_exchange(const ps_folder *folder)
{
    char probe[NAME_MAX + 1];

    if (!name_beside(folder, "probe", probe) || mkdirat(folder->parent_fd, probe, 0700) != 0) return false;
    bool can = renameat2(folder->parent_fd, probe, folder->parent_fd, folder->fresh, RENAME_EXCHANGE) == 0;
    unlinkat(folder->parent_fd, probe, AT_REMOVEDIR);
    return can;
}

ps_status ps_folder_make_fresh(ps_folder *folder, ps_error *err)
{
    ps_status status = fresh_name(folder, err);

    if (status != PS_OK) return status;
    if (mkdirat(folder->parent_fd, folder->fresh, 0700) != 0) {
        folder->fresh[0] = '\0';
        ps_error_set(err, PS_CREATE, "Cannot create a folder in '%s': %s.", folder->parent, strerror(errno));
        ps_error_hint(err, "presend fills a fresh folder beside the output directory and exchanges the two.");
        return PS_CREATE;
    }
    folder->drop_fresh = true;
    folder->exchanges = can_exchange(folder);
    folder->fresh_fd = openat(folder->parent_fd, folder->fresh, FOLDER_FLAGS);
    if (folder->fresh_fd == -1) {
        return ps_error_set(err, PS_CREATE, "Cannot open the fresh folder in '%s': %s.", folder->parent,
                            strerror(errno));
    }
    return PS_OK;
}

static ps_status sync_folder(int fd, const char *what, ps_error *err)
{
    if (fsync(fd) == 0) return PS_OK;
    return ps_error_set(err, PS_IO, "Cannot sync the folder '%s': %s.", what, strerror(errno));
}

// The new set stands already, and the run is not told as published: the next one sees by its manifest that it was.
static ps_status sync_published(const ps_folder *folder, int fd, const char *what, ps_error *err)
{
    ps_status status = sync_folder(fd, what, err);

    if (status != PS_OK)
        ps_error_hint(err,
                      "The new set is in place at '%s', whole, but a loss of power may undo that. See to the disk, and "
                      "run again.",
                      folder->path);
    return status;
}

static ps_status publish_failed(const ps_folder *folder, ps_error *err)
{
    return ps_error_set(err, PS_IO, "Cannot put the new set in place at '%s': %s.", folder->path, strerror(errno));
}

// Each file renamed over the old one while no manifest stands: a reader that honours the manifest sees no set in
// between.
static ps_status replace_files(ps_folder *folder, int old_fd, const char *manifest, ps_error *err)
{
    if (renameat(old_fd, "manifest.json", old_fd, REPLACING) != 0 && errno != ENOENT)
        return publish_failed(folder, err);
    ps_status status = sync_folder(old_fd, folder->path, err);
    for (size_t i = 0; i < PS_COUNT_OF(own_files) && status == PS_OK; i++) {
        const char *name = own_files[i];
        if (strcmp(name, manifest) == 0 || strcmp(name, REPLACING) == 0) continue;
        if (renameat(folder->fresh_fd, name, old_fd, name) == 0) continue;
        if (errno != ENOENT) return publish_failed(folder, err);
        unlinkat(old_fd, name, 0); // the new set has no such file
    }
    if (status != PS_OK || (status = sync_folder(old_fd, folder->path, err)) != PS_OK) return status;
    if (renameat(folder->fresh_fd, manifest, old_fd, manifest) != 0) return publish_failed(folder, err);
    unlinkat(old_fd, REPLACING, 0);
    return sync_published(folder, old_fd, folder->path, err);
}

static ps_status replace_old(ps_folder *folder, const char *manifest, ps_error *err)
{
    if (folder->exchanges) {
        unsigned flags = RENAME_EXCHANGE;
        if (renameat2(folder->parent_fd, folder->fresh, folder->parent_fd, folder->name, flags) == 0) return PS_OK;
        return publish_failed(folder, err);
    }
    int old_fd = openat(folder->parent_fd, folder->name, FOLDER_FLAGS);
    if (old_fd == -1) return publish_failed(folder, err);
    ps_status status = replace_files(folder, old_fd, manifest, err);
    close(old_fd);
    return status;
}

ps_status ps_folder_publish(ps_folder *folder, const char *manifest, ps_error *err)
{
    struct stat old;
    ps_status status = sync_folder(folder->fresh_fd, folder->path, err);

    if (status != PS_OK) return status;
    if (fstatat(folder->parent_fd, folder->name, &old, AT_SYMLINK_NOFOLLOW) == 0) {
        status = replace_old(folder, manifest, err);
    } else if (renameat(folder->parent_fd, folder->fresh, folder->parent_fd, folder->name) != 0) {
        status = publish_failed(folder, err);
    }
    if (status != PS_OK) return status;
    folder->drop_fresh = true;
    return sync_published(folder, folder->parent_fd, folder->parent, err);
}

static bool pending_name(const ps_folder *folder, char out[NAME_MAX + 1])
{
    int len = snprintf(out, NAME_MAX + 1, "%s.pending", folder->name);
    return len > 0 && len <= NAME_MAX;
}

void ps_folder_drop_pending(ps_folder *folder)
{
    char pending[NAME_MAX + 1];

    if (pending_name(folder, pending)) remove_folder(folder->parent_fd, pending);
}

ps_status ps_folder_keep_pending(ps_folder *folder, ps_error *err)
{
    char pending[NAME_MAX + 1];
    ps_status status = sync_folder(folder->fresh_fd, folder->path, err);

    if (status != PS_OK) return status;
    if (!pending_name(folder, pending)) {
        return ps_error_set(err, PS_USAGE, "The name of the output directory '%s' is too long.", folder->path);
    }
    remove_folder(folder->parent_fd, pending);
    if (renameat(folder->parent_fd, folder->fresh, folder->parent_fd, pending) != 0) {
        return ps_error_set(err, PS_IO, "Cannot keep the set at '%s.pending': %s.", folder->path, strerror(errno));
    }
    folder->drop_fresh = false;
    return sync_folder(folder->parent_fd, folder->parent, err);
}

ps_status ps_folder_take_pending(ps_folder *folder, ps_error *err)
{
    if (!pending_name(folder, folder->fresh)) folder->fresh[0] = '\0';
    folder->fresh_fd = openat(folder->parent_fd, folder->fresh, FOLDER_FLAGS);
    if (folder->fresh_fd != -1) {
        folder->exchanges =
            true; // it was put there by a rename; should exchanging fail all the same, nothing has changed
        return PS_OK;
    }
    folder->fresh[0] = '\0';
    ps_error_set(err, PS_MISSING, "No set waits at '%s.pending'.", folder->path);
    ps_error_hint(err, "`presend approve` publishes a set that a guard kept back; run the job first.");
    return PS_MISSING;
}

void ps_folder_close(ps_folder *folder)
{
    if (folder->fresh_fd != -1) close(folder->fresh_fd);
    if (folder->drop_fresh) remove_folder(folder->parent_fd, folder->fresh);
    if (folder->lock_fd != -1) close(folder->lock_fd);
    if (folder->parent_fd != -1) close(folder->parent_fd);
    *folder = (ps_folder){.parent_fd = -1, .lock_fd = -1, .fresh_fd = -1};
}
