#ifndef PS_TABLE_UNPACK_H
#define PS_TABLE_UNPACK_H

// Compressed forms that a source takes, each one struct. source.c knows them all.

#include <stdbool.h>
#include <stddef.h>

#include "presend/span.h"
#include "presend/status.h"

typedef struct ps_unpack {
    const char *name; // as reports say it
    ps_span magic; // what every file of this form begins with
    // NULL and PS_RETRY in `err` without memory.
    void *(*open)(ps_error *err);
    void (*close)(void *state); // NULL is fine
    // Unpack from `in`, which moves past what was used, into `size` bytes. NULL, or what is wrong with the data.
    const char *(*step)(void *state, ps_span *in, char *bytes, size_t size, size_t *out_len);
    // May the data end here?
    bool (*whole)(const void *state);
} ps_unpack;

extern const ps_unpack ps_unpack_gzip;
extern const ps_unpack ps_unpack_zstd;

#endif
