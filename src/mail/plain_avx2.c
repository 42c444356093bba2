#include "mail/plain.h"

#ifdef PS_CPU_X86

#include <immintrin.h>

#include "mail/plain_marks.h"

enum { HALF = 16, WHOLE = 32 };

// Which of the 128 ASCII characters are atext (RFC 5322 section 3.2.3): for each low half of a byte, the set of high
// halves that it makes atext with, as bits. A shuffle looks both halves up.
#define ATEXT_BY_LOW -24, -4, -8, -4, -4, -4, -4, -4, -8, -8, -12, -44, -48, -36, -16, 124
#define BIT_BY_HIGH 1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0

PS_TARGET_AVX2 static uint32_t bits_of(__m256i bytes)
{
    return (uint32_t)_mm256_movemask_epi8(bytes);
}

PS_TARGET_AVX2 static uint32_t find(__m256i bytes, char c)
{
    return bits_of(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c)));
}

PS_TARGET_AVX2 static ps_plain_marks marks_of(__m256i bytes)
{
    const __m256i nibble = _mm256_set1_epi8(15);
    __m256i low = _mm256_and_si256(bytes, nibble);
    __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
    __m256i sets = _mm256_shuffle_epi8(_mm256_setr_epi8(ATEXT_BY_LOW, ATEXT_BY_LOW), low);
    __m256i bit = _mm256_shuffle_epi8(_mm256_setr_epi8(BIT_BY_HIGH, BIT_BY_HIGH), high);
    // Signed: bytes with the high bit are less than any letter.
    __m256i from_a = _mm256_cmpgt_epi8(bytes, _mm256_set1_epi8('A' - 1));
    __m256i past_z = _mm256_cmpgt_epi8(bytes, _mm256_set1_epi8('Z'));

    return (ps_plain_marks){
        .at = find(bytes, '@'),
        .dot = find(bytes, '.'),
        .plus = find(bytes, '+'),
        .upper = bits_of(_mm256_andnot_si256(past_z, from_a)),
        .atext = ~bits_of(_mm256_cmpeq_epi8(_mm256_and_si256(sets, bit), _mm256_setzero_si256())),
    };
}

// 16 to 32 bytes: the first and the last 16 of them in one vector.
PS_TARGET_AVX2 static __m256i load_ends(ps_span cell)
{
    __m128i first = _mm_loadu_si128((const __m128i *)(const void *)cell.bytes);
    __m128i last = _mm_loadu_si128((const __m128i *)(const void *)(cell.bytes + cell.len - HALF));

    return _mm256_inserti128_si256(_mm256_castsi128_si256(first), last, 1);
}

// The bits of two overlapping pieces of `piece` bytes in the order of the cell.
static uint64_t join(uint64_t first, uint64_t last, size_t piece, size_t len)
{
    return first | last << (len - piece);
}

static ps_plain_marks join_marks(ps_plain_marks first, ps_plain_marks last, size_t len)
{
    return (ps_plain_marks){
        .at = join(first.at, last.at, WHOLE, len),
        .dot = join(first.dot, last.dot, WHOLE, len),
        .plus = join(first.plus, last.plus, WHOLE, len),
        .upper = join(first.upper, last.upper, WHOLE, len),
        .atext = join(first.atext, last.atext, WHOLE, len),
    };
}

static uint64_t unfold(uint64_t bits, size_t len)
{
    return join(bits & 0xFFFF, bits >> HALF, HALF, len);
}

static ps_plain_marks unfold_marks(ps_plain_marks ends, size_t len)
{
    return (ps_plain_marks){
        .at = unfold(ends.at, len),
        .dot = unfold(ends.dot, len),
        .plus = unfold(ends.plus, len),
        .upper = unfold(ends.upper, len),
        .atext = unfold(ends.atext, len),
    };
}

PS_TARGET_AVX2 static ps_plain_marks scan_long(ps_span cell)
{
    ps_plain_marks first = marks_of(_mm256_loadu_si256((const __m256i *)(const void *)cell.bytes));

    if (first.at != 0) return first; // what is behind it does not matter
    const char *last = cell.bytes + cell.len - WHOLE;
    return join_marks(first, marks_of(_mm256_loadu_si256((const __m256i *)(const void *)last)), cell.len);
}

// No load reaches over the cell's ends: what is shorter than half a vector goes byte by byte.
PS_TARGET_AVX2 ps_plain ps_plain_scan_avx2(ps_span cell)
{
    if (cell.len < HALF) return ps_plain_scan_scalar(cell);
    ps_plain_marks marks = cell.len > WHOLE ? scan_long(cell) : unfold_marks(marks_of(load_ends(cell)), cell.len);
    return ps_plain_of_marks(marks, cell.len, cell.bytes[0]);
}

#endif
