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

// Of the bytes that begin a formula only - and = end in the same four bits: the others are looked up by theirs.
PS_TARGET_AVX2 static inline __m256i formula_in(__m256i bytes)
{
    const __m256i known = _mm256_setr_epi8('@', 0, 0, 0, 0, 0, 0, '\'', 0, '\t', '\n', '+', 0, '-', 0, 0, //
                                           '@', 0, 0, 0, 0, 0, 0, '\'', 0, '\t', '\n', '+', 0, '-', 0, 0);

    return _mm256_or_si256(_mm256_cmpeq_epi8(_mm256_shuffle_epi8(known, bytes), bytes),
                           _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('=')));
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

// Inlined, else what is handed on from block to block would go through memory. `cr`: where it has one.
__attribute__((always_inline)) PS_TARGET_AVX2 static inline unsigned take_block(two_halves block, size_t offset,
                                                                                uint64_t inside, uint64_t cr,
                                                                                char delimiter, ps_split_state *state,
                                                                                ps_split_fill *fill)
{
    ps_split_marks marks = {
        .delimiter = find(block, delimiter) & inside,
        .quote = find(block, '"') & inside,
        .lf = find(block, '\n') & inside,
        .cr = cr & inside,
        .high = upper_bits(block.first, block.second) & inside,
        .formula = upper_bits(formula_in(block.first), formula_in(block.second)) & inside,
    };
    ps_split_found found = ps_split_block(marks, prefix_xor(marks.quote) ^ state->quoted, inside, state);

    ps_split_lines(found, fill);
    store_ends(found.ends, offset, fill);
    return found.doubts | ps_split_rare(found, offset, fill);
}

// No load reaches over the end: what is left there is copied to `last`.
PS_TARGET_AVX2 static inline two_halves load_some(const char *bytes, size_t len, char last[PS_SPLIT_BLOCK])
{
    if (len == PS_SPLIT_BLOCK) return load_block(bytes);
    memcpy(last, bytes, len);
    return load_block(last);
}

// Most files have no CR at all, and the blocks before the first take less time.
PS_TARGET_AVX2 void ps_split_avx2(ps_span bytes, char delimiter, ps_split *out)
{
    ps_split_state state = PS_SPLIT_BEGIN;
    ps_split_fill fill = ps_split_start(out);
    uint8_t *doubts = out->doubts;
    char last[PS_SPLIT_BLOCK] = {0};
    size_t i = 0;

    for (; state.wrong == 0 && bytes.len - i >= PS_SPLIT_BLOCK; i += PS_SPLIT_BLOCK) {
        two_halves block = load_block(bytes.bytes + i);
        if (find(block, '\r') != 0) break;
        *doubts++ = (uint8_t)take_block(block, i, ~UINT64_C(0), 0, delimiter, &state, &fill);
    }
    for (; state.wrong == 0 && i < bytes.len; i += PS_SPLIT_BLOCK) {
        size_t len = bytes.len - i < PS_SPLIT_BLOCK ? bytes.len - i : PS_SPLIT_BLOCK;
        two_halves block = load_some(bytes.bytes + i, len, last);
        uint64_t inside = _bzhi_u64(~UINT64_C(0), (unsigned)len), cr = find(block, '\r');
        *doubts++ = (uint8_t)take_block(block, i, inside, cr, delimiter, &state, &fill);
    }
    ps_split_stop(&state, &fill, bytes, i, out);
}

#endif
