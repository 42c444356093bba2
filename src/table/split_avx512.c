#include "table/split.h"

#ifdef PS_CPU_X86

#include <immintrin.h>

#include "table/split_block.h"

enum { LANES = 16 };

PS_TARGET_AVX512 static inline uint64_t prefix_xor(uint64_t bits)
{
    __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)bits), _mm_set1_epi8(-1), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

PS_TARGET_AVX512 static inline void store(__m128i offsets, __m512i base, uint32_t *out)
{
    _mm512_storeu_si512(out, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(offsets)));
}

// Offsets of the bits: 16 at once, which is all that most blocks have.
PS_TARGET_AVX512 static inline void store_ends(uint64_t bits, size_t offset, ps_split_fill *fill)
{
    static const uint8_t numbers[PS_SPLIT_BLOCK] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                                    16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                                                    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
                                                    48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    uint32_t *out = fill->ends + fill->end_count;
    size_t count = (size_t)_mm_popcnt_u64(bits);
    __m512i packed = _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512(numbers));
    __m512i base = _mm512_set1_epi32((int)offset);

    fill->end_count += count;
    store(_mm512_castsi512_si128(packed), base, out);
    if (count <= LANES) return;
    store(_mm512_extracti32x4_epi32(packed, 1), base, out + LANES);
    if (count <= (size_t)2 * LANES) return;
    store(_mm512_extracti32x4_epi32(packed, 2), base, out + (size_t)2 * LANES);
    store(_mm512_extracti32x4_epi32(packed, 3), base, out + (size_t)3 * LANES);
}

PS_TARGET_AVX512 static inline uint64_t find_cr(__m512i block)
{
    return _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\r'));
}

// Bytes of a formula's begin, by their low seven bits.
PS_TARGET_AVX512 static inline uint64_t find_formula(__m512i block)
{
    static const uint8_t begins[2 * PS_SPLIT_BLOCK] = {
        ['\t'] = 1, ['\n'] = 1, ['\''] = 1, ['+'] = 1, ['-'] = 1, ['='] = 1, ['@'] = 1};
    __m512i low = _mm512_loadu_si512(begins), high = _mm512_loadu_si512(begins + PS_SPLIT_BLOCK);
    __m512i found = _mm512_permutex2var_epi8(low, block, high);

    return _mm512_test_epi8_mask(found, found);
}

// Inlined, else what is handed on from block to block would go through memory. `cr`: where it has one.
__attribute__((always_inline)) PS_TARGET_AVX512 static inline unsigned take_block(__m512i block, size_t offset,
                                                                                  uint64_t inside, uint64_t cr,
                                                                                  char delimiter, ps_split_state *state,
                                                                                  ps_split_fill *fill)
{
    ps_split_marks marks = {
        .delimiter = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(delimiter)),
        .quote = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('"')),
        .lf = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\n')),
        .cr = cr,
        .high = _mm512_movepi8_mask(block),
        .formula = find_formula(block),
    };
    ps_split_found found = ps_split_block(marks, prefix_xor(marks.quote) ^ state->quoted, inside, state);

    ps_split_lines(found, fill);
    store_ends(found.ends, offset, fill);
    return found.doubts | ps_split_rare(found, offset, fill);
}

// Most files have no CR at all, and the blocks before the first take half the time.
PS_TARGET_AVX512 void ps_split_avx512(ps_span bytes, char delimiter, ps_split *out)
{
    ps_split_state state = PS_SPLIT_BEGIN;
    ps_split_fill fill = ps_split_start(out);
    uint8_t *doubts = out->doubts;
    size_t i = 0;

    for (; state.wrong == 0 && bytes.len - i >= PS_SPLIT_BLOCK; i += PS_SPLIT_BLOCK) {
        __m512i block = _mm512_loadu_si512(bytes.bytes + i);
        if (find_cr(block) != 0) break;
        *doubts++ = (uint8_t)take_block(block, i, ~UINT64_C(0), 0, delimiter, &state, &fill);
    }
    for (; state.wrong == 0 && bytes.len - i >= PS_SPLIT_BLOCK; i += PS_SPLIT_BLOCK) {
        __m512i block = _mm512_loadu_si512(bytes.bytes + i);
        *doubts++ = (uint8_t)take_block(block, i, ~UINT64_C(0), find_cr(block), delimiter, &state, &fill);
    }
    if (i < bytes.len && state.wrong == 0) {
        uint64_t inside = _bzhi_u64(~UINT64_C(0), (unsigned)(bytes.len - i));
        __m512i block = _mm512_maskz_loadu_epi8(inside, bytes.bytes + i);
        *doubts = (uint8_t)take_block(block, i, inside, find_cr(block), delimiter, &state, &fill);
        i += PS_SPLIT_BLOCK;
    }
    ps_split_stop(&state, &fill, bytes, i, out);
}

#endif
