#include "stage/row.h"
#include "stage/stage.h"

static const struct {
    uint32_t flag;
    ps_findings findings;
} column_findings[] = {
    {PS_FLAG_OPTOUT, PS_FIND(COLUMN_OPTOUT)},         {PS_FLAG_OPTIN_UNKNOWN, PS_FIND(OPTIN_UNKNOWN)},
    {PS_FLAG_COMPLAINED, PS_FIND(COLUMN_COMPLAINED)}, {PS_FLAG_BOUNCED, PS_FIND(COLUMN_BOUNCED)},
    {PS_FLAG_STATUS, PS_FIND(COLUMN_STATUS)},         {PS_FLAG_PENDING, PS_FIND(COLUMN_PENDING)},
    {PS_FLAG_NO_CONSENT, PS_FIND(CONSENT)},
};

static ps_findings judge_flags(uint32_t flags, const ps_coverage *coverage)
{
    ps_findings findings = 0;

    for (size_t i = 0; i < PS_COUNT_OF(column_findings); i++) {
        if ((flags & column_findings[i].flag) != 0) findings |= column_findings[i].findings;
    }
    // In a column of true words and blanks a blank is how that file says no; elsewhere it may mean anything.
    if ((flags & PS_FLAG_OPTIN_BLANK) != 0) {
        findings |= coverage->optin_has_false ? PS_FIND(OPTIN_UNKNOWN) : PS_FIND(NOT_OPTED_IN);
    }
    return findings;
}

// Rows that say anything with their words are few.
static const uint32_t speaking = PS_FLAG_OPTOUT | PS_FLAG_OPTIN_UNKNOWN | PS_FLAG_COMPLAINED | PS_FLAG_BOUNCED |
                                 PS_FLAG_STATUS | PS_FLAG_PENDING | PS_FLAG_NO_CONSENT | PS_FLAG_OPTIN_BLANK;

// Most rows are judged on their own words, and are not even looked at.
static inline uint32_t words_of(const ps_batch *batch, size_t i)
{
    uint32_t said = batch->said.flags[i];

    return (said & PS_FLAG_JUDGED) == 0 ? said : ps_row_flags(batch, &batch->rows[i]);
}

void ps_stage_columns(const ps_facts *facts, ps_batch *batch)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        uint32_t flags = words_of(batch, i);
        if ((flags & speaking) == 0 || ps_row_damaged(&batch->rows[i])) continue;
        batch->rows[i].findings |= judge_flags(flags, &facts->coverage);
    }
}
