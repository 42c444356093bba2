#include "stage/row.h"
#include "stage/stage.h"

static ps_findings judge_domain(const ps_domains *domains, ps_span name)
{
    if (domains == NULL) return PS_FIND(NOT_CHECKED);
    const ps_domain_fact *fact = ps_domains_find(domains, name);

    // Outcomes such as `mx` are no findings: their numbers lie beyond the bits.
    bool is_finding = (int)fact->reason < PS_FINDING_COUNT_MAX;
    return fact->warnings | (is_finding ? (ps_findings)1 << fact->reason : 0);
}

void ps_stage_domain(const ps_facts *facts, ps_batch *batch)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        ps_row *row = &batch->rows[i];
        if (ps_row_damaged(row) || row->address.domain.len == 0) continue;
        row->findings |= judge_domain(facts->domains, row->address.domain);
    }
}
