#include <assert.h>

#include "base/text.h"
#include "base/utf8.h"
#include "stage/stage.h"

// The next blocks that are not ASCII, up to one that is: no character reaches over their bounds.
static ps_span next_high(const ps_batch *batch, size_t *block)
{
    const uint8_t *doubts = batch->split.doubts;
    const size_t blocks = (batch->len + PS_SPLIT_BLOCK - 1) / PS_SPLIT_BLOCK;

    while (*block < blocks && (doubts[*block] & PS_SPLIT_HIGH) == 0)
        ++*block;
    size_t start = *block * PS_SPLIT_BLOCK;
    while (*block < blocks && (doubts[*block] & PS_SPLIT_HIGH) != 0)
        ++*block;
    size_t end = *block < blocks ? *block * PS_SPLIT_BLOCK : batch->len;
    return start < end ? (ps_span){batch->bytes + start, end - start} : (ps_span){NULL, 0};
}

// So is each of its cells, then, as it stands.
static bool is_utf8(const ps_batch *batch)
{
    ps_utf8_check *valid = ps_utf8_check_for(ps_cpu_best());
    size_t block = 0;

    if (batch->layout->encoding != PS_ENCODING_UTF8 || !batch->split.regular) return false;
    for (ps_span high = next_high(batch, &block); high.len > 0; high = next_high(batch, &block)) {
        if (!valid(high)) return false;
    }
    return true;
}

// The slots of the cells that are read. Most records that are not ASCII have that in a name, by which nothing is
// judged.
typedef struct read_slots {
    uint8_t slots[PS_MAPPED_MAX];
    size_t count;
} read_slots;

static read_slots list_read(const ps_layout *layout)
{
    read_slots read = {.count = 0};

    for (size_t slot = 0; slot < layout->mapped_count; slot++) {
        ps_column column = layout->mapped[slot].column;
        bool joins = column == PS_COLUMN_EMAIL || column == PS_COLUMN_ID;
        if (joins || ps_column_kind_of(column) != PS_COLUMN_KIND_TEXT) read.slots[read.count++] = (uint8_t)slot;
    }
    return read;
}

// Bytes that are no text become U+FFFD. In the address cell that makes the address `invalid_encoding`, never something
// that could be mailed; in a date or flag cell it is a value that cannot be read.
static void normalize_row(ps_batch *batch, const ps_row *row, const read_slots *read, bool ascii_safe)
{
    ps_span *values = ps_batch_values(batch, row);

    for (size_t i = 0; i < read->count; i++) {
        ps_span *cell = &values[read->slots[i]];
        if (ascii_safe && ps_ascii_only(*cell)) continue;
        (void)ps_decoder_cell(batch->decoder, *cell, &batch->arena, cell); // see above
    }
}

void ps_stage_normalize(const ps_facts *facts, ps_batch *batch)
{
    (void)facts; // the encoding is the file's
    assert(batch->decoder != NULL);
    bool ascii_safe = ps_charset_ascii_safe(batch->layout->encoding);

    if (is_utf8(batch)) return;
    read_slots read = list_read(batch->layout);
    for (size_t i = 0; i < batch->row_count; i++) {
        const ps_row *row = &batch->rows[i];
        if (!ascii_safe || (row->lacks & PS_SPLIT_HIGH) == 0) normalize_row(batch, row, &read, ascii_safe);
    }
}
