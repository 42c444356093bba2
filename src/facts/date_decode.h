#ifndef PS_FACTS_DATE_DECODE_H
#define PS_FACTS_DATE_DECODE_H

// How the cells of facts/date_cells.h are decoded where no instruction takes a whole one apart: four bytes a word, and
// the words of eight cells side by side. There is no branch and no table in the arithmetic, so that the compiler makes
// vectors of it.

#include "facts/date_words.h"

enum {
    PS_DECODE_YEAR_FIRST = 1971, // the days around 1970 mean "never"
    PS_DECODE_YEAR_LAST = 2099, // up to here each fourth year is a leap year
    PS_DECODE_EPOCH = 719484, // what the sum of years, months and days below gives for 1970-01-01
    PS_DECODE_DAY_MIN = 1440
};

// Whether some byte is over 9, for four of them; where `separators` has zeros, digits stand, else the byte must be 0.
static inline uint32_t ps_decode_wrong(uint32_t digits, uint32_t most)
{
    return (digits | (digits + most)) & 0x80808080;
}

static inline int32_t ps_decode_byte(uint32_t word, unsigned index)
{
    return (int32_t)(word >> (8 * index) & 0xFF);
}

// Each byte becomes the number of two digits that it begins.
static inline uint32_t ps_decode_twos(uint32_t digits)
{
    return digits * 10 + (digits >> 8);
}

// Days since 1970. Years are counted from March, so that the leap day is the last one, and the days of the months
// before one lie near a straight line.
static inline int32_t ps_decode_days(int32_t year, int32_t month, int32_t day)
{
    int32_t early = month <= 2;
    int32_t years = year - early, months = month + early * 12;

    return years * 365 + (years >> 2) + ((months * 979 - 2919) >> 5) + day - PS_DECODE_EPOCH;
}

static inline int32_t ps_decode_month_days(int32_t year, int32_t month)
{
    int32_t february = 28 + ((year & 3) == 0), other = 30 + ((month + (month >> 3)) & 1);

    return month == 2 ? february : other;
}

static inline __attribute__((always_inline)) uint32_t ps_decode_one(const ps_date_frame *frame, uint32_t separators,
                                                                    ps_decode_words *words, size_t i)
{
    enum { T_BIT = 16, ZULU = PS_ZULU_LEN << 8 };
    const uint32_t zeros = 0x30303030, digits = 0x76767676;
    uint32_t y = words->year[i] ^ zeros, m = words->month[i] ^ separators;
    uint32_t d = (words->day[i] & 0xFFFF) ^ (zeros & 0xFFFF), h = words->hour[i] ^ 0x303A3030;
    uint32_t s = words->second[i] ^ 0x30303A30, between = words->day[i] >> T_BIT & 0xFF, tail = words->tail[i];
    uint32_t years = ps_decode_twos(y), seconds = ps_decode_twos(s);
    int32_t year = ps_decode_byte(years, 0) * 100 + ps_decode_byte(years, 2);
    int32_t month = ps_decode_byte(ps_decode_twos(m), 1), day = ps_decode_byte(ps_decode_twos(d), 0);
    int32_t hour = ps_decode_byte(ps_decode_twos(h), 0), second = ps_decode_byte(seconds, 2);
    int32_t minute = ps_decode_byte(h, 3) * 10 + ps_decode_byte(s, 0);

    uint32_t odd = ps_decode_wrong(y, digits) | ps_decode_wrong(m, 0x7F76767F) | ps_decode_wrong(d, digits) |
                   ps_decode_wrong(h, 0x767F7676) | ps_decode_wrong(s, 0x76767F76);
    odd |= (uint32_t)(year < PS_DECODE_YEAR_FIRST) | (uint32_t)(year > PS_DECODE_YEAR_LAST);
    odd |= (uint32_t)(month < 1) | (uint32_t)(month > 12);
    odd |= (uint32_t)(day < 1) | (uint32_t)(day > ps_decode_month_days(year, month));
    odd |= (uint32_t)(hour > 23) | (uint32_t)(minute > 59) | (uint32_t)(second > 59); // leap seconds are odd
    odd |= (uint32_t)(between != 'T') & (uint32_t)(between != ' ');

    uint32_t zulu = tail == (ZULU | 'Z');
    int32_t days = ps_decode_days(year, month, day);
    int32_t local = hour * 60 + minute + frame->offset_min;
    int32_t moved = (local >= PS_DECODE_DAY_MIN) - (local < 0);
    odd |= (uint32_t)(tail >= ZULU) & ~zulu;
    odd |= zulu & (uint32_t)((uint32_t)(days - frame->calm_first) >= frame->calm_days);
    words->days[i] = days + (zulu != 0 ? moved : 0);
    words->odd[i] = odd;
    return odd;
}

// All lanes, also those that no cell was loaded into: no rest that would need a loop of its own.
static inline __attribute__((always_inline)) bool ps_decode_lanes(const ps_date_frame *frame, ps_decode_words *words)
{
    const ps_date_frame copy = *frame; // which no word overlaps
    const uint32_t separators = ps_decode_word_at(copy.image + 4);
    uint32_t odd = 0;

    for (size_t i = 0; i < PS_DECODE_LANES; i++)
        odd |= ps_decode_one(&copy, separators, words, i);
    return odd != 0;
}

static inline uint64_t ps_decode_all(const ps_date_frame *frame, const ps_span *cells, size_t stride, size_t count,
                                     ps_day *days)
{
    uint8_t at[PS_DATE_CELLS_MAX];
    size_t filled = ps_decode_list(cells, stride, count, at);
    ps_decode_words words;
    uint64_t odd = 0;

    for (size_t i = 0; i < count; i++)
        days[i] = PS_DAY_NONE;
    for (size_t from = 0; from < filled; from += PS_DECODE_LANES) {
        size_t lanes = filled - from < PS_DECODE_LANES ? filled - from : PS_DECODE_LANES;
        for (size_t i = 0; i < lanes; i++)
            ps_decode_load(cells[at[from + i] * stride], &words, i);
        bool any_odd = ps_decode_lanes(frame, &words);
        for (size_t i = 0; i < lanes; i++)
            days[at[from + i]] = words.days[i];
        for (size_t i = 0; i < lanes && any_odd; i++)
            odd |= (uint64_t)(words.odd[i] != 0) << at[from + i];
    }
    return odd;
}

#endif
