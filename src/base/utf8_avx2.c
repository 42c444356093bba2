#include "base/utf8.h"

#ifdef PS_CPU_X86

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

// After J. Keiser and D. Lemire, "Validating UTF-8 in less than one instruction per byte" (2021): whatever two bytes in
// a row can be wrong about is told by three of their four halves. Each half has the wrongs that it allows; what all
// three allow is wrong.

enum {
    VECTOR = 32,
    TOO_SHORT = 1, // a byte that begins something, and no other behind it goes on
    TOO_LONG = 2, // what goes on behind ASCII
    OVERLONG_3 = 4, // E0 80 to E0 9F
    TOO_LARGE = 8, // F4 90 and above
    SURROGATE = 16, // ED A0 and above
    OVERLONG_2 = 32, // C0 and C1
    OVERLONG_4 = 64, // F0 80 to F0 8F
    TOO_LARGE_8 = 64, // F5 80 to F5 8F and above
    TWO_MORE = 128, // both go on: right where three or four bytes belong together
    ANY_LOW = TOO_SHORT | TOO_LONG | TWO_MORE, // whatever the lower half of the first is
    ABOVE_F4 = ANY_LOW | TOO_LARGE | TOO_LARGE_8,
    GOES_ON = TOO_LONG | OVERLONG_2 | TWO_MORE,
};

#define TWICE(...)                                                                                                     \
    {                                                                                                                  \
        __VA_ARGS__, __VA_ARGS__                                                                                       \
    } // one table for each half of a vector

static const uint8_t first_high[VECTOR] =
    TWICE(TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TWO_MORE, TWO_MORE, TWO_MORE,
          TWO_MORE, TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
          TOO_SHORT | TOO_LARGE | TOO_LARGE_8 | OVERLONG_4);
static const uint8_t first_low[VECTOR] =
    TWICE(ANY_LOW | OVERLONG_2 | OVERLONG_3 | OVERLONG_4, ANY_LOW | OVERLONG_2, ANY_LOW, ANY_LOW, ANY_LOW | TOO_LARGE,
          ABOVE_F4, ABOVE_F4, ABOVE_F4, ABOVE_F4, ABOVE_F4, ABOVE_F4, ABOVE_F4, ABOVE_F4, ABOVE_F4 | SURROGATE,
          ABOVE_F4, ABOVE_F4);
static const uint8_t second_high[VECTOR] =
    TWICE(TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
          GOES_ON | OVERLONG_3 | TOO_LARGE_8 | OVERLONG_4, GOES_ON | OVERLONG_3 | TOO_LARGE,
          GOES_ON | SURROGATE | TOO_LARGE, GOES_ON | SURROGATE | TOO_LARGE, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT);

PS_TARGET_AVX2 static inline __m256i look(const uint8_t table[VECTOR], __m256i halves)
{
    return _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)table), halves);
}

PS_TARGET_AVX2 static inline __m256i high_of(__m256i bytes)
{
    return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0F));
}

// Not zero where something is wrong with the vector behind another one.
PS_TARGET_AVX2 static inline __m256i wrongs_of(__m256i before, __m256i bytes)
{
    const __m256i low = _mm256_set1_epi8(0x0F), goes_on = _mm256_set1_epi8((char)TWO_MORE);
    __m256i middle = _mm256_permute2x128_si256(before, bytes, 0x21);
    __m256i one_back = _mm256_alignr_epi8(bytes, middle, 15), two_back = _mm256_alignr_epi8(bytes, middle, 14);
    __m256i three_back = _mm256_alignr_epi8(bytes, middle, 13);
    __m256i pairs = _mm256_and_si256(look(first_high, high_of(one_back)), look(second_high, high_of(bytes)));
    __m256i third = _mm256_subs_epu8(two_back, _mm256_set1_epi8(0xE0 - TWO_MORE));
    __m256i fourth = _mm256_subs_epu8(three_back, _mm256_set1_epi8(0xF0 - TWO_MORE));

    pairs = _mm256_and_si256(pairs, look(first_low, _mm256_and_si256(one_back, low)));
    return _mm256_xor_si256(pairs, _mm256_and_si256(_mm256_or_si256(third, fourth), goes_on));
}

PS_TARGET_AVX2 bool ps_utf8_valid_avx2(ps_span text)
{
    __m256i before = _mm256_setzero_si256(), wrong = before;
    char last[VECTOR] = {0}; // what is cut off is wrong before the zeros behind it
    size_t i = 0;

    for (; text.len - i >= VECTOR; i += VECTOR) {
        __m256i bytes = _mm256_loadu_si256((const __m256i *)(text.bytes + i));
        wrong = _mm256_or_si256(wrong, wrongs_of(before, bytes));
        before = bytes;
    }
    if (i < text.len) memcpy(last, text.bytes + i, text.len - i);
    wrong = _mm256_or_si256(wrong, wrongs_of(before, _mm256_loadu_si256((const __m256i *)last)));
    return _mm256_testz_si256(wrong, wrong) != 0;
}

#endif
