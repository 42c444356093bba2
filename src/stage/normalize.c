#include <assert.h>

#include "base/text.h"
#include "stage/stage.h"

// Bytes that are no text become U+FFFD. In the address cell that makes the address `invalid_encoding`, never something
// that could be mailed; in a date or flag cell it is a value that cannot be read. Most records that are not ASCII have
// that in a name, which is no mapped cell: each cell is looked at here before the decoder is called.
static void normalize_row(ps_batch *batch, const ps_row *row, bool ascii_safe)
{
    ps_span *values = ps_batch_values(batch, row);

    for (size_t slot = 0; slot < batch->layout->mapped_count; slot++) {
        if (ascii_safe && ps_ascii_only(values[slot])) continue;
        (void)ps_decoder_cell(batch->decoder, values[slot], &batch->arena, &values[slot]); // see above
    }
}

void ps_stage_normalize(const ps_facts *facts, ps_batch *batch)
{
    (void)facts; // the encoding is the file's
    assert(batch->decoder != NULL);
    bool ascii_safe = ps_charset_ascii_safe(batch->layout->encoding);

    for (size_t i = 0; i < batch->row_count; i++) {
        const ps_row *row = &batch->rows[i];
        if (!ascii_safe || (row->lacks & PS_SPLIT_HIGH) == 0) normalize_row(batch, row, ascii_safe);
    }
}
