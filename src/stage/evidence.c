#include "stage/row.h"
#include "stage/stage.h"

void ps_stage_evidence(const ps_facts *facts, ps_batch *batch)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        ps_row *row = &batch->rows[i];
        row->judged = NULL;
        if (facts->evidence != NULL && ps_row_has_key(row))
            row->judged = ps_evidence_find(facts->evidence, ps_row_identity(facts, row));
        if (row->judged == NULL) row->judged = &row->signals;
    }
}
