#include <assert.h>

#include "stage/row.h"
#include "stage/stage.h"

// A damaged row is not judged, but its address is still looked for on the suppression lists.
static void parse_row(const ps_facts *facts, ps_batch *batch, ps_row *row, ps_span cell)
{
    ps_findings findings = ps_address_parse(facts->address_rules, cell, &batch->arena, &row->address);

    if (!ps_row_damaged(row)) row->findings |= findings;
    if (!ps_row_has_key(row)) return;
    row->key = ps_hash_of(row->address.key);
    bool same = ps_span_equal(row->address.key, row->address.provider_key);
    row->provider = same ? row->key : ps_hash_of(row->address.provider_key);
}

void ps_stage_syntax(const ps_facts *facts, ps_batch *batch)
{
    int slot = ps_layout_slot(batch->layout, PS_COLUMN_EMAIL);

    assert(slot >= 0); // a file without an address column is refused by its header
    for (size_t i = 0; i < batch->row_count; i++) {
        ps_row *row = &batch->rows[i];
        parse_row(facts, batch, row, ps_batch_values(batch, row)[slot]);
    }
}
