#ifndef PS_TABLE_STREAM_H
#define PS_TABLE_STREAM_H

// A file as bytes that CSV can be parsed in: its encoding is decided, its byte order mark is skipped, and what is not
// parseable as it stands (UTF-16, ISO-2022-JP) is decoded to UTF-8 on the way.

#include "mail/charset.h"
#include "table/source.h"

// Less room cannot take the longest character that a decoder may put out.
enum { PS_STREAM_READ_MIN = 16 };

typedef struct ps_stream {
    ps_source *source;
    ps_encoding stored; // of the file
    ps_encoding encoding; // of what is read here
    bool bom; // the file has one
    size_t bom_len;
    bool declared; // the encoding is what the caller said, not what was found
    bool end; // all was read
    ps_decoder *decoder; // NULL: bytes pass as they are
    char *packed; // undecoded bytes
    size_t packed_start, packed_len;
    bool packed_end;
    uint64_t lost; // U+FFFD that the decoder put in
} ps_stream;

// Decide the encoding (AUTO: by BOM and content) and stand before the first byte behind the BOM. `bad` of the source
// when it is empty, only NUL bytes, or text in no encoding that is looked for. The source stays the caller's.
ps_status ps_stream_open(ps_source *source, ps_encoding encoding, ps_status bad, ps_stream *out, ps_error *err);
void ps_stream_close(ps_stream *stream); // a zeroed one is fine

// Fill `size` bytes (at least PS_STREAM_READ_MIN), or less: all was read only when stream->end says so.
ps_status ps_stream_read(ps_stream *stream, char *bytes, size_t size, size_t *out_len, ps_error *err);

// Stand before the first byte behind the BOM again.
ps_status ps_stream_rewind(ps_stream *stream, ps_error *err);

#endif
