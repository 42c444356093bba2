#include "facts/date_cells.h"

#ifdef PS_CPU_X86

#include <immintrin.h>
#include <string.h>

#include "facts/date_decode.h"

// Eight cells at once, two in a vector: cell i, and cell i + 4 in its upper half. The seconds of all eight are in a
// vector of their own. A branch on what is empty would be mispredicted: a cell that is there stands in for an empty
// one.

enum { LANES = 8, PAIRS = LANES / 2 };

typedef struct column {
    const ps_span *next;
    size_t stride;
    const ps_span *usual; // stands in for an empty cell: the one before, which most often has the column's length
    __m128i image;
} column;

typedef struct part {
    __m128i head; // from the year to the minutes
    int tail; // the last bytes: `4:56` or `:56Z`
} part;

typedef struct eight {
    __m256i heads[PAIRS], tails, lens;
} eight;

typedef struct fields {
    __m256i year, month_and_day, minutes;
    __m256i wrong; // not 0: a byte that is no digit where one must stand, or a number that is too large
} fields;

PS_TARGET_AVX2 static inline __m256i both(__m128i half)
{
    return _mm256_broadcastsi128_si256(half);
}

PS_TARGET_AVX2 static inline __m256i any_of(__m256i a, __m256i b)
{
    return _mm256_or_si256(a, b);
}

PS_TARGET_AVX2 static inline __m128i load_half(const char *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

// What stands there is not chosen, but where: of the first the compiler makes a branch.
static inline const ps_span *next_of(column *c)
{
    const ps_span *chosen = c->next->len != 0 ? c->next : c->usual;

    __asm__("" : "+r"(chosen));
    c->next += c->stride;
    c->usual = chosen;
    return chosen;
}

PS_TARGET_AVX2 static inline part load_stamp(ps_span cell)
{
    return (part){load_half(cell.bytes), (int)ps_decode_word_at(cell.bytes + cell.len - 4)};
}

// The time that a date has not is the image's. No byte beyond the cell is touched.
PS_TARGET_AVX2 static inline part load_date(ps_span cell, __m128i image)
{
    __m128i head = _mm_loadl_epi64((const __m128i *)(const void *)cell.bytes);

    head = _mm_unpacklo_epi64(head, _mm_cvtsi32_si128((int)ps_decode_half_at(cell.bytes + 8)));
    return (part){_mm_blend_epi16(head, image, 0xE0), (int)ps_decode_word_at("0:00")};
}

PS_TARGET_AVX2 static inline part load(column *c)
{
    const ps_span cell = *next_of(c);

    if (cell.len - PS_STAMP_LEN <= PS_ZULU_LEN - PS_STAMP_LEN) return load_stamp(cell);
    if (cell.len == PS_DATE_LEN) return load_date(cell, c->image);
    return (part){c->image, 0}; // which is no second
}

// A record has less than 4 GiB.
PS_TARGET_AVX2 static inline __m128i four_lens(const ps_span *cells, size_t stride)
{
    __m128i a = _mm_loadu_si128((const __m128i *)(const void *)cells);
    __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(cells + stride));
    __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(cells + 2 * stride));
    __m128i d = _mm_loadu_si128((const __m128i *)(const void *)(cells + 3 * stride));
    __m128 front = _mm_castsi128_ps(_mm_unpackhi_epi64(a, b)), back = _mm_castsi128_ps(_mm_unpackhi_epi64(c, d));

    return _mm_castps_si128(_mm_shuffle_ps(front, back, 0x88));
}

PS_TARGET_AVX2 static inline eight load_eight(column *from)
{
    __m256i lens = _mm256_set_m128i(four_lens(from->next + PAIRS * from->stride, from->stride),
                                    four_lens(from->next, from->stride));
    part a = load(from), b = load(from), c = load(from), d = load(from);
    part e = load(from), f = load(from), g = load(from), h = load(from);

    return (eight){
        {_mm256_set_m128i(e.head, a.head), _mm256_set_m128i(f.head, b.head), _mm256_set_m128i(g.head, c.head),
         _mm256_set_m128i(h.head, d.head)},
        _mm256_setr_epi32(a.tail, b.tail, c.tail, d.tail, e.tail, f.tail, g.tail, h.tail),
        lens,
    };
}

// Of each cell the year, its month and day, and its minutes. What is wrong is added to `*wrong`.
PS_TARGET_AVX2 static inline __m256i numbers_of(__m256i heads, __m256i image, __m256i *wrong)
{
    const __m256i most = both(_mm_setr_epi8(9, 9, 9, 9, 0, 9, 9, 0, 9, 9, 0, 9, 9, 0, 9, 9));
    const __m256i digits = both(_mm_setr_epi8(0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, -1, -1, -1, -1));
    const __m256i tens = _mm256_set1_epi16(1 << 8 | 10);
    const __m256i limits = both(_mm_setr_epi16(99, 99, 12, 31, 23, 59, 0, 0));
    const __m256i weights = both(_mm_setr_epi16(100, 1, 32, 1, 60, 1, 0, 0));
    __m256i bytes = _mm256_xor_si256(heads, image);
    __m256i numbers = _mm256_maddubs_epi16(_mm256_shuffle_epi8(bytes, digits), tens);

    *wrong = any_of(_mm256_subs_epu8(bytes, most), _mm256_subs_epu16(numbers, limits));
    return _mm256_madd_epi16(numbers, weights);
}

PS_TARGET_AVX2 static inline fields fields_of(const eight *cells, __m256i image)
{
    __m256i wrong[PAIRS], of[PAIRS];

    for (size_t i = 0; i < PAIRS; i++)
        of[i] = numbers_of(cells->heads[i], image, &wrong[i]);
    __m256i front = _mm256_unpacklo_epi32(of[0], of[1]), back = _mm256_unpacklo_epi32(of[2], of[3]);
    __m256i front_minutes = _mm256_unpackhi_epi32(of[0], of[1]), back_minutes = _mm256_unpackhi_epi32(of[2], of[3]);
    return (fields){
        .year = _mm256_unpacklo_epi64(front, back),
        .month_and_day = _mm256_unpackhi_epi64(front, back),
        .minutes = _mm256_unpacklo_epi64(front_minutes, back_minutes),
        // Four bytes are left of each cell's: what saturates does not become 0.
        .wrong = _mm256_packs_epi16(_mm256_packs_epi32(wrong[0], wrong[1]), _mm256_packs_epi32(wrong[2], wrong[3])),
    };
}

// Not 0 where no seconds stand. Leap seconds are odd.
PS_TARGET_AVX2 static inline __m256i wrong_seconds(__m256i tails, __m256i zulu)
{
    const __m256i stamp = both(_mm_set1_epi32((int)ps_decode_word_at("0:00")));
    const __m256i stamp_z = both(_mm_set1_epi32((int)ps_decode_word_at(":00Z")));
    const __m256i most = _mm256_set1_epi32(0x09050009), most_z = _mm256_set1_epi32(0x00090500);
    __m256i bytes = _mm256_xor_si256(tails, _mm256_blendv_epi8(stamp, stamp_z, zulu));

    return _mm256_subs_epu8(bytes, _mm256_blendv_epi8(most, most_z, zulu));
}

// Not 0 where there is no such day, or the year is beyond those that are decoded here. No month is above 12.
PS_TARGET_AVX2 static inline __m256i wrong_days(__m256i year, __m256i month, __m256i day)
{
    const __m256i lengths = both(_mm_setr_epi8(0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0));
    const __m256i one_byte = _mm256_set1_epi32((int)0x80808000); // of the other three, zeros come
    __m256i length = _mm256_shuffle_epi8(lengths, any_of(month, one_byte));
    __m256i leap = _mm256_cmpeq_epi32(_mm256_and_si256(year, _mm256_set1_epi32(3)), _mm256_setzero_si256());
    __m256i february = _mm256_cmpeq_epi32(month, _mm256_set1_epi32(2));
    __m256i early = _mm256_cmpgt_epi32(_mm256_set1_epi32(PS_DECODE_YEAR_FIRST), year);
    __m256i late = _mm256_cmpgt_epi32(year, _mm256_set1_epi32(PS_DECODE_YEAR_LAST));

    length = _mm256_sub_epi32(length, _mm256_and_si256(leap, february));
    __m256i no_day = any_of(_mm256_cmpgt_epi32(day, length), _mm256_cmpeq_epi32(day, _mm256_setzero_si256()));
    return any_of(no_day, any_of(early, late));
}

// As ps_decode_days(). No product is longer than 32 bits, and no factor than 16.
PS_TARGET_AVX2 static inline __m256i days_of(__m256i year, __m256i month, __m256i day)
{
    __m256i early = _mm256_cmpgt_epi32(_mm256_set1_epi32(3), month);
    __m256i years = _mm256_add_epi32(year, early);
    __m256i months = _mm256_add_epi32(month, _mm256_and_si256(early, _mm256_set1_epi32(12)));
    __m256i of_years = _mm256_add_epi32(_mm256_madd_epi16(years, _mm256_set1_epi32(365)), _mm256_srai_epi32(years, 2));
    __m256i of_months = _mm256_sub_epi32(_mm256_madd_epi16(months, _mm256_set1_epi32(979)), _mm256_set1_epi32(2919));
    __m256i days = _mm256_add_epi32(_mm256_add_epi32(of_years, _mm256_srai_epi32(of_months, 5)), day);

    return _mm256_sub_epi32(days, _mm256_set1_epi32(PS_DECODE_EPOCH));
}

// By a Z: to the zone's day, where that is known of it; else it is added to `*wrong`.
PS_TARGET_AVX2 static inline __m256i move_to_zone(__m256i days, __m256i minutes, const ps_date_frame *frame,
                                                  __m256i zulu, __m256i *wrong)
{
    __m256i local = _mm256_add_epi32(minutes, _mm256_set1_epi32(frame->offset_min));
    __m256i next = _mm256_cmpgt_epi32(local, _mm256_set1_epi32(PS_DECODE_DAY_MIN - 1));
    __m256i last = _mm256_srai_epi32(local, 31);
    __m256i calm = _mm256_sub_epi32(days, _mm256_set1_epi32(frame->calm_first));
    __m256i later = _mm256_max_epu32(calm, _mm256_set1_epi32((int)frame->calm_days)); // it is calm itself

    *wrong = any_of(*wrong, _mm256_and_si256(zulu, _mm256_cmpeq_epi32(later, calm)));
    return _mm256_add_epi32(days, _mm256_and_si256(zulu, _mm256_sub_epi32(last, next)));
}

PS_TARGET_AVX2 static inline __attribute__((always_inline)) uint32_t decode(const ps_date_frame *frame, column *from,
                                                                            ps_day *out)
{
    const eight cells = load_eight(from);
    const fields f = fields_of(&cells, both(from->image));
    __m256i zulu = _mm256_cmpeq_epi32(cells.lens, _mm256_set1_epi32(PS_ZULU_LEN));
    __m256i empty = _mm256_cmpeq_epi32(cells.lens, _mm256_setzero_si256());
    __m256i month = _mm256_srli_epi32(f.month_and_day, 5);
    __m256i day = _mm256_and_si256(f.month_and_day, _mm256_set1_epi32(31));
    __m256i days = days_of(f.year, month, day);
    __m256i wrong = any_of(f.wrong, any_of(wrong_seconds(cells.tails, zulu), wrong_days(f.year, month, day)));

    days = move_to_zone(days, f.minutes, frame, zulu, &wrong);
    __m256i good = any_of(empty, _mm256_cmpeq_epi32(wrong, _mm256_setzero_si256()));
    days = _mm256_blendv_epi8(days, _mm256_set1_epi32(PS_DAY_NONE), empty);
    _mm256_storeu_si256((__m256i *)(void *)out, days);
    return ~(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(good)) & 0xFF;
}

// The last cells, with empty ones behind them.
static void take_rest(column *from, size_t count, ps_span rest[LANES])
{
    for (size_t i = 0; i < LANES; i++)
        rest[i] = i < count ? from->next[i * from->stride] : (ps_span){NULL, 0};
    from->next = rest;
    from->stride = 1;
}

PS_TARGET_AVX2 uint64_t ps_date_decode_avx2(const ps_date_frame *frame, const ps_span *cells, size_t stride,
                                            size_t count, ps_day *days)
{
    const ps_date_frame copy = *frame; // which no day overlaps
    const ps_span image = {copy.image, PS_ZULU_LEN};
    column from = {cells, stride, &image, load_half(copy.image)};
    ps_span rest[LANES];
    ps_day found[LANES];
    uint64_t odd = 0;

    for (size_t i = 0; i < count; i += LANES) {
        bool whole = count - i >= LANES;
        if (!whole) take_rest(&from, count - i, rest);
        odd |= (uint64_t)decode(&copy, &from, whole ? days + i : found) << i;
        if (!whole) memcpy(days + i, found, (count - i) * sizeof *days);
    }
    return odd;
}

#endif
