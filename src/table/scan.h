#ifndef PS_TABLE_SCAN_H
#define PS_TABLE_SCAN_H

// Where records end, without taking them apart. Serial over the file, so it says where a piece may be cut; the pieces
// are then parsed independently. It mirrors the states of libcsv (space trimming off, not strict, blank records
// skipped) exactly: the quick way to count must never see other records than the parser does.

#include <stdbool.h>
#include <stdint.h>

#include "presend/span.h"

typedef enum ps_scan_state {
    PS_SCAN_ROW, // before a record: line ends are blank lines here
    PS_SCAN_FIELD, // after a delimiter
    PS_SCAN_UNQUOTED, // quotes are plain bytes here
    PS_SCAN_QUOTED, // delimiters and line ends are plain bytes here
    PS_SCAN_QUOTE, // after a quote in a quoted cell: its end, half of a doubled quote, or a stray one
    PS_SCAN_STATE_COUNT
} ps_scan_state;

// What has been seen up to one place.
typedef struct ps_scan_count {
    uint64_t offset; // bytes
    uint64_t records; // whole ones
    uint64_t blank_lines;
    uint64_t lines; // physical line ends (LF, CRLF, CR), also those in quotes
} ps_scan_count;

typedef struct ps_scan {
    uint8_t class_of[256]; // of each byte
    ps_scan_state state;
    bool after_cr; // the last byte was a CR: an LF now belongs to it
    ps_scan_count now;
    ps_scan_count cut; // at the last place between two records
    uint64_t record_start; // offset of the record that is open or was last
    uint64_t quote_line; // lines ended where the last quoted cell began
    bool too_long; // some record so far is over the limit
    uint64_t long_line; // lines ended where that record began
    uint64_t record_line; // lines ended where the record that is open or was last began
    size_t record_max; // a longer record sets `too_long`
} ps_scan;

void ps_scan_init(ps_scan *scan, char delimiter, size_t record_max);

// The next bytes of the file.
void ps_scan_add(ps_scan *scan, ps_span bytes);

// The file ends here: a record without a line end is whole. False when it ends inside a quoted cell.
bool ps_scan_end(ps_scan *scan);

// One record, from a place between two records.
typedef struct ps_scan_record {
    size_t start; // first byte, behind blank lines
    size_t body_end; // without the line end
    size_t end; // behind the line end
    size_t cell_count;
} ps_scan_record;

// The first record of `bytes` from `offset` on. False when there is no whole one; `whole` says that the file ends with
// the bytes, so that a line end is not needed (a quote that is never closed is then no record either).
bool ps_scan_record_at(ps_span bytes, size_t offset, char delimiter, bool whole, ps_scan_record *out);

#endif
