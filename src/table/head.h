#ifndef PS_TABLE_HEAD_H
#define PS_TABLE_HEAD_H

// The begin of a file: its dialect, its header, and sample rows.

#include "table/dialect.h"
#include "table/layout.h"
#include "table/stream.h"

typedef struct ps_head {
    ps_layout layout;
    const ps_span *sample; // rows of layout.column_count cells as UTF-8
    size_t sample_rows;
    size_t begin; // bytes of the stream before the first record
    uint64_t blank_lines; // among them
} ps_head;

typedef struct ps_head_options {
    char delimiter; // 0: by content
    bool headerless;
    ps_status bad;
} ps_head_options;

// Read from the stream's begin (and leave it somewhere); what `out` holds lives in the arena. `bad` as in reader.h.
ps_status ps_head_read(ps_stream *stream, const ps_head_options *options, ps_arena *arena, ps_head *out, ps_error *err);

#endif
