#ifndef PS_TABLE_SOURCE_H
#define PS_TABLE_SOURCE_H

// Bytes of a file, pipe or standard input, unpacked (gzip by isa-l, zstd) by their magic bytes. A pipe is spooled once
// into an unlinked private file, so that it can be read twice. Nothing is mapped: a file that shrinks must not kill the
// run.

#include <stdbool.h>
#include <stdint.h>

#include "presend/span.h"
#include "presend/status.h"

typedef struct ps_source ps_source;

typedef struct ps_source_options {
    const char *path; // "-": standard input
    ps_status missing; // status when it is not there: PS_MISSING or PS_SOURCE
    ps_status bad; // status when it cannot be trusted (cut gzip, zip in place of CSV, ...): PS_INPUT or PS_SOURCE
    bool allow_pipe; // false: FIFOs, devices and folders are refused (`bad`)
    const char *spool_folder; // where a pipe is spooled; NULL: the system's temporary folder
    bool sha256; // SHA-256 is made of what is read, in place of the fingerprint
    const volatile int *stop; // a signal number once one came, or NULL: waiting for a pipe ends then
} ps_source_options;

ps_status ps_source_open(const ps_source_options *options, ps_source **out, ps_error *err);
void ps_source_close(ps_source *source); // NULL is fine

// Up to `size` unpacked bytes; `*out_len` is less only at the end. A cut or damaged stream, a wrong checksum or bytes
// after the end are `bad`; so is unpacking beyond the limits of base/limits.h.
ps_status ps_source_read(ps_source *source, void *bytes, size_t size, size_t *out_len, ps_error *err);

// Not compressed, and of a size that is known: it can be read at any place.
bool ps_source_plain(const ps_source *source);

// Exactly `size` bytes of a plain one from byte `offset` on; `bad` where it has become shorter. Neither the place of
// ps_source_read nor the fingerprint moves, so several threads may read at once; what was read so is added to the
// fingerprint by ps_source_add, in the order of the file.
ps_status ps_source_read_at(ps_source *source, uint64_t offset, void *bytes, size_t size, ps_error *err);
void ps_source_add(ps_source *source, ps_span bytes);

// Everything will be read again: up to the next rewind nothing more is added to the fingerprint, which is none then.
void ps_source_leave_unprinted(ps_source *source);

// Start again from the first byte.
ps_status ps_source_rewind(ps_source *source, ps_error *err);

// `bad` when size, mtime or inode of the file changed since it was opened. Call after the last read.
ps_status ps_source_check(ps_source *source, ps_error *err);

const char *ps_source_shown(const ps_source *source); // its name as messages show it: 'list.csv', Standard input
const char *ps_source_compression(const ps_source *source); // none, gzip, zstd
uint64_t ps_source_size(const ps_source *source); // bytes as read, before unpacking
int64_t ps_source_modified_s(const ps_source *source);
uint64_t ps_source_position(const ps_source *source); // packed bytes read so far, for progress
// Of the packed bytes read since the last rewind: XXH3-128, or the other where the options ask for it.
void ps_source_fingerprint(const ps_source *source, char out[33]);
void ps_source_sha256(const ps_source *source, char out[65]);

#endif
