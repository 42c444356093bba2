#ifndef PS_FACTS_ENGAGEMENT_BLOCK_H
#define PS_FACTS_ENGAGEMENT_BLOCK_H

// The judgement of engagement.h for many people at once, column by column: of those whose days are settled, and who
// have no segment, no protection, no number of sends and no listing of an earlier run. That is nearly everybody, and
// what people did is as good as random, so that a branch on it would be mispredicted: here is none.

#include "base/cpu.h"
#include "facts/decisions.h"

enum { PS_ENGAGEMENT_BLOCK = 64 };

typedef struct ps_engagement_block {
    const ps_day *days[PS_SIGNAL_COUNT]; // of all of the block, by signal; NULL: no column says it
    // Where is written what comes out, of each:
    uint8_t *decisions; // the number in the table
    int32_t *idle_days; // -1: not known
} ps_engagement_block;

// What all are judged by.
typedef struct ps_engagement_terms {
    ps_engagement policy;
    ps_sight sight;
    ps_day as_of;
} ps_engagement_terms;

typedef void ps_engagement_judge_block(const ps_engagement_terms *terms, const ps_engagement_block *block);
ps_engagement_judge_block *ps_engagement_block_for(ps_cpu cpu);
ps_engagement_judge_block ps_engagement_block_scalar, ps_engagement_block_avx2, ps_engagement_block_avx512;

#endif
