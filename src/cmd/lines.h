#ifndef PS_CMD_LINES_H
#define PS_CMD_LINES_H

// Standard input as lines of UTF-8, in bounded memory. A line is handed out as soon as it has come, so that another
// program can ask and be answered line by line.

#include "mail/charset.h"

typedef struct ps_lines ps_lines;

typedef struct ps_line {
    ps_span text; // UTF-8, U+FFFD for what is no text; without its line end
    ps_span bytes; // as it came; `text` itself where the whole stream is decoded (UTF-16, ISO-2022-JP)
    bool whole; // all bytes are text
    uint64_t number; // from 1
    bool cut; // longer than PS_FIELD_BYTES_MAX: the rest is not here
} ps_line;

// With PS_ENCODING_AUTO, lines of plain ASCII are handed out at once; the first other one waits until
// PS_ENCODING_SAMPLE_BYTES have come, or all, and what they look like decides for the rest: UTF-8, with a warning,
// where they look like nothing.
ps_status ps_lines_open(int fd, ps_encoding encoding, ps_lines **out, ps_error *err);
void ps_lines_close(ps_lines *lines); // NULL is fine; the descriptor stays the caller's

// The next line, borrowed until the next call, its decoded text in `arena`; `*out_more` is false at the end. A last
// line needs no line end. PS_INTERRUPTED or PS_TERMINATED when a signal came (`*stop`) while it waited.
ps_status ps_lines_next(ps_lines *lines, const volatile int *stop, ps_arena *arena, ps_line *out, bool *out_more,
                        ps_error *err);

// The next call reads first, and may wait: write out what was answered so far.
bool ps_lines_will_read(ps_lines *lines);

ps_encoding ps_lines_encoding(const ps_lines *lines); // AUTO while nothing has decided it

#endif
