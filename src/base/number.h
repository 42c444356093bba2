#ifndef PS_BASE_NUMBER_H
#define PS_BASE_NUMBER_H

// Numbers as decimal text, fast and so inline: every row that is taken out says its record and its line.

#include <assert.h>
#include <stdint.h>
#include <string.h>

enum {
    PS_NUMBER_SIZE = 20, // digits of 2^64 - 1
    PS_DIGITS_END = 100000000 // the first number that eight digits cannot hold
};

// The value of each of the eight digits of a number below PS_DIGITS_END in a byte, the first in the lowest: all parts
// are halved at once, with no division that waits for another.
static inline uint64_t ps_digits_of(uint32_t number)
{
    assert(number < PS_DIGITS_END);
    uint64_t halves = number / 10000 | (uint64_t)(number % 10000) << 32;
    uint64_t hundreds = (halves * 10486 >> 20) & UINT64_C(0x0000007F0000007F);
    uint64_t pairs = hundreds | (halves - 100 * hundreds) << 16;
    uint64_t tens = (pairs * 103 >> 10) & UINT64_C(0x000F000F000F000F);

    return tens | (pairs - 10 * tens) << 8;
}

// `count` of these digits as text, from the lowest byte on; eight bytes may be written. Gives the end.
static inline char *ps_put_digits(char *out, uint64_t digits, unsigned count)
{
    uint64_t text = digits | UINT64_C(0x3030303030303030);

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    text = __builtin_bswap64(text);
#endif
    memcpy(out, &text, sizeof text);
    return out + count;
}

// Numbers of more than eight digits.
char *ps_put_long_number(char *out, uint64_t number);

// `number` in decimal. `out` has room for PS_NUMBER_SIZE bytes, any of which may be written. Gives the end of the text.
static inline char *ps_put_number(char *out, uint64_t number)
{
    if (number >= PS_DIGITS_END) return ps_put_long_number(out, number);
    uint64_t digits = ps_digits_of((uint32_t)number);
    unsigned blank = (unsigned)__builtin_ctzll(digits | UINT64_C(1) << 56) / 8; // the last digit always stands

    return ps_put_digits(out, digits >> 8 * blank, 8 - blank);
}

// The numbers below a hundred, each in two digits.
extern const char ps_number_pairs[100][2];

#endif
