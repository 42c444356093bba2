#include <assert.h>

#include "base/limits.h"
#include "stage/row.h"
#include "stage/stage.h"

static_assert(PS_POLICIES_MAX < 32, "the policies that an address is claimed under are bits of 32");

// One of the alternatives, by its number.
static void project(const ps_facts *facts, size_t number, ps_batch *batch)
{
    const ps_facts *alternative = &facts->alternatives[number];
    const ps_sight sight = ps_sight_of(&alternative->coverage);
    int32_t idle_days; // nobody asks

    for (size_t i = 0; i < batch->row_count; i++) {
        const ps_row *row = &batch->rows[i];
        bool passed_over = ps_row_damaged(row) || ps_row_settled(alternative, row);
        ps_row_projection(facts, batch, row, number)->engaged =
            passed_over ? (uint8_t)PS_ENGAGED_NOT : ps_engage_row(alternative, &sight, batch, row, &idle_days);
    }
}

void ps_stage_project(const ps_facts *facts, ps_batch *batch)
{
    size_t count = facts->alternatives_count;

    batch->projections = NULL;
    if (count == 0) return;
    batch->projections = ps_arena_take(&batch->arena, (batch->row_count * count + 1) * sizeof *batch->projections);
    for (size_t i = 0; i < count; i++)
        project(facts, i, batch);
}
