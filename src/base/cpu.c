#include "base/cpu.h"

#include <assert.h>
#include <stdbool.h>

ps_cpu ps_cpu_best(void)
{
#ifdef PS_CPU_X86
    // These ask the processor, and whether the system saves the wide registers.
    __builtin_cpu_init();
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                __builtin_cpu_supports("pclmul");
    bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") &&
                  __builtin_cpu_supports("avx512vbmi2");

    if (avx2 && avx512) return PS_CPU_AVX512;
    if (avx2) return PS_CPU_AVX2;
#endif
    return PS_CPU_SCALAR;
}

const char *ps_cpu_name(ps_cpu cpu)
{
    static const char *const names[PS_CPU_COUNT] = {
        [PS_CPU_SCALAR] = "scalar", [PS_CPU_AVX2] = "avx2", [PS_CPU_AVX512] = "avx512"};

    assert((unsigned)cpu < PS_CPU_COUNT);
    return names[cpu];
}
