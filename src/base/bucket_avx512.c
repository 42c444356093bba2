#include "base/bucket.h"

#ifdef PS_CPU_X86

#include <immintrin.h>

// As the form for AVX2 says.
PS_TARGET_AVX512 static inline unsigned look(const ps_bucket *bucket, uint64_t word, uint64_t ignored)
{
    __m512i words = _mm512_load_si512((const void *)bucket);
    __m512i named = _mm512_andnot_si512(_mm512_set1_epi64((long long)ignored), words);
    unsigned hits = _mm512_cmpeq_epi64_mask(named, _mm512_set1_epi64((long long)word));
    unsigned gaps = _mm512_testn_epi64_mask(words, words);

    atomic_signal_fence(memory_order_acquire);
    return hits | gaps << PS_BUCKET_WORDS;
}

PS_TARGET_AVX512 unsigned ps_bucket_look_avx512(const ps_bucket *bucket, uint64_t word, uint64_t ignored)
{
    return look(bucket, word, ignored);
}

PS_TARGET_AVX512 void ps_bucket_look_each_avx512(const ps_bucket *const buckets[], const uint64_t words[],
                                                 uint64_t ignored, size_t count, uint16_t seen[])
{
    for (size_t i = 0; i < count; i++)
        seen[i] = (uint16_t)look(buckets[i], words[i], ignored);
}

#endif
