#include "engine/gather.h"

#include "engine/order.h"
#include "stage/row.h"

// The evidence of a long list is more than the near cache holds.
enum { ROWS_AHEAD = 32 };

static void prefetch(const ps_evidence *evidence, const ps_facts *facts, const ps_batch *batch, size_t i)
{
    if (i < batch->row_count) ps_index_prefetch(&evidence->index, ps_row_identity(facts, &batch->rows[i]));
}

ps_status ps_gather_rows(ps_evidence *evidence, const ps_facts *facts, const ps_batch *batch, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < batch->row_count && status == PS_OK; i++) {
        const ps_row *row = &batch->rows[i];
        prefetch(evidence, facts, batch, i + ROWS_AHEAD);
        if (!ps_row_has_key(row)) continue;
        const ps_signals said = ps_said_signals(batch, row);
        status = ps_evidence_add(evidence, ps_row_identity(facts, row), &said, err);
    }
    return status;
}

// What they touch is on its way then.
static size_t list_firsts(const ps_evidence *evidence, const ps_facts *facts, const ps_batch *batch, uint32_t *out)
{
    size_t count = 0;

    for (size_t i = 0; i < batch->row_count; i++) {
        const ps_row *row = &batch->rows[i];
        if (ps_row_alone(facts, batch, row) || !ps_row_has_key(row)) continue;
        if (ps_repeated_later(facts->repeated, batch->file, ps_row_number(batch, row))) continue;
        ps_index_prefetch(&evidence->index, ps_row_identity(facts, row));
        out[count++] = (uint32_t)i;
    }
    return count;
}

bool ps_gather_firsts(ps_evidence *evidence, const ps_facts *facts, ps_batch *batch, ps_order *order)
{
    uint32_t *firsts = ps_arena_room(&batch->arena, (batch->row_count + 1) * sizeof *firsts);
    size_t count = list_firsts(evidence, facts, batch, firsts);

    if (!ps_order_enter(order, PS_ORDER_EVIDENCE, batch->number)) return false;
    for (size_t i = 0; i < count; i++) {
        const ps_row *row = &batch->rows[firsts[i]];
        const ps_signals said = ps_said_signals(batch, row);
        ps_evidence_join(evidence, ps_row_identity(facts, row), &said);
    }
    ps_order_leave(order, PS_ORDER_EVIDENCE);
    return true;
}
