#include "table/split.h"

#ifdef PS_CPU_X86

#include <immintrin.h>

#define PS_SPLIT_WORDS 4
#define PS_SPLIT_TARGET PS_TARGET_AVX2
#include "table/split_pages.h"

enum { HALF = 32, AT_ONCE = 8 };

// A block of 64 bytes.
typedef struct two_halves {
    __m256i first, second;
} two_halves;

PS_TARGET_AVX2 static inline two_halves load_block(const char *bytes)
{
    return (two_halves){_mm256_loadu_si256((const __m256i *)(const void *)bytes),
                        _mm256_loadu_si256((const __m256i *)(const void *)(bytes + HALF))};
}

// The upper bit of each byte.
PS_TARGET_AVX2 static inline uint64_t upper_bits(__m256i first, __m256i second)
{
    return (uint32_t)_mm256_movemask_epi8(first) | (uint64_t)(uint32_t)_mm256_movemask_epi8(second) << HALF;
}

PS_TARGET_AVX2 static inline uint64_t find(two_halves block, char wanted)
{
    __m256i all = _mm256_set1_epi8(wanted);

    return upper_bits(_mm256_cmpeq_epi8(block.first, all), _mm256_cmpeq_epi8(block.second, all));
}

// Of the bytes that begin a formula few end in the same four bits as another: the others are looked up by theirs.
PS_TARGET_AVX2 static inline __m256i formula_in(__m256i bytes)
{
    const char cp932 = (char)PS_SPLIT_WIDE_CP932, utf8 = (char)PS_SPLIT_WIDE_UTF8;
    const __m256i known = _mm256_setr_epi8('@', cp932, 0, 0, 0, 0, 0, '\'', 0, '\t', '\n', '+', 0, '-', 0, utf8, //
                                           '@', cp932, 0, 0, 0, 0, 0, '\'', 0, '\t', '\n', '+', 0, '-', 0, utf8);
    __m256i by_end = _mm256_shuffle_epi8(known, _mm256_and_si256(bytes, _mm256_set1_epi8(0x0F)));
    __m256i equal = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('='));
    __m256i euc_jp = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8((char)PS_SPLIT_WIDE_EUC_JP));

    return _mm256_or_si256(_mm256_cmpeq_epi8(by_end, bytes), _mm256_or_si256(equal, euc_jp));
}

// The first eight are stored whether they are there or not: most blocks have fewer, and nothing is mispredicted.
PS_TARGET_AVX2 static inline void ps_split_keep_ends(uint64_t bits, size_t offset, ps_split_fill *fill)
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

PS_TARGET_AVX2 static inline void ps_split_mark(const char *bytes, char delimiter, size_t i, ps_split_marks *marks)
{
    two_halves block = load_block(bytes);

    marks->delimiter.block[i] = find(block, delimiter);
    marks->quote.block[i] = find(block, '"');
    marks->lf.block[i] = find(block, '\n');
    marks->cr.block[i] = find(block, '\r');
    marks->high.block[i] = upper_bits(block.first, block.second);
    marks->formula.block[i] = upper_bits(formula_in(block.first), formula_in(block.second));
}

PS_TARGET_AVX2 void ps_split_avx2(ps_span bytes, char delimiter, ps_split *out)
{
    ps_split_pages(bytes, delimiter, out);
}

#endif
