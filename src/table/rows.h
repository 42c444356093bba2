#ifndef PS_TABLE_ROWS_H
#define PS_TABLE_ROWS_H

// The ways from a batch's bytes to its rows; ps_batch_parse chooses.

#include "table/batch.h"

// A place between two records of a batch.
typedef struct ps_rows_place {
    size_t offset; // in its bytes
    uint64_t line; // of the file
} ps_rows_place;

// batch->split is regular. batch->split has room in all three.
ps_status ps_rows_of_split(ps_batch *batch, ps_error *err);

// Most records of a batch that is not regular are: what is goes the way above, the rest the one below. Fills
// batch->split.ends.
ps_status ps_rows_of_mixed(ps_batch *batch, ps_error *err);

// By libcsv, for which nothing is too odd: what stands from a place up to offset `to`, another such place. Adds to
// batch->split.ends and goes on to the other place.
ps_status ps_rows_of_csv(ps_batch *batch, size_t to, ps_rows_place *place, ps_error *err);

// The records that end before run->good, where batch->run is what stands from a place on. Adds to batch->split.ends and
// goes on behind them.
ps_status ps_rows_of_run(ps_batch *batch, ps_rows_place *place, ps_error *err);

// An export that does not double its quotes makes one cell of several records, and the number of cells may even be
// right: a recipient would be lost without a word. Such a cell (quotes included) has a line break and a quote that
// stands alone, or else room for a record with an address.
bool ps_cell_runs_together(ps_span raw, const ps_layout *layout);

// The error of a record that is about to become a row.
ps_status ps_rows_too_wide(const ps_batch *batch, ps_error *err);

#endif
