#include "base/utf8.h"

#include <assert.h>

#include "base/text.h"

ps_utf8_check *ps_utf8_check_for(ps_cpu cpu)
{
    static ps_utf8_check *const forms[PS_CPU_COUNT] = {
        [PS_CPU_SCALAR] = ps_utf8_valid,
#ifdef PS_CPU_X86
        [PS_CPU_AVX2] = ps_utf8_valid_avx2,
        [PS_CPU_AVX512] = ps_utf8_valid_avx2, // what is looked at is a block or two
#endif
    };

    assert((unsigned)cpu < PS_CPU_COUNT && forms[cpu] != NULL);
    return forms[cpu];
}
