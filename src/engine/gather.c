#include "engine/gather.h"

#include <assert.h>

#include "engine/order.h"
#include "facts/engagement.h"
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

// The rows of a batch that are the first of several, and where the evidence has what is known of them.
typedef struct firsts {
    uint32_t *rows, *numbers;
    size_t count;
} firsts;

// No row of the batch was passed over, so their numbers are one after the other.
static void list_firsts(const ps_facts *facts, const ps_batch *batch, firsts *out)
{
    enum { AT_ONCE = 64 };
    const ps_repeated *repeated = facts->repeated;
    assert(batch->passed_over == 0);
    uint64_t begin = repeated->rows_before[batch->file] + batch->first_number;

    for (size_t from = 0; from < batch->row_count; from += AT_ONCE) {
        uint64_t left = ps_repeated_marks(repeated, repeated->marks, begin + from) &
                        ~ps_repeated_marks(repeated, repeated->later, begin + from);
        for (; left != 0; left &= left - 1) {
            size_t i = from + (size_t)__builtin_ctzll(left);
            if (i < batch->row_count && ps_row_has_key(&batch->rows[i])) out->rows[out->count++] = (uint32_t)i;
        }
    }
}

// Addresses stay where the survey has put them. All that is touched in the turn is on its way then.
static void find_firsts(const ps_evidence *evidence, const ps_facts *facts, ps_batch *batch, firsts *out)
{
    size_t size = (batch->row_count + 1) * sizeof *out->rows;

    *out = (firsts){.rows = ps_arena_room(&batch->arena, size), .numbers = ps_arena_room(&batch->arena, size)};
    list_firsts(facts, batch, out);
    for (size_t i = 0; i < out->count; i++)
        ps_index_prefetch(&evidence->index, ps_row_identity(facts, &batch->rows[out->rows[i]]));
    for (size_t i = 0; i < out->count; i++) {
        out->numbers[i] = ps_index_find(&evidence->index, ps_row_identity(facts, &batch->rows[out->rows[i]]));
        if (out->numbers[i] != PS_INDEX_NONE) __builtin_prefetch(&evidence->signals[out->numbers[i]], 1);
    }
}

bool ps_gather_firsts(ps_evidence *evidence, const ps_facts *facts, ps_batch *batch, ps_order *order)
{
    firsts found;

    find_firsts(evidence, facts, batch, &found);
    if (!ps_order_enter(order, PS_ORDER_EVIDENCE, batch->number)) return false;
    for (size_t i = 0; i < found.count; i++) {
        const ps_signals said = ps_said_signals(batch, &batch->rows[found.rows[i]]);
        // Once in some hundred million rows one is taken for the first of others, of whose address nothing is there.
        if (found.numbers[i] != PS_INDEX_NONE) ps_signals_merge(&evidence->signals[found.numbers[i]], &said);
    }
    ps_order_leave(order, PS_ORDER_EVIDENCE);
    return true;
}
