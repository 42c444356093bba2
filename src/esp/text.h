#ifndef PS_ESP_TEXT_H
#define PS_ESP_TEXT_H

// A suppression file as UTF-8 text, unpacked and decoded on the way, in pieces or in lines.

#include "base/buf.h"
#include "presend/job.h"
#include "table/stream.h"

typedef struct ps_text {
    ps_source *source;
    ps_stream stream;
    ps_decoder *decoder; // NULL: the bytes are UTF-8 as they stand, or meant to be
    char *raw; // undecoded, where there is a decoder
    ps_span undecoded; // in `raw`
    char *piece;
    ps_span rest; // decoded and not taken yet
    bool empty; // the file has no byte at all, once unpacked
    bool ended; // the text taken last ended in a line end
    uint64_t line; // of the first byte of `rest`, from 1
    bool after_cr; // the byte before `rest` was a CR
    ps_buf carry; // a line that did not lie in one piece
} ps_text;

// PS_SOURCE for a file that is not there, no file, cut, of no known encoding, or a workbook, archive or PDF.
ps_status ps_text_open(const ps_source_config *config, ps_text *out, ps_error *err);
void ps_text_close(ps_text *text); // a zeroed one is fine

// More text into an empty `rest`; it stays empty at the end only.
ps_status ps_text_fill(ps_text *text, ps_error *err);

// The next line without its line end (LF, CRLF or CR), borrowed until the next call; `*out_more` is false after the
// last. `text->line` is the line after it then. PS_SOURCE for a line over PS_FIELD_BYTES_MAX.
ps_status ps_text_line(ps_text *text, ps_span *out, bool *out_more, ps_error *err);

// After the end: the file is still what it was.
ps_status ps_text_check(ps_text *text, ps_error *err);

#endif
