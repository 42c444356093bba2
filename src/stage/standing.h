#ifndef PS_STAGE_STANDING_H
#define PS_STAGE_STANDING_H

// `evidence: first`: what one row says of its address, in three bits, so that a later row of the address can be held
// against the first without keeping it.

#include "facts/decisions.h"
#include "facts/facts.h"
#include "table/batch.h"

typedef enum ps_standing {
    PS_STANDING_AGAINST, // it opted out, complained, bounced, or has no consent
    PS_STANDING_WINBACK_OUT, // a win-back mail is out, or was not answered
    PS_STANDING_GONE, // from here on: the more, the better
    PS_STANDING_DUE,
    PS_STANDING_COOLING,
    PS_STANDING_OPENS,
    PS_STANDING_ACTIVE, // or nothing to judge engagement by
    PS_STANDING_PROTECTED,
    PS_STANDING_COUNT
} ps_standing;

// What it is told by, the same for all rows.
typedef struct ps_standing_rules {
    ps_findings against;
    const uint8_t *below_active; // by what engagement says
} ps_standing_rules;

ps_standing_rules ps_standing_rules_of(const ps_facts *facts);

// What it is told by is as good as random, so nothing here branches.
static inline ps_standing ps_standing_of(const ps_standing_rules *rules, const ps_batch *batch, const ps_row *row)
{
    const uint32_t protection = PS_FLAG_PROTECTED | PS_FLAG_UNPROTECTED;
    size_t i = (size_t)(row - batch->rows);
    unsigned standing = PS_STANDING_ACTIVE - rules->below_active[batch->engaged[i]];

    standing = (batch->said.flags[i] & protection) == PS_FLAG_PROTECTED ? PS_STANDING_PROTECTED : standing;
    return (row->findings & rules->against) != 0 ? PS_STANDING_AGAINST : (ps_standing)standing;
}

// Does the later row, of this standing and perhaps said not to be protected, speak against the address as the first
// does not?
bool ps_standing_speaks_against(ps_standing first, ps_standing later, bool unprotected);

// If not: would the address be judged otherwise on both rows than on the first alone?
bool ps_standing_outdoes(ps_standing first, ps_standing later);

// Does a column of the file remove it, and nothing that every row of the address says?
bool ps_row_opted_out(const ps_facts *facts, const ps_row *row);

#endif
