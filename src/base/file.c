#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

enum { SHOWN_BYTES_MAX = 1024, READ_BYTES = 64 << 10 };

// A path as a message shows it.
typedef struct shown_path {
    ps_buf buf;
} shown_path;

static const char *show(shown_path *shown, const char *path)
{
    ps_span span = ps_span_of(path);

    ps_buf_init(&shown->buf, SHOWN_BYTES_MAX);
    ps_add_visible(&shown->buf, span);
    return shown->buf.failed ? "(a path too long to show)" : ps_buf_text(&shown->buf);
}

// PS_OK is never among them: `what` failed for the reason in errno.
static ps_status system_error(ps_status status, const char *what, const char *path, ps_error *err)
{
    int number = errno;
    shown_path shown;

    ps_error_set(err, status, "'%s' could not be %s: %s.", show(&shown, path), what, strerrordesc_np(number));
    ps_buf_done(&shown.buf);
    if (number == ENOSPC || number == EDQUOT) ps_error_hint(err, "Free some space on that disk, then run again.");
    return status;
}

static ps_status wrong_kind(ps_status status, const char *kind, const char *path, ps_error *err)
{
    shown_path shown;

    ps_error_set(err, status, "'%s' is %s, not a file that can be read.", show(&shown, path), kind);
    ps_buf_done(&shown.buf);
    return status;
}

static ps_status check_kind(int fd, const char *path, bool allow_pipe, ps_status missing, ps_error *err)
{
    struct stat info;

    if (fstat(fd, &info) != 0) return system_error(missing, "examined", path, err);
    if (S_ISDIR(info.st_mode)) return wrong_kind(missing, "a folder", path, err);
    if (!S_ISREG(info.st_mode) && !allow_pipe) return wrong_kind(missing, "a pipe or a device", path, err);
    return PS_OK;
}

static int open_path(const char *path, bool allow_pipe)
{
    if (allow_pipe && strcmp(path, "-") == 0) return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);

    // A named pipe without a writer would make open() wait for ever where a pipe is not even wanted.
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | (allow_pipe ? 0 : O_NONBLOCK);
    int fd;
    do {
        fd = open(path, flags);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

ps_status ps_file_open(const char *path, bool allow_pipe, ps_status missing, int *out_fd, ps_error *err)
{
    int fd = open_path(path, allow_pipe);

    if (fd < 0) return system_error(missing, "opened", path, err);
    ps_status status = check_kind(fd, path, allow_pipe, missing, err);
    if (status != PS_OK) {
        close(fd); // nothing was written, so nothing can be lost
        return status;
    }
    *out_fd = fd;
    return PS_OK;
}

// Whether the call that just failed is to be made again, after waiting for `events` where a pipe does not block.
static bool again(int fd, short events)
{
    if (errno == EINTR) return true;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
    struct pollfd wait = {.fd = fd, .events = events};
    return poll(&wait, 1, -1) >= 0 || errno == EINTR;
}

ps_status ps_file_read(int fd, void *bytes, size_t size, const char *path, size_t *out_len, ps_error *err)
{
    size_t len = 0;

    while (len < size) {
        ssize_t step = read(fd, (char *)bytes + len, size - len);
        if (step == 0) break;
        if (step > 0) {
            len += (size_t)step;
        } else if (!again(fd, POLLIN)) {
            return system_error(PS_IO, "read", path, err);
        }
    }
    *out_len = len;
    return PS_OK;
}

ps_status ps_file_read_at(int fd, uint64_t offset, void *bytes, size_t *len, const char *path, ps_error *err)
{
    size_t have = 0;

    while (have < *len) {
        ssize_t step = pread(fd, (char *)bytes + have, *len - have, (off_t)(offset + have));
        if (step == 0) break;
        if (step > 0) {
            have += (size_t)step;
        } else if (!again(fd, POLLIN)) {
            return system_error(PS_IO, "read", path, err);
        }
    }
    *len = have;
    return PS_OK;
}

ps_status ps_file_write(int fd, ps_span bytes, const char *path, ps_error *err)
{
    size_t len = 0;

    while (len < bytes.len) {
        ssize_t step = write(fd, bytes.bytes + len, bytes.len - len);
        if (step >= 0) {
            len += (size_t)step;
        } else if (!again(fd, POLLOUT)) {
            return system_error(PS_IO, "written", path, err);
        }
    }
    return PS_OK;
}

ps_status ps_file_write_at(int fd, ps_span bytes, uint64_t offset, const char *path, ps_error *err)
{
    size_t len = 0;

    while (len < bytes.len) {
        ssize_t step = pwrite(fd, bytes.bytes + len, bytes.len - len, (off_t)(offset + len));
        if (step >= 0) {
            len += (size_t)step;
        } else if (!again(fd, POLLOUT)) {
            return system_error(PS_IO, "written", path, err);
        }
    }
    return PS_OK;
}

static ps_status too_big(const char *path, ps_status missing, const ps_buf *out, ps_error *err)
{
    ps_status status = missing == PS_SOURCE || missing == PS_CONFIG ? missing : PS_INPUT;
    shown_path shown;

    ps_error_set(err, status, "'%s' is larger than the %zu bytes that such a file may have.", show(&shown, path),
                 out->max);
    ps_buf_done(&shown.buf);
    return status;
}

static ps_status load_open(int fd, const char *path, ps_status missing, ps_buf *out, ps_error *err)
{
    char piece[READ_BYTES];
    size_t len;

    do {
        ps_status status = ps_file_read(fd, piece, sizeof piece, path, &len, err);
        if (status != PS_OK) return status;
        ps_buf_add(out, piece, len);
        if (out->over_max) return too_big(path, missing, out, err);
        status = ps_buf_status(out, path, err);
        if (status != PS_OK) return status;
    } while (len == sizeof piece);
    return PS_OK;
}

ps_status ps_file_load(const char *path, ps_status missing, ps_buf *out, ps_error *err)
{
    int fd = -1;
    ps_status status = ps_file_open(path, false, missing, &fd, err);

    if (status != PS_OK) return status;
    status = load_open(fd, path, missing, out, err);
    close(fd); // read only: nothing can be lost
    return status;
}

static bool put_path(ps_span folder, const char *name, char *out, size_t size)
{
    bool slash = folder.len > 0 && folder.bytes[folder.len - 1] != '/';
    size_t name_len = strlen(name), len = folder.len + slash + name_len;

    if (len >= size) return false;
    if (folder.len > 0) memcpy(out, folder.bytes, folder.len);
    if (slash) out[folder.len] = '/';
    memcpy(out + folder.len + slash, name, name_len + 1);
    return true;
}

bool ps_path_join(const char *base, const char *name, char *out, size_t size)
{
    bool alone = name[0] == '/' || strcmp(name, "-") == 0;

    return put_path(ps_span_of(alone ? "" : base), name, out, size);
}

bool ps_path_split(const char *path, char *out_folder, size_t size, const char **out_name)
{
    size_t end = strlen(path), folder_len;

    while (end > 1 && path[end - 1] == '/')
        end--;
    while (end > 0 && path[end - 1] != '/')
        end--;
    folder_len = end;
    while (folder_len > 1 && path[folder_len - 1] == '/')
        folder_len--;

    ps_span folder = folder_len == 0 ? ps_span_of(".") : (ps_span){path, folder_len};
    if (folder.len >= size) return false;
    memcpy(out_folder, folder.bytes, folder.len);
    out_folder[folder.len] = '\0';
    *out_name = path + end;
    return true;
}

bool ps_path_real(const char *path, char *out, size_t size)
{
    char folder[PATH_MAX], real[PATH_MAX];
    const char *name = NULL;

    errno = ENAMETOOLONG;
    if (!ps_path_split(path, folder, sizeof folder, &name) || realpath(folder, real) == NULL) return false;
    errno = ENAMETOOLONG;
    return put_path(ps_span_of(real), name, out, size);
}

// Not every file system knows files without a name: one that is unlinked at once is the same.
static int open_unlinked(const char *folder)
{
    char path[PATH_MAX];
    if (!ps_path_join(folder, "presend-spool-XXXXXX", path, sizeof path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0 && unlink(path) != 0) {
        close(fd); // the unlink is what failed
        return -1;
    }
    return fd;
}

int ps_file_nameless(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return fd >= 0 ? fd : open_unlinked(folder);
}
