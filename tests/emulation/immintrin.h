#ifndef PS_EMULATION_IMMINTRIN_H
#define PS_EMULATION_IMMINTRIN_H

// Found before the compiler's own header where AVX-512 is emulated (PS_EMULATE_AVX512): its functions are SIMDe's then,
// which any processor with AVX2 can run, and here are those that SIMDe 0.7.4 lacks or names wrongly. All of them are
// what Intel's guide to the intrinsics says.

#include_next <immintrin.h>

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>

#undef _mm512_madd_epi16
#define _mm512_madd_epi16(a, b) simde_mm512_madd_epi16(a, b)
#undef _mm512_mask_cmpge_epi32_mask
#define _mm512_mask_cmpge_epi32_mask(mask, a, b) simde_mm512_mask_cmpge_epi32_mask(mask, a, b)
#undef _mm512_mask_cmpge_epu32_mask
#define _mm512_mask_cmpge_epu32_mask(mask, a, b) simde_mm512_mask_cmpge_epu32_mask(mask, a, b)

// A byte whose bit is not set is not touched.
static inline void ps_emulate_load(void *to, uint64_t mask, const void *from)
{
    for (uint64_t left = mask; left != 0; left &= left - 1)
        ((char *)to)[__builtin_ctzll(left)] = ((const char *)from)[__builtin_ctzll(left)];
}

static inline __m512i ps_emulate_maskz_loadu_epi8(uint64_t mask, const void *from)
{
    __m512i out = simde_mm512_setzero_si512();

    ps_emulate_load(&out, mask, from);
    return out;
}
#define _mm512_maskz_loadu_epi8(mask, from) ps_emulate_maskz_loadu_epi8(mask, from)

static inline __m256i ps_emulate_mask_loadu_epi8(__m256i otherwise, uint32_t mask, const void *from)
{
    ps_emulate_load(&otherwise, mask, from);
    return otherwise;
}
#define _mm256_mask_loadu_epi8(otherwise, mask, from) ps_emulate_mask_loadu_epi8(otherwise, mask, from)

static inline __m512i ps_emulate_cvtepu8_epi32(__m128i bytes)
{
    uint8_t from[16];
    uint32_t to[16];

    memcpy(from, &bytes, sizeof from);
    for (size_t i = 0; i < 16; i++)
        to[i] = from[i];
    return simde_mm512_loadu_si512(to);
}
#define _mm512_cvtepu8_epi32(bytes) ps_emulate_cvtepu8_epi32(bytes)

static inline __m512i ps_emulate_maskz_compress_epi8(uint64_t mask, __m512i bytes)
{
    uint8_t from[64], to[64] = {0};
    size_t count = 0;

    memcpy(from, &bytes, sizeof from);
    for (uint64_t left = mask; left != 0; left &= left - 1)
        to[count++] = from[__builtin_ctzll(left)];
    return simde_mm512_loadu_si512(to);
}
#define _mm512_maskz_compress_epi8(mask, bytes) ps_emulate_maskz_compress_epi8(mask, bytes)

typedef uint16_t ps_emulated_epu16 __attribute__((vector_size(64)));
typedef uint32_t ps_emulated_epu32 __attribute__((vector_size(64)));
typedef int32_t ps_emulated_epi32 __attribute__((vector_size(64)));

// A bit for each lane, which is all ones or none.
static inline __mmask16 ps_emulate_mask16(ps_emulated_epi32 lanes)
{
    unsigned mask = 0;

    for (unsigned i = 0; i < 16; i++)
        mask |= (unsigned)(lanes[i] != 0) << i;
    return (__mmask16)mask;
}

static inline __mmask32 ps_emulate_cmpgt_epu16_mask(__m512i a, __m512i b)
{
    __mmask32 mask = 0;

    for (unsigned i = 0; i < 32; i++)
        mask |= (__mmask32)(((ps_emulated_epu16)a)[i] > ((ps_emulated_epu16)b)[i]) << i;
    return mask;
}
#define _mm512_cmpgt_epu16_mask(a, b) ps_emulate_cmpgt_epu16_mask(a, b)

static inline __mmask16 ps_emulate_cmpgt_epu32_mask(__m512i a, __m512i b)
{
    return ps_emulate_mask16((ps_emulated_epu32)a > (ps_emulated_epu32)b);
}
#define _mm512_cmpgt_epu32_mask(a, b) ps_emulate_cmpgt_epu32_mask(a, b)

static inline __mmask16 ps_emulate_mask_cmplt_epi32_mask(__mmask16 mask, __m512i a, __m512i b)
{
    return mask & ps_emulate_mask16((ps_emulated_epi32)a < (ps_emulated_epi32)b);
}
#define _mm512_mask_cmplt_epi32_mask(mask, a, b) ps_emulate_mask_cmplt_epi32_mask(mask, a, b)

static inline __mmask16 ps_emulate_testn_epi32_mask(__m512i a, __m512i b)
{
    return ps_emulate_mask16((ps_emulated_epi32)(a & b) == 0);
}
#define _mm512_testn_epi32_mask(a, b) ps_emulate_testn_epi32_mask(a, b)

static inline __m512i ps_emulate_srai_epi32(__m512i lanes, unsigned bits)
{
    return (__m512i)((ps_emulated_epi32)lanes >> (int)bits);
}
#define _mm512_srai_epi32(lanes, bits) ps_emulate_srai_epi32(lanes, bits)

static inline __mmask16 ps_emulate_test_epi8_mask(__m128i a, __m128i b)
{
    return (__mmask16)~_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_and_si128(a, b), _mm_setzero_si128()));
}
#define _mm_test_epi8_mask(a, b) ps_emulate_test_epi8_mask(a, b)

#endif
