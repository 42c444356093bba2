#ifndef PS_STAGE_VISIT_H
#define PS_STAGE_VISIT_H

// Who visits the table of all that are known: each row that has a key is looked up there and then claims its address, a
// group of the table's parts at a time, while what it touches is near.

#include "base/roster.h"
#include "facts/facts.h"
#include "table/batch.h"

typedef struct ps_visits {
    const ps_roster *roster;
    unsigned groups; // of its parts
    uint64_t apart; // as ps_roster_question has it
    uint64_t moves; // of the roster, before any was looked up
    uint32_t *rows; // by their place in the batch; group by group, in their order
    uint64_t *gaps; // of each, where its claim would be added; for ps_roster_claim_all
    uint32_t from[PS_ROSTER_PARTS + 1]; // by group
} ps_visits;

// Lists the rows of a batch that have a key. `out->roster`, `groups` and `apart` are set.
void ps_visits_list(const ps_facts *facts, ps_batch *batch, ps_visits *out);

// Address, domain, alias look-ups of some visits -> suppressed_* findings. Whatever else is wrong with a row, it is
// looked up. Others may claim meanwhile.
void ps_stage_suppress(const ps_facts *facts, ps_batch *batch, const ps_visits *visits, uint32_t from, uint32_t to);

#endif
