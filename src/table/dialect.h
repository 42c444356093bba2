#ifndef PS_TABLE_DIALECT_H
#define PS_TABLE_DIALECT_H

// How a CSV file is written, found in its first bytes.

#include <stdbool.h>

#include "presend/job.h"
#include "presend/span.h"
#include "presend/status.h"

typedef struct ps_dialect_sample {
    ps_span text; // from behind the BOM on
    bool whole; // the file ends with it
    ps_encoding encoding; // of `text`
    char delimiter; // what the caller knows; 0: to be found
    const char *file; // for messages
    ps_status bad; // status of a refusal
} ps_dialect_sample;

typedef struct ps_dialect {
    char delimiter;
    size_t begin; // bytes of a first line `sep=;`, with its line end
    const char *line_end; // crlf, lf, cr, mixed; records without one: lf
} ps_dialect;

// A `sep=` line wins, then what the caller knows, then the delimiter by which the first records all have as many cells
// as the header (most columns win). `bad` with what to do when nothing or two things fit; so is HTML or JSON in place
// of CSV.
ps_status ps_dialect_find(const ps_dialect_sample *sample, ps_dialect *out, ps_error *err);

// How a message names a delimiter: , ; tab |
const char *ps_delimiter_name(char delimiter);

#endif
