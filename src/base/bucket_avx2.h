#ifndef PS_BASE_BUCKET_AVX2_H
#define PS_BASE_BUCKET_AVX2_H

// ps_bucket_look() as it stands inside the loops that are made for this kind of processor.

#include <immintrin.h>

#include "base/bucket.h"

// It reads each aligned word of a vector at once, and no load before an earlier one; the fence is for the compiler.
PS_TARGET_AVX2 static inline unsigned ps_bucket_seen_avx2(const ps_bucket *bucket, uint64_t word, uint64_t ignored)
{
    const __m256i *halves = (const void *)bucket;
    __m256i low = _mm256_load_si256(halves), high = _mm256_load_si256(halves + 1);
    __m256i sought = _mm256_set1_epi64x((long long)word), mask = _mm256_set1_epi64x((long long)ignored);
    __m256i hits_low = _mm256_cmpeq_epi64(_mm256_andnot_si256(mask, low), sought);
    __m256i hits_high = _mm256_cmpeq_epi64(_mm256_andnot_si256(mask, high), sought);
    __m256i gaps_low = _mm256_cmpeq_epi64(low, _mm256_setzero_si256());
    __m256i gaps_high = _mm256_cmpeq_epi64(high, _mm256_setzero_si256());

    atomic_signal_fence(memory_order_acquire);
    return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(hits_low)) |
           (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(hits_high)) << 4 |
           (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(gaps_low)) << 8 |
           (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(gaps_high)) << 12;
}

#endif
