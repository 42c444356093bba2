#ifndef PS_ESP_CSV_H
#define PS_ESP_CSV_H

// A CSV file whose rows are entries: csv.c finds out what its columns are, csv_rows.c reads the rows.

#include "base/order.h"
#include "esp/people.h"
#include "esp/reads.h"
#include "table/pieces.h"

// Of short records: as rows they fit into the near cache, which 512 KiB of them do not.
enum { PS_CSV_PIECE_BYTES = 128 << 10 };

typedef struct ps_csv {
    ps_import *import;
    ps_import begin; // as it was before anything was read: what each thread begins with
    const ps_read_csv_options *options;
    ps_reader *reader;
    ps_layout *layout;
    bool ascii_safe; // ASCII cells are text as they stand
    ps_arena arena; // the names
    ps_form_columns columns;
    ps_form_slots slots; // as indexes of columns, then of mapped ones
    ps_order order; // of the pieces that are read
    // Touched in the turn of a piece alone:
    ps_people *people; // of a log of answers, which tells of one person again and again; NULL: a list
    bool ended;
    uint64_t last_line, bytes;
} ps_csv;

// All rows, by this thread and those of the import's crew.
ps_status ps_csv_read_rows(ps_csv *csv, ps_error *err);

#endif
