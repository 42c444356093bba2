#ifndef PS_ENGINE_REPEATS_H
#define PS_ENGINE_REPEATS_H

// Which addresses stand in more than one row. Only theirs is evidence that a row does not show by itself, and they are
// few, so the survey finds them first and gathers what is known of them in a pass of its own.

#include "base/roster.h"
#include "facts/facts.h"
#include "table/batch.h"

typedef struct ps_repeats {
    ps_roster *seen; // every address, and whether it came again
    uint64_t count; // addresses that did
} ps_repeats;

// The addresses of one batch, one batch at a time. `rows_expected` are those of all batches, as far as that is known.
ps_status ps_repeats_note(ps_repeats *repeats, const ps_facts *facts, const ps_batch *batch, uint64_t rows_expected,
                          ps_error *err);

// Whether the row's address stands in another row, too. On any thread, once all batches are noted.
bool ps_repeats_has(const ps_repeats *repeats, const ps_facts *facts, const ps_row *row);

// Take all other rows out of the batch.
void ps_repeats_keep(const ps_repeats *repeats, const ps_facts *facts, ps_batch *batch);

void ps_repeats_done(ps_repeats *repeats); // a zeroed one is fine

#endif
