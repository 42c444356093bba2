#include "mail/glance.h"

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
        .high = bits_of(bytes),
    };
}

// A shuffle by the 16 bytes from `n` on takes the first n bytes of a vector off and fills up with zeros.
static const int8_t take_off[2 * HALF] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                          -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

// 16 to 32 bytes: the first 16, and of the last 16 those that are not among them.
PS_TARGET_AVX2 static __m256i load_ends(ps_span cell)
{
    __m128i first = _mm_loadu_si128((const __m128i *)(const void *)cell.bytes);
    __m128i last = _mm_loadu_si128((const __m128i *)(const void *)(cell.bytes + cell.len - HALF));
    __m128i order = _mm_loadu_si128((const __m128i *)(const void *)(take_off + WHOLE - cell.len));

    return _mm256_inserti128_si256(_mm256_castsi128_si256(first), _mm_shuffle_epi8(last, order), 1);
}

// The bits of the first 32 bytes and of the last 32, which overlap.
static uint64_t join(uint64_t first, uint64_t last, size_t len)
{
    return first | last << (len - WHOLE);
}

// 32 to 64 bytes.
PS_TARGET_AVX2 static ps_plain_marks scan_long(ps_span cell)
{
    ps_plain_marks first = marks_of(_mm256_loadu_si256((const __m256i *)(const void *)cell.bytes));
    const char *end = cell.bytes + cell.len - WHOLE;

    ps_plain_marks last = marks_of(_mm256_loadu_si256((const __m256i *)(const void *)end));
    return (ps_plain_marks){
        .at = join(first.at, last.at, cell.len),
        .dot = join(first.dot, last.dot, cell.len),
        .plus = join(first.plus, last.plus, cell.len),
        .upper = join(first.upper, last.upper, cell.len),
        .atext = join(first.atext, last.atext, cell.len),
        .high = join(first.high, last.high, cell.len),
    };
}

// No load reaches over the cell's ends: what is shorter than half a vector goes byte by byte.
PS_TARGET_AVX2 static inline ps_plain scan(ps_span cell)
{
    if (cell.len < HALF) return ps_plain_scan_scalar(cell);
    ps_plain_marks marks = cell.len > WHOLE ? scan_long(cell) : marks_of(load_ends(cell));
    return ps_plain_of_marks(marks, cell.len, cell.bytes[0]);
}

PS_TARGET_AVX2 void ps_glance_each_avx2(const ps_memo *memo, const ps_cells *cells, ps_glance *out)
{
    for (size_t i = 0; i < cells->count; i++) {
        ps_span cell = ps_cells_at(cells, i);
        ps_plain plain = {.local_len = 0};
        if (ps_glance_has_room(cell)) plain = scan(cell);
        ps_glance_set(memo, cell, plain, &out[i]);
    }
}

#endif
