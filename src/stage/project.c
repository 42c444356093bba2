#include <assert.h>

#include "base/limits.h"
#include "stage/row.h"
#include "stage/stage.h"

static_assert(PS_POLICIES_MAX < 32, "the policies that an address is claimed under are bits of 32");

static ps_findings project_row(const ps_facts *alternative, const ps_batch *batch, const ps_row *row)
{
    if (ps_row_damaged(row) || ps_row_settled(alternative, row)) return row->findings;
    return row->findings | ps_engage_findings(alternative, batch, row);
}

// Stands before engage, so that nothing of the job's own policy is in the findings yet.
void ps_stage_project(const ps_facts *facts, ps_batch *batch)
{
    size_t count = facts->alternatives_count;

    batch->projections = NULL;
    if (count == 0) return;
    batch->projections = ps_arena_take(&batch->arena, (batch->row_count * count + 1) * sizeof *batch->projections);
    for (size_t i = 0; i < batch->row_count; i++) {
        for (size_t k = 0; k < count; k++)
            batch->projections[i * count + k].findings = project_row(&facts->alternatives[k], batch, &batch->rows[i]);
    }
}
