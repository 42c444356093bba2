#include "base/bucket.h"

#ifdef PS_CPU_X86

#include "base/bucket_avx512.h"

PS_TARGET_AVX512 unsigned ps_bucket_look_avx512(const ps_bucket *bucket, uint64_t word, uint64_t ignored)
{
    return ps_bucket_seen_avx512(bucket, word, ignored);
}

PS_TARGET_AVX512 void ps_bucket_look_each_avx512(const ps_bucket *const buckets[], const uint64_t words[],
                                                 uint64_t ignored, size_t count, uint16_t seen[])
{
    for (size_t i = 0; i < count; i++)
        seen[i] = (uint16_t)ps_bucket_seen_avx512(buckets[i], words[i], ignored);
}

#endif
