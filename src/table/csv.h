#ifndef PS_TABLE_CSV_H
#define PS_TABLE_CSV_H

// The CSV grammar: libcsv with its space trimming off, not strict. Blank records are skipped, a lone CR ends a record,
// CRLF is one line end. What it adds to libcsv is where in the input each cell stands.

#include <stdbool.h>
#include <stdint.h>

#include "presend/span.h"
#include "presend/status.h"

typedef struct ps_csv_cell {
    size_t start, end; // in the input: quotes included, the delimiter not
    ps_span value; // unescaped: part of the input where that is possible, else libcsv's memory until the sink returns
    bool borrowed; // it is part of the input
} ps_csv_cell;

typedef struct ps_csv_record {
    size_t start, body_end, end; // `end` is behind the line end
    uint64_t line; // line ends before it in the input
    size_t cell_count;
} ps_csv_record;

// Who takes cells and, after its last cell, the record. Anything but PS_OK ends the parse and is its result.
typedef struct ps_csv_sink {
    ps_status (*cell)(void *context, const ps_csv_cell *cell, ps_error *err);
    ps_status (*record)(void *context, const ps_csv_record *record, ps_error *err);
    void *context;
} ps_csv_sink;

// The records of `bytes`, which begin and end between two records (the last one may lack its line end). PS_RETRY
// without memory.
ps_status ps_csv_parse(ps_span bytes, char delimiter, const ps_csv_sink *sink, ps_error *err);

#endif
