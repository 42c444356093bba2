#include "table/split.h"

#ifdef PS_CPU_X86

#include <immintrin.h>

#define PS_SPLIT_WORDS 8
#define PS_SPLIT_TARGET PS_TARGET_AVX512
#include "table/split_pages.h"

enum { LANES = 16 };

PS_TARGET_AVX512 static inline void store(__m128i offsets, __m512i base, uint32_t *out)
{
    _mm512_storeu_si512(out, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(offsets)));
}

// Offsets of the bits: 16 at once, which is all that most blocks have.
PS_TARGET_AVX512 static inline void ps_split_keep_ends(uint64_t bits, size_t offset, ps_split_fill *fill)
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

// Of the bytes that begin a formula no two end in the same six bits: each is looked up by its own.
PS_TARGET_AVX512 static inline uint64_t find_formula(__m512i block)
{
    static const uint8_t known[PS_SPLIT_BLOCK] = {['@' - 64] = '@',
                                                  ['\t'] = '\t',
                                                  ['\n'] = '\n',
                                                  ['\''] = '\'',
                                                  ['+'] = '+',
                                                  ['-'] = '-',
                                                  ['='] = '=',
                                                  [PS_SPLIT_WIDE_UTF8 - 192] = PS_SPLIT_WIDE_UTF8,
                                                  [PS_SPLIT_WIDE_CP932 - 128] = PS_SPLIT_WIDE_CP932,
                                                  [PS_SPLIT_WIDE_EUC_JP - 128] = PS_SPLIT_WIDE_EUC_JP};

    return _mm512_cmpeq_epi8_mask(_mm512_permutexvar_epi8(block, _mm512_loadu_si512(known)), block);
}

PS_TARGET_AVX512 static inline ps_word_bytes ps_split_low_bytes(const ps_words *words)
{
    return __builtin_convertvector(*words, ps_word_bytes);
}

PS_TARGET_AVX512 static inline void ps_split_mark(const char *bytes, char delimiter, size_t i, ps_split_marks *marks)
{
    __m512i block = _mm512_loadu_si512(bytes);

    marks->delimiter.block[i] = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(delimiter));
    marks->quote.block[i] = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('"'));
    marks->lf.block[i] = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\n'));
    marks->cr.block[i] = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\r'));
    marks->high.block[i] = _mm512_movepi8_mask(block);
    marks->formula.block[i] = find_formula(block);
}

PS_TARGET_AVX512 void ps_split_avx512(ps_span bytes, char delimiter, ps_split *out)
{
    ps_split_pages(bytes, delimiter, out);
}

#endif
