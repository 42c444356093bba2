#include "facts/engagement_block.h"

#ifdef PS_CPU_X86

#include <immintrin.h>

#define PS_LANES_BYTES 64
#define PS_LANES_TARGET PS_TARGET_AVX512
#include "facts/engagement_lanes.h"

PS_TARGET_AVX512 void ps_engagement_block_avx512(const ps_engagement_terms *terms, const ps_engagement_block *block)
{
    judge_lanes(terms, block);
}

#endif
