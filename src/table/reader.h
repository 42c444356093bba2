#ifndef PS_TABLE_READER_H
#define PS_TABLE_READER_H

// A CSV file as numbered batches of whole records.

#include "table/batch.h"
#include "table/layout.h"
#include "table/source.h"

typedef struct ps_reader ps_reader;

typedef struct ps_reader_options {
    ps_source_options source;
    ps_encoding encoding; // PS_ENCODING_AUTO: by content
    char delimiter; // 0: by content among , ; tab |
    bool headerless;
    size_t batch_bytes; // 0: PS_BATCH_BYTES
} ps_reader_options;

// Open, detect compression, encoding, delimiter, read the header. `bad` with what was found and the line to add to the
// job file when something is not certain; zero bytes, HTML, JSON, zip or PDF in place of CSV are `bad` by name; a
// header only is fine.
ps_status ps_reader_open(const ps_reader_options *options, ps_reader **out, ps_error *err);
void ps_reader_close(ps_reader *reader); // NULL is fine

// The layout without mapped columns; borrowed from the reader.
ps_layout *ps_reader_layout(ps_reader *reader);

// The first records (at most PS_HEADER_SAMPLE_RECORDS, at most the detection sample), parsed, with every column's
// value: row r, column c is cells[r * column_count + c] as UTF-8 (undecodable characters as U+FFFD). For mapping by
// content. Borrowed from the reader.
const ps_span *ps_reader_sample(const ps_reader *reader, size_t *out_rows);

// The next batch in file order, into a reset batch: bytes, len, first_number, first_line; its file number and batch
// number are the caller's. `*out_more` is false (and the batch empty) after the last. One thread at a time. `bad`: a
// quote that is never closed, a record over PS_RECORD_BYTES_MAX.
ps_status ps_reader_next(ps_reader *reader, ps_batch *batch, bool *out_more, ps_error *err);

// Start again at the first record, for a second pass.
ps_status ps_reader_rewind(ps_reader *reader, ps_error *err);

// There will be another pass: this one makes no fingerprint of the file.
void ps_reader_leave_unprinted(ps_reader *reader);

// After the last batch: the file is still what it was (else `bad`).
ps_status ps_reader_check(ps_reader *reader, ps_error *err);

uint64_t ps_reader_blank_lines(const ps_reader *reader); // wholly empty lines so far: no records
uint64_t ps_reader_position(const ps_reader *reader); // packed bytes read so far, or given out as pieces
const ps_source *ps_reader_source(const ps_reader *reader);

#endif
