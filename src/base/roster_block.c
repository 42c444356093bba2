#include "base/roster_block.h"

#include <assert.h>

#define PS_LANES_TARGET
#define PS_LANES_SEEN ps_bucket_look_scalar
#include "base/roster_lanes.h"

const ps_roster_block ps_roster_block_scalar = {ask_lanes, ask_open_lanes, claim_lanes, add_lanes};

const ps_roster_block *ps_roster_block_for(ps_cpu cpu)
{
    static const ps_roster_block *const forms[PS_CPU_COUNT] = {
        [PS_CPU_SCALAR] = &ps_roster_block_scalar,
#ifdef PS_CPU_X86
        [PS_CPU_AVX2] = &ps_roster_block_avx2,
        [PS_CPU_AVX512] = &ps_roster_block_avx512,
#endif
    };

    assert((unsigned)cpu < PS_CPU_COUNT && forms[cpu] != NULL);
    return forms[cpu];
}
