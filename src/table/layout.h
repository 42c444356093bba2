#ifndef PS_TABLE_LAYOUT_H
#define PS_TABLE_LAYOUT_H

// How one file is laid out: its dialect, its header, and which of its columns presend reads.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "presend/arena.h"
#include "presend/job.h"

// One column that is read. A FLAG_BAD column may stand several times (a file with three opt-out columns); all others
// once.
typedef struct ps_mapped {
    ps_column column;
    uint32_t index; // of the column in the file, from 0
    bool declared; // by the job rather than by name and content
} ps_mapped;

enum { PS_MAPPED_MAX = 64 };

typedef struct ps_layout {
    const char *file; // for messages
    ps_status bad; // PS_INPUT or PS_SOURCE
    ps_encoding stored; // encoding of the file
    ps_encoding encoding; // of the bytes in batches: UTF-8 where the file's own (UTF-16, ISO-2022-JP) cannot be parsed
                          // as it stands
    bool encoding_declared;
    bool bom;
    bool ascii_only; // no byte above 0x7F was seen when the encoding was decided: any ASCII-safe encoding would do
    char delimiter;
    const char *line_end; // crlf, lf, cr, mixed: as the sample shows
    ps_span preamble; // what stands behind the BOM and before the first record: `sep=` line, header record
    bool headerless;
    const ps_span *names; // the header as UTF-8, unescaped; empty without a header
    size_t column_count; // cells that a whole record has
    ps_mapped mapped[PS_MAPPED_MAX]; // ascending by index
    size_t mapped_count;
    uint64_t first_line; // line of the first record after the header
} ps_layout;

// The slot of a column in `mapped`, or -1. For FLAG_BAD columns the first.
int ps_layout_slot(const ps_layout *layout, ps_column column);

#endif
