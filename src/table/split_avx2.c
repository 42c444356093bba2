#include "table/split.h"

#ifdef PS_CPU_X86

#include <immintrin.h>
#include <string.h>

#include "table/split_block.h"

enum { HALF = 32, AT_ONCE = 8 };

PS_TARGET_AVX2 static inline uint64_t prefix_xor(uint64_t bits)
{
    __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)bits), _mm_set1_epi8(-1), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

PS_TARGET_AVX2 static inline uint64_t find(__m256i first, __m256i second, __m256i wanted)
{
    uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(first, wanted));
    uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(second, wanted));
    return low | (uint64_t)high << HALF;
}

// Bytes that begin no formula. A bit for each upper half of those that do (0x0_, 0x2_, 0x3_, 0x4_), and for each lower
// half the bits that it makes one with.
PS_TARGET_AVX2 static inline uint64_t find_no_formula(__m256i bytes)
{
    const __m256i lower = _mm256_setr_epi8(8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 2, 0, 6, 0, 0, //
                                           8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 2, 0, 6, 0, 0);
    const __m256i upper = _mm256_setr_epi8(1, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, //
                                           1, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    __m256i half = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15));
    __m256i both = _mm256_and_si256(_mm256_shuffle_epi8(lower, bytes), _mm256_shuffle_epi8(upper, half));

    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(both, _mm256_setzero_si256()));
}

PS_TARGET_AVX2 static inline uint64_t find_formula(__m256i first, __m256i second)
{
    return ~(find_no_formula(first) | find_no_formula(second) << HALF);
}

PS_TARGET_AVX2 static inline uint64_t find_high(__m256i first, __m256i second)
{
    return (uint32_t)_mm256_movemask_epi8(first) | (uint64_t)(uint32_t)_mm256_movemask_epi8(second) << HALF;
}

// The first eight are stored whether they are there or not: most blocks have fewer, and nothing is mispredicted.
PS_TARGET_AVX2 static inline void store_ends(uint64_t bits, size_t offset, ps_split_fill *fill)
{
    uint32_t *out = fill->ends + fill->end_count;
    size_t count = (size_t)_mm_popcnt_u64(bits);
    uint64_t left = bits;

    for (size_t i = 0; i < AT_ONCE; i++, left = _blsr_u64(left))
        out[i] = (uint32_t)(offset + _tzcnt_u64(left));
    for (size_t i = AT_ONCE; i < count; i++, left = _blsr_u64(left))
        out[i] = (uint32_t)(offset + _tzcnt_u64(left));
    fill->end_count += count;
}

// Inlined, else what is handed on from block to block would go through memory.
__attribute__((always_inline)) PS_TARGET_AVX2 static inline unsigned take_block(const char *bytes, size_t offset,
                                                                                uint64_t inside, char delimiter,
                                                                                ps_split_state *state,
                                                                                ps_split_fill *fill)
{
    __m256i first = _mm256_loadu_si256((const __m256i *)(const void *)bytes);
    __m256i second = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + HALF));
    ps_split_marks marks = {
        .delimiter = find(first, second, _mm256_set1_epi8(delimiter)) & inside,
        .quote = find(first, second, _mm256_set1_epi8('"')) & inside,
        .lf = find(first, second, _mm256_set1_epi8('\n')) & inside,
        .cr = find(first, second, _mm256_set1_epi8('\r')) & inside,
        .high = find_high(first, second) & inside,
        .formula = find_formula(first, second) & inside,
    };
    ps_split_found found = ps_split_block(marks, prefix_xor(marks.quote) ^ state->quoted, inside, state);

    ps_split_lines(found, fill);
    store_ends(found.ends, offset, fill);
    return found.doubts | ps_split_inner(found.inner, offset, fill);
}

PS_TARGET_AVX2 void ps_split_avx2(ps_span bytes, char delimiter, ps_split *out)
{
    ps_split_state state = PS_SPLIT_BEGIN;
    ps_split_fill fill = ps_split_start(out);
    size_t whole = bytes.len / PS_SPLIT_BLOCK * PS_SPLIT_BLOCK;
    uint8_t *doubts = out->doubts;
    char last[PS_SPLIT_BLOCK] = {0}; // no load reaches over the end

    for (size_t i = 0; i < whole; i += PS_SPLIT_BLOCK)
        *doubts++ = (uint8_t)take_block(bytes.bytes + i, i, ~UINT64_C(0), delimiter, &state, &fill);
    if (whole < bytes.len) {
        uint64_t inside = (UINT64_C(1) << (bytes.len - whole)) - 1;
        memcpy(last, bytes.bytes + whole, bytes.len - whole);
        *doubts = (uint8_t)take_block(last, whole, inside, delimiter, &state, &fill);
    }
    ps_split_stop(&state, &fill, bytes, out);
}

#endif
