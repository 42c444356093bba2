#ifndef PS_BASE_FILE_H
#define PS_BASE_FILE_H

// Files and folders, each call checked. Messages name the path, quoted for a terminal.

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "presend/status.h"

// Open for reading: a regular file, or (`allow_pipe`) anything readable; "-" is standard input then. `missing` is the
// status for a file that is not there or not readable (PS_MISSING, PS_SOURCE or PS_CONFIG).
ps_status ps_file_open(const char *path, bool allow_pipe, ps_status missing, int *out_fd, ps_error *err);

// Up to `size` bytes; less only at the end. EINTR and short reads are handled.
ps_status ps_file_read(int fd, void *bytes, size_t size, const char *path, size_t *out_len, ps_error *err);
// The same of a regular file from a place in it: `*len` bytes are wanted, and then it says how many there are. It moves
// nothing, so several threads may read at once.
ps_status ps_file_read_at(int fd, uint64_t offset, void *bytes, size_t *len, const char *path, ps_error *err);
ps_status ps_file_write(int fd, ps_span bytes, const char *path, ps_error *err);
// The same at a place in the file; safe on any thread for places that do not overlap.
ps_status ps_file_write_at(int fd, ps_span bytes, uint64_t offset, const char *path, ps_error *err);

// The whole regular file, after what `out` holds. Over the ceiling of `out`: PS_INPUT naming the limit, or `missing`
// itself where that is PS_SOURCE or PS_CONFIG.
ps_status ps_file_load(const char *path, ps_status missing, ps_buf *out, ps_error *err);

// A file of one's own without a name, which is gone when it is closed. -1: errno says why.
int ps_file_nameless(const char *folder);

// `base/name` in `out`, or `name` where it is absolute or "-". False when it does not fit.
bool ps_path_join(const char *base, const char *name, char *out, size_t size);
// The folder that holds `path` ("." without a slash) and the last part of it, with its trailing slashes. False when it
// does not fit.
bool ps_path_split(const char *path, char *out_folder, size_t size, const char **out_name);
// The path from the root, the links of its folder followed: good in any working directory. False: errno says why.
bool ps_path_real(const char *path, char *out, size_t size);

#endif
