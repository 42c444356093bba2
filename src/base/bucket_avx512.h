#ifndef PS_BASE_BUCKET_AVX512_H
#define PS_BASE_BUCKET_AVX512_H

// As the form for AVX2 says.

#include <immintrin.h>

#include "base/bucket.h"

PS_TARGET_AVX512 static inline unsigned ps_bucket_seen_avx512(const ps_bucket *bucket, uint64_t word, uint64_t ignored)
{
    __m512i words = _mm512_load_si512((const void *)bucket);
    __m512i named = _mm512_andnot_si512(_mm512_set1_epi64((long long)ignored), words);
    unsigned hits = _mm512_cmpeq_epi64_mask(named, _mm512_set1_epi64((long long)word));
    unsigned gaps = _mm512_testn_epi64_mask(words, words);

    atomic_signal_fence(memory_order_acquire);
    return hits | gaps << PS_BUCKET_WORDS;
}

#endif
