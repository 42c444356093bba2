#include "facts/date_cells.h"

#ifdef PS_CPU_X86

#include <immintrin.h>
#include <string.h>

#include "facts/date_decode.h"

// Empty cells are decoded with the others: a cell costs a dozen instructions, less than to list which are not empty.

enum { LANES = 16, FOUR = 4 };

// Sixteen cells on their way to days.
typedef struct sixteen {
    uint32_t lens[LANES]; // a record has less than 4 GiB
    uint32_t wrong_bytes[LANES]; // bit n: byte n is no digit where one must stand, or not the frame's separator
    uint8_t wrong_numbers[LANES]; // bit n: number n of two digits is too large
} sixteen;

typedef struct column {
    const ps_span *next;
    size_t stride;
} column;

static inline ps_span take(column *from)
{
    ps_span cell = *from->next;

    from->next += from->stride;
    return cell;
}

// A cell less the frame's image: numbers where digits are, zeros where the rest is right. What a cell lacks is filled
// in from the image, and so is right. No byte beyond the cell is touched.
PS_TARGET_AVX512 static inline __m256i load(ps_span cell, __m256i image)
{
    const uint32_t most = (UINT32_C(1) << PS_ZULU_LEN) - 1;

    return _mm256_mask_loadu_epi8(image, _bzhi_u32(most, (uint32_t)cell.len), cell.bytes);
}

PS_TARGET_AVX512 static inline __m512i load_two(column *from, const ps_date_frame *frame, sixteen *s, size_t i)
{
    static const uint8_t most[PS_DATE_IMAGE_LEN] = {9, 9, 9, 9, 0, 9, 9, 0, 9, 9, 0, 9, 9, 0, 9, 9, 0, 9, 9, 0};
    const __m256i image = _mm256_loadu_si256((const __m256i *)frame->image);
    const __m512i digits = _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)most));
    ps_span first = take(from), second = take(from);
    __m512i both = _mm512_inserti64x4(_mm512_castsi256_si512(load(first, image)), load(second, image), 1);
    __m512i bytes = _mm512_xor_si512(both, _mm512_broadcast_i64x4(image));
    uint64_t wrong = _mm512_cmpgt_epu8_mask(bytes, digits);

    uint64_t lens = (uint32_t)first.len | (uint64_t)second.len << 32;
    memcpy(&s->lens[i], &lens, sizeof lens);
    memcpy(&s->wrong_bytes[i], &wrong, sizeof wrong);
    return bytes;
}

// Of each of four cells: the year, 32 times the month and the day, the minute of the day, the second.
PS_TARGET_AVX512 static inline __m512i load_four(column *from, const ps_date_frame *frame, sixteen *s, size_t i)
{
// The bytes of cell `c` that are digits, in two vectors of two cells each; 20 is always 0.
#define DIGITS(c)                                                                                                      \
    (c) + 0, (c) + 1, (c) + 2, (c) + 3, (c) + 5, (c) + 6, (c) + 8, (c) + 9, (c) + 11, (c) + 12, (c) + 14, (c) + 15,    \
        (c) + 17, (c) + 18, (c) + 20, (c) + 20
    static const uint8_t digits[4 * LANES] = {DIGITS(0), DIGITS(32), DIGITS(64), DIGITS(96)};
#undef DIGITS
    static const int8_t tens[LANES] = {10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 0, 0};
    static const int16_t most[LANES / 2] = {99, 99, 12, 31, 23, 59, 59, 0}; // leap seconds are odd
    static const int16_t weights[LANES / 2] = {100, 1, 32, 1, 60, 1, 1, 0};
    __m512i low = load_two(from, frame, s, i), high = load_two(from, frame, s, i + 2);
    __m512i packed = _mm512_permutex2var_epi8(low, _mm512_loadu_si512(digits), high);
    __m512i numbers = _mm512_maddubs_epi16(packed, _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)tens)));
    __m512i limits = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)most));
    uint32_t wrong = _mm512_cmpgt_epu16_mask(numbers, limits);

    memcpy(&s->wrong_numbers[i], &wrong, sizeof wrong);
    return _mm512_madd_epi16(numbers, _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)weights)));
}

// Field `index` of four words, of sixteen cells that lie four in a vector.
PS_TARGET_AVX512 static inline __m512i field_of(const __m512i fours[FOUR], int index)
{
    const __m512i where = _mm512_add_epi32(_mm512_set1_epi32(index),
                                           _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 0, 4, 8, 12, 16, 20, 24, 28));
    __m512i low = _mm512_permutex2var_epi32(fours[0], where, fours[1]);
    __m512i high = _mm512_permutex2var_epi32(fours[2], where, fours[3]);

    return _mm512_inserti64x4(low, _mm512_castsi512_si256(high), 1);
}

// Days since 1970, and whether there is no such day.
PS_TARGET_AVX512 static inline __m512i days_of(__m512i year, __m512i month_and_day, __mmask16 *out_odd)
{
    const __m512i lengths = _mm512_setr_epi32(0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0);
    const __m512i before = _mm512_setr_epi32(0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 0, 0, 0);
    const __m512i one = _mm512_set1_epi32(1);
    __m512i month = _mm512_srli_epi32(month_and_day, 5);
    __m512i day = _mm512_sub_epi32(_mm512_and_si512(month_and_day, _mm512_set1_epi32(31)), one);
    __m512i years = _mm512_sub_epi32(year, _mm512_set1_epi32(PS_DECODE_YEAR_FIRST));
    __mmask16 leap = _mm512_testn_epi32_mask(year, _mm512_set1_epi32(3));
    __mmask16 february = _mm512_mask_cmpeq_epi32_mask(leap, month, _mm512_set1_epi32(2));
    __mmask16 later = _mm512_mask_cmpgt_epi32_mask(leap, month, _mm512_set1_epi32(2));
    __m512i length = _mm512_permutexvar_epi32(month, lengths);
    __m512i days = _mm512_add_epi32(_mm512_permutexvar_epi32(month, before), day);

    length = _mm512_mask_add_epi32(length, february, length, one);
    days = _mm512_mask_add_epi32(days, later, days, one);
    days = _mm512_add_epi32(days, _mm512_mullo_epi32(years, _mm512_set1_epi32(365)));
    // The leap years from 1972 to before this one, and the days of 1970.
    days = _mm512_add_epi32(days, _mm512_srai_epi32(_mm512_add_epi32(years, _mm512_set1_epi32(2)), 2));
    *out_odd = _mm512_cmpge_epu32_mask(day, length) |
               _mm512_cmpgt_epu32_mask(years, _mm512_set1_epi32(PS_DECODE_YEAR_LAST - PS_DECODE_YEAR_FIRST));
    return _mm512_add_epi32(days, _mm512_set1_epi32(365));
}

// By a Z: to the zone's day, where that is known of it.
PS_TARGET_AVX512 static inline __m512i move_to_zone(__m512i days, __m512i minutes, const ps_date_frame *frame,
                                                    __mmask16 zulu, __mmask16 *odd)
{
    const __m512i one = _mm512_set1_epi32(1);
    __m512i local = _mm512_add_epi32(minutes, _mm512_set1_epi32(frame->offset_min));
    __mmask16 next = _mm512_mask_cmpge_epi32_mask(zulu, local, _mm512_set1_epi32(PS_DECODE_DAY_MIN));
    __mmask16 last = _mm512_mask_cmplt_epi32_mask(zulu, local, _mm512_setzero_si512());
    __m512i calm = _mm512_sub_epi32(days, _mm512_set1_epi32(frame->calm_first));

    *odd |= _mm512_mask_cmpge_epu32_mask(zulu, calm, _mm512_set1_epi32((int32_t)frame->calm_days));
    days = _mm512_mask_add_epi32(days, next, days, one);
    return _mm512_mask_sub_epi32(days, last, days, one);
}

PS_TARGET_AVX512 static inline __mmask16 decode(const ps_date_frame *frame, const ps_span *cells, size_t stride,
                                                ps_day *days)
{
    const uint32_t exact = 1U << PS_DATE_LEN | 1U << PS_STAMP_LEN | 1U << PS_ZULU_LEN;
    column from = {cells, stride};
    sixteen s;
    const __m512i fours[FOUR] = {
        load_four(&from, frame, &s, 0),
        load_four(&from, frame, &s, 4),
        load_four(&from, frame, &s, 8),
        load_four(&from, frame, &s, 12),
    };
    __mmask16 odd;
    __m512i found = days_of(field_of(fours, 0), field_of(fours, 1), &odd);
    __m512i lens = _mm512_loadu_si512(s.lens), bytes = _mm512_loadu_si512(s.wrong_bytes);
    __m128i numbers = _mm_loadu_si128((const __m128i *)s.wrong_numbers);
    __m512i len_bits = _mm512_sllv_epi32(_mm512_set1_epi32(1), lens); // 0 from 32 on
    __mmask16 filled = _mm512_test_epi32_mask(lens, lens);
    __mmask16 zulu = _mm512_cmpeq_epi32_mask(lens, _mm512_set1_epi32(PS_ZULU_LEN));

    odd |= _mm512_test_epi32_mask(bytes, bytes) | _mm_test_epi8_mask(numbers, numbers);
    odd |= _mm512_testn_epi32_mask(len_bits, _mm512_set1_epi32((int32_t)exact));
    found = move_to_zone(found, field_of(fours, 2), frame, zulu, &odd);
    _mm512_storeu_si512(days, _mm512_mask_mov_epi32(_mm512_set1_epi32(PS_DAY_NONE), filled, found));
    return odd & filled;
}

PS_TARGET_AVX512 uint64_t ps_date_decode_avx512(const ps_date_frame *frame, const ps_span *cells, size_t stride,
                                                size_t count, ps_day *days)
{
    const ps_date_frame copy = *frame; // which no day overlaps
    uint64_t odd = 0;
    size_t i = 0;

    for (; i + LANES <= count; i += LANES)
        odd |= (uint64_t)decode(&copy, cells + i * stride, stride, days + i) << i;
    if (i == count) return odd;
    ps_span rest[LANES] = {{NULL, 0}};
    ps_day of_rest[LANES];
    for (size_t k = i; k < count; k++)
        rest[k - i] = cells[k * stride];
    odd |= (uint64_t)decode(&copy, rest, 1, of_rest) << i;
    memcpy(days + i, of_rest, (count - i) * sizeof *days);
    return odd;
}

#endif
