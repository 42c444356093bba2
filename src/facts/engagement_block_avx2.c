#include "facts/engagement_block.h"

#ifdef PS_CPU_X86

#define PS_LANES_BYTES 32
#define PS_LANES_TARGET PS_TARGET_AVX2
#include "facts/engagement_lanes.h"

PS_TARGET_AVX2 void ps_engagement_block_avx2(const ps_engagement_terms *terms, const ps_engagement_block *block)
{
    judge_lanes(terms, block);
}

#endif
