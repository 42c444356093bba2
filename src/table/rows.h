#ifndef PS_TABLE_ROWS_H
#define PS_TABLE_ROWS_H

// The two ways from a batch's bytes to its rows; ps_batch_parse chooses.

#include "table/batch.h"

// batch->split is regular. batch->split has room in both.
ps_status ps_rows_of_split(ps_batch *batch, ps_error *err);

// By libcsv; fills batch->split.ends.
ps_status ps_rows_of_csv(ps_batch *batch, ps_error *err);

// An export that does not double its quotes makes one cell of several records, and the number of cells may even be
// right: a recipient would be lost without a word. Such a cell (quotes included) has a line break and a quote that
// stands alone, or else room for a record with an address.
bool ps_cell_runs_together(ps_span raw, const ps_layout *layout);

// The error of a record that is about to become a row.
ps_status ps_rows_too_wide(const ps_batch *batch, ps_error *err);

#endif
