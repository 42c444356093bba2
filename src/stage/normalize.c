#include <assert.h>

#include "base/text.h"
#include "stage/stage.h"

// Bytes that are no text become U+FFFD. In the address cell that makes the address `invalid_encoding`, never something
// that could be mailed; in a date or flag cell it is a value that cannot be read.
static void normalize_row(ps_batch *batch, const ps_row *row)
{
    ps_span *values = ps_batch_values(batch, row);

    for (size_t slot = 0; slot < batch->layout->mapped_count; slot++) {
        ps_span text;
        (void)ps_decoder_cell(batch->decoder, values[slot], &batch->arena, &text); // see above
        values[slot] = text;
    }
}

static bool is_ascii(const ps_batch *batch, const ps_row *row)
{
    return (row->lacks & PS_SPLIT_HIGH) != 0 || ps_ascii_only((ps_span){batch->bytes + row->start, row->len});
}

void ps_stage_normalize(const ps_facts *facts, ps_batch *batch)
{
    (void)facts; // the encoding is the file's
    assert(batch->decoder != NULL);
    bool ascii_safe = ps_charset_ascii_safe(batch->layout->encoding);

    for (size_t i = 0; i < batch->row_count; i++) {
        const ps_row *row = &batch->rows[i];
        if (!ascii_safe || !is_ascii(batch, row)) normalize_row(batch, row);
    }
}
