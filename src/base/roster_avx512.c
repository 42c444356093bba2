#include "base/roster_block.h"

#ifdef PS_CPU_X86

#include "base/bucket_avx512.h"

#define PS_LANES_TARGET PS_TARGET_AVX512
#define PS_LANES_SEEN ps_bucket_seen_avx512
#include "base/roster_lanes.h"

const ps_roster_block ps_roster_block_avx512 = {ask_lanes, ask_open_lanes, claim_lanes, add_lanes};

#endif
