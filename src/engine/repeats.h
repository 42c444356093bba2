#ifndef PS_ENGINE_REPEATS_H
#define PS_ENGINE_REPEATS_H

// Finds the rows whose address stands in another row, too. Only theirs is evidence that a row does not show by itself,
// and they are few. Where the survey has to gather it once more, that pass does not look at any other row. A row may be
// taken for one of them by mistake, which changes nothing but the time it takes: what is known of its address is what
// it says itself.

#include "engine/first_rows.h"
#include "facts/facts.h"
#include "facts/repeated.h"
#include "table/batch.h"

typedef struct ps_repeats {
    ps_first_rows seen; // until ps_repeats_seal()
    uint64_t count; // addresses that came again
    uint64_t rows_end; // the rows so far
    uint32_t file; // the last one so far
    ps_repeated rows;
} ps_repeats; // zeroed, it is empty

// The addresses of one batch, batch after batch. `rows_expected` are the rows of all batches, as far as that is known.
// PS_RETRY without memory. PS_INPUT: there are too many rows.
ps_status ps_repeats_note(ps_repeats *repeats, const ps_facts *facts, const ps_batch *batch, uint64_t rows_expected,
                          ps_error *err);

// Take all rows out of a batch but those whose address stands in a row before them. It is the last one that was noted.
void ps_repeats_keep_later(const ps_repeats *repeats, ps_batch *batch);

// All batches are noted.
void ps_repeats_seal(ps_repeats *repeats);

// Ask the batch for their records, before it is parsed; and take all other rows out of it that there are nevertheless.
void ps_repeats_want(const ps_repeats *repeats, ps_batch *batch);
void ps_repeats_keep(const ps_repeats *repeats, ps_batch *batch);

void ps_repeats_done(ps_repeats *repeats);

#endif
