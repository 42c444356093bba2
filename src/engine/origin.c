#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "engine/manifest.h"

enum { PIECE_BYTES = 64 << 10 };

static ps_status fingerprint(int fd, const char *path, char out[33], ps_error *err)
{
    char piece[PIECE_BYTES];
    size_t len = 0;
    ps_hasher *hasher = NULL;
    ps_status status = ps_hasher_new(&hasher, err);

    while (status == PS_OK) {
        status = ps_file_read(fd, piece, sizeof piece, path, &len, err);
        if (status != PS_OK || len == 0) break;
        ps_hasher_add(hasher, (ps_span){piece, len});
    }
    if (status == PS_OK) ps_hasher_hex(hasher, out);
    ps_hasher_free(hasher);
    return status;
}

ps_status ps_origin_make(const char *path, ps_arena *arena, ps_origin *out, ps_error *err)
{
    char absolute[PATH_MAX];
    int fd = -1;
    ps_origin origin = {0};

    if (realpath(path, absolute) == NULL) {
        return ps_error_set(err, PS_INPUT, "'%s' cannot be found any more: %s.", path, strerror(errno));
    }
    ps_status status = ps_file_open(absolute, false, PS_INPUT, &fd, err);
    if (status != PS_OK) return status;
    status = fingerprint(fd, absolute, origin.fingerprint, err);
    close(fd);
    if (status != PS_OK) return status;
    origin.path = ps_arena_copy(arena, ps_span_of(absolute)).bytes;
    *out = origin;
    return PS_OK;
}
