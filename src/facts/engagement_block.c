#include "facts/engagement_block.h"

#define PS_LANES_BYTES 16 // what the plainest processor has
#define PS_LANES_TARGET
#include "facts/engagement_lanes.h"

void ps_engagement_block_scalar(const ps_engagement_terms *terms, const ps_engagement_block *block)
{
    judge_lanes(terms, block);
}

ps_engagement_judge_block *ps_engagement_block_for(ps_cpu cpu)
{
    static ps_engagement_judge_block *const forms[PS_CPU_COUNT] = {
        [PS_CPU_SCALAR] = ps_engagement_block_scalar,
#ifdef PS_CPU_X86
        [PS_CPU_AVX2] = ps_engagement_block_avx2,
        [PS_CPU_AVX512] = ps_engagement_block_avx512,
#endif
    };

    return forms[cpu];
}
