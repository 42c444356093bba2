#ifndef PS_TABLE_READER_PARTS_H
#define PS_TABLE_READER_PARTS_H

// What the two ways of reading a file in batches share: one after the other (reader.c), and in pieces that several
// threads read at once (pieces.c).

#include "table/head.h"
#include "table/reader.h"
#include "table/scan.h"
#include "table/stream.h"

struct ps_reader {
    ps_status bad;
    size_t batch_bytes;
    ps_source *source;
    ps_stream stream;
    ps_arena arena; // what `head` points to
    ps_head head;
    ps_splitter *split;
    ps_scan scan; // of a batch that is not regular
    ps_scan_count given; // what all batches so far hold
    char *carry; // what was read behind them
    size_t carry_len, carry_capacity;
    bool in_pieces; // the next two count, and `carry` does not
    uint64_t taken; // pieces
    uint64_t reached; // of the records, by the batch whose turn it is
};

// Bytes of all records of a plain file.
uint64_t ps_reader_records_size(const ps_reader *reader);

// More bytes behind those in the batch, until it is as long as wanted or the file ends.
ps_status ps_reader_fill(ps_reader *reader, ps_batch *batch, size_t want, ps_error *err);

// What a regular split of `len` bytes of whole records holds.
void ps_reader_count(const ps_split *split, size_t len, ps_scan_count *into);

// Where the last whole record of the batch ends, added to `cut`, which is what all batches before it hold. By the
// split: false where there is none, or not all is regular. By the scan, which reads on until there is one: one long
// record makes a long batch. Both leave the batch's split as it is to be parsed.
bool ps_reader_cut_by_split(ps_reader *reader, ps_batch *batch, ps_scan_count *cut);
ps_status ps_reader_cut_by_scan(ps_reader *reader, ps_batch *batch, ps_scan_count *cut, ps_error *err);

// The batch holds what lies between what was given and `cut`.
void ps_reader_give(ps_reader *reader, ps_batch *batch, const ps_scan_count *cut);

#endif
