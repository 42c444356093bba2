#ifndef PS_BASE_CPU_H
#define PS_BASE_CPU_H

// Which instructions this machine has, for code that comes in several forms. All forms of a function give the same
// bytes; the scalar one is the reference.

typedef enum ps_cpu {
    PS_CPU_SCALAR,
    PS_CPU_AVX2, // with BMI1, BMI2 and POPCNT
    PS_CPU_AVX512, // F, BW, VL, VBMI, VBMI2, with what AVX2 has
    PS_CPU_COUNT
} ps_cpu;

// The best kind that this machine has; every lesser one runs here too.
ps_cpu ps_cpu_best(void);

// From now on nothing better than `most` counts as there. For tests only.
void ps_cpu_limit(ps_cpu most);

// Processors that this process may keep busy by its control group (a container's limit), rounded up; 0: no limit is
// known. `proc` and `sys` are the folders of that name, /proc and /sys but for tests.
unsigned ps_cpu_quota(const char *proc, const char *sys);

const char *ps_cpu_name(ps_cpu cpu); // scalar, avx2, avx512

// Code for x86-64 only stands between #ifdef PS_CPU_X86 and #endif.
#if defined(__x86_64__)
#define PS_CPU_X86 1
#define PS_TARGET_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#ifdef PS_EMULATE_AVX512 // of tests: see tests/emulation/immintrin.h
#define PS_TARGET_AVX512 PS_TARGET_AVX2
#else
#define PS_TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt")))
#endif
#endif

#endif
