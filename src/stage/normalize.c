#include <assert.h>

#include "stage/stage.h"

// Bytes that are no text become U+FFFD. In the address cell that makes the address `invalid_encoding`, never something
// that could be mailed; in a date or flag cell it is a value that cannot be read.
void ps_stage_normalize(const ps_facts *facts, ps_batch *batch)
{
    (void)facts; // the encoding is the file's
    size_t count = batch->row_count * batch->layout->mapped_count;

    assert(batch->decoder != NULL);
    for (size_t i = 0; i < count; i++) {
        ps_span text;
        (void)ps_decoder_cell(batch->decoder, batch->values[i], &batch->arena, &text); // see above
        batch->values[i] = text;
    }
}
