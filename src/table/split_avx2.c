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

// The upper bit of each byte of a block. Its halves are stored one by one: to put them together takes longer.
PS_TARGET_AVX2 static inline void store_bits(__m256i first, __m256i second, size_t i, ps_split_bits *out)
{
    out->half[2 * i] = (uint32_t)_mm256_movemask_epi8(first);
    out->half[2 * i + 1] = (uint32_t)_mm256_movemask_epi8(second);
}

PS_TARGET_AVX2 static inline void store_equal(two_halves block, char wanted, size_t i, ps_split_bits *out)
{
    __m256i all = _mm256_set1_epi8(wanted);

    store_bits(_mm256_cmpeq_epi8(block.first, all), _mm256_cmpeq_epi8(block.second, all), i, out);
}

// What begins a formula is known by its last four bits and, of the others, by those that are looked at: not by the one
// that tells = from -, nor by the one that tells a wide one of EUC-JP from one of CP932.
PS_TARGET_AVX2 static inline __m256i formula_in(__m256i bytes)
{
    enum { EQUAL = '=' & '-', WIDE = PS_SPLIT_WIDE_EUC_JP & PS_SPLIT_WIDE_CP932 };
    const char any_equal = (char)~('=' ^ '-'), any_wide = (char)~(PS_SPLIT_WIDE_EUC_JP ^ PS_SPLIT_WIDE_CP932);
    const char wide = (char)WIDE, utf8 = (char)PS_SPLIT_WIDE_UTF8;
    const __m256i known = _mm256_setr_epi8('@', wide, 0, 0, 0, 0, 0, '\'', 0, '\t', '\n', '+', 0, EQUAL, 0, utf8, //
                                           '@', wide, 0, 0, 0, 0, 0, '\'', 0, '\t', '\n', '+', 0, EQUAL, 0, utf8);
    const __m256i all = _mm256_setr_epi8(-1, any_wide, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, any_equal, -1, -1, //
                                         -1, any_wide, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, any_equal, -1, -1);
    __m256i end = _mm256_and_si256(bytes, _mm256_set1_epi8(0x0F));
    __m256i rest = _mm256_and_si256(bytes, _mm256_shuffle_epi8(all, end));

    return _mm256_cmpeq_epi8(_mm256_shuffle_epi8(known, end), rest);
}

// Of a stretch's words, each less than 256, the low bytes.
PS_TARGET_AVX2 static inline ps_word_bytes ps_split_low_bytes(const ps_words *words)
{
    const __m256i low = _mm256_setr_epi8(0, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, //
                                         -1, -1, 0, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
    __m256i bytes = _mm256_shuffle_epi8((__m256i)*words, low);
    int all = _mm_cvtsi128_si32(_mm_or_si128(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1)));
    ps_word_bytes out;

    memcpy(&out, &all, sizeof out);
    return out;
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

    store_equal(block, delimiter, i, &marks->delimiter);
    store_equal(block, '"', i, &marks->quote);
    store_equal(block, '\n', i, &marks->lf);
    store_equal(block, '\r', i, &marks->cr);
    marks->high.block[i] = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(block.first, block.second));
    store_bits(formula_in(block.first), formula_in(block.second), i, &marks->formula);
}

PS_TARGET_AVX2 void ps_split_avx2(ps_span bytes, char delimiter, ps_split *out)
{
    ps_split_pages(bytes, delimiter, out);
}

#endif
