#include "base/cpu.h"

#include <assert.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

// Written by tests only, before the code under test runs.
static atomic_int most_kind = PS_CPU_COUNT;

static ps_cpu best_here(void)
{
#ifdef PS_CPU_X86
    // These ask the processor, and whether the system saves the wide registers.
    __builtin_cpu_init();
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                __builtin_cpu_supports("popcnt");
    bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") &&
                  __builtin_cpu_supports("avx512vbmi2");

#ifdef PS_EMULATE_AVX512
    avx512 = true;
#endif
    if (avx2 && avx512) return PS_CPU_AVX512;
    if (avx2) return PS_CPU_AVX2;
#endif
    return PS_CPU_SCALAR;
}

ps_cpu ps_cpu_best(void)
{
    ps_cpu here = best_here();
    int most = atomic_load_explicit(&most_kind, memory_order_relaxed);

    return most < (int)here ? (ps_cpu)most : here;
}

void ps_cpu_limit(ps_cpu most)
{
    atomic_store_explicit(&most_kind, most, memory_order_relaxed);
}

// ---- what the control group allows

// The path of this process's group among the unified ones: the line that begins with 0::
static bool read_group(const char *proc, char out[PATH_MAX])
{
    char path[PATH_MAX], line[PATH_MAX];
    bool found = false;

    snprintf(path, sizeof path, "%s/self/cgroup", proc);
    FILE *file = fopen(path, "re");
    if (file == NULL) return false;
    while (!found && fgets(line, sizeof line, file) != NULL) {
        found = strncmp(line, "0::/", 4) == 0;
        line[strcspn(line, "\n")] = '\0';
    }
    fclose(file); // only read from
    if (found) snprintf(out, PATH_MAX, "%s", line + 3);
    return found;
}

// "200000 100000": two processors. "max 100000": no limit.
static unsigned read_quota(const char *sys, const char *group)
{
    char path[PATH_MAX];
    unsigned long long quota = 0, period = 0;
    int len = snprintf(path, sizeof path, "%s/fs/cgroup%s/cpu.max", sys, group);

    if (len < 0 || (size_t)len >= sizeof path) return 0;
    FILE *file = fopen(path, "re");
    if (file == NULL) return 0;
    bool limited = fscanf(file, "%llu %llu", &quota, &period) == 2 && quota > 0 && period > 0;
    fclose(file); // only read from
    unsigned long long processors = limited ? (quota + period - 1) / period : 0;
    return processors > UINT_MAX ? 0 : (unsigned)processors;
}

unsigned ps_cpu_quota(const char *proc, const char *sys)
{
    char group[PATH_MAX];
    unsigned least = 0;

    if (!read_group(proc, group)) return 0;
    for (;;) { // a group is held to the limits of those around it, too
        unsigned quota = read_quota(sys, group);
        if (quota > 0 && (least == 0 || quota < least)) least = quota;
        char *slash = strrchr(group, '/');
        if (slash == NULL) return least;
        *slash = '\0';
    }
}

const char *ps_cpu_name(ps_cpu cpu)
{
    static const char *const names[PS_CPU_COUNT] = {
        [PS_CPU_SCALAR] = "scalar", [PS_CPU_AVX2] = "avx2", [PS_CPU_AVX512] = "avx512"};

    assert((unsigned)cpu < PS_CPU_COUNT);
    return names[cpu];
}
