#include "base/bucket.h"

#include <assert.h>

// ThreadSanitizer knows atomic words, but no vector of them.
#if defined(__SANITIZE_THREAD__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WATCHED 1
#endif
#endif

unsigned ps_bucket_look_scalar(const ps_bucket *bucket, uint64_t word, uint64_t ignored)
{
    unsigned seen = 0;

    for (unsigned i = 0; i < PS_BUCKET_WORDS; i++) {
        uint64_t stands = atomic_load_explicit(&bucket->words[i], memory_order_acquire);
        seen |= (unsigned)((stands & ~ignored) == word) << i | (unsigned)(stands == 0) << (PS_BUCKET_WORDS + i);
    }
    return seen;
}

void ps_bucket_look_each_scalar(const ps_bucket *const buckets[], const uint64_t words[], uint64_t ignored,
                                size_t count, uint16_t seen[])
{
    for (size_t i = 0; i < count; i++)
        seen[i] = (uint16_t)ps_bucket_look_scalar(buckets[i], words[i], ignored);
}

ps_bucket_form ps_bucket_form_for(ps_cpu cpu)
{
    static const ps_bucket_form forms[PS_CPU_COUNT] = {
        [PS_CPU_SCALAR] = {ps_bucket_look_scalar, ps_bucket_look_each_scalar},
#ifdef PS_CPU_X86
        [PS_CPU_AVX2] = {ps_bucket_look_avx2, ps_bucket_look_each_avx2},
        [PS_CPU_AVX512] = {ps_bucket_look_avx512, ps_bucket_look_each_avx512},
#endif
    };

    assert((unsigned)cpu < PS_CPU_COUNT && forms[cpu].look != NULL);
    return forms[cpu];
}

ps_cpu ps_bucket_cpu_best(void)
{
#ifdef WATCHED
    return PS_CPU_SCALAR;
#else
    return ps_cpu_best();
#endif
}
