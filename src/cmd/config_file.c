#include "cmd/config_file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"

enum { PATH_BYTES_MAX = 4096 };

// Who may write the job file decides who is mailed.
static ps_status check_owner(int fd, const char *path, ps_error *err)
{
    struct stat info;

    if (fstat(fd, &info) != 0) return ps_error_set(err, PS_IO, "The file %s cannot be examined.", path);
    if ((info.st_mode & S_IWOTH) == 0) return PS_OK;
    ps_error_set(err, PS_CONFIG, "The file %s can be changed by every user of this machine.", path);
    ps_error_hint(err, "chmod o-w %s", path);
    return PS_CONFIG;
}

static ps_status read_file(const char *path, ps_arena *arena, ps_span *out, ps_error *err)
{
    int fd = -1;
    size_t len = 0;
    char *bytes = ps_arena_take(arena, PS_CONFIG_BYTES_MAX + 1);
    ps_status status = ps_file_open(path, false, PS_MISSING, &fd, err);

    if (status != PS_OK) return status;
    status = check_owner(fd, path, err);
    if (status == PS_OK) status = ps_file_read(fd, bytes, PS_CONFIG_BYTES_MAX + 1, path, &len, err);
    if (status == PS_OK && len > PS_CONFIG_BYTES_MAX) {
        status = ps_error_set(err, PS_CONFIG, "The file %s is over 1 MiB.", path);
    }
    (void)close(fd); // only read
    *out = (ps_span){bytes, len};
    return status;
}

// The folder that a file lies in, in the arena.
static ps_status folder_of(const char *path, ps_arena *arena, const char **out, ps_error *err)
{
    char folder[PATH_BYTES_MAX];
    const char *name;

    if (!ps_path_split(path, folder, sizeof folder, &name)) {
        return ps_error_set(err, PS_USAGE, "The path of the job file is too long.");
    }
    *out = ps_arena_copy(arena, ps_span_of(folder)).bytes;
    return PS_OK;
}

ps_status ps_config_file_read(const char *path, ps_arena *arena, ps_config_text *out, ps_error *err)
{
    ps_config_text text = {.name = path};
    ps_status status = folder_of(path, arena, &text.folder, err);

    if (status == PS_OK) status = read_file(path, arena, &text.text, err);
    if (status == PS_OK) *out = text;
    return status;
}
