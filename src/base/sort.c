#include "base/sort.h"

#include <stdbool.h>
#include <string.h>

enum { WORD_BITS = 64, DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS }; // counts of all digits fit the nearest cache

static size_t digit_of(uint64_t number, unsigned shift)
{
    return number >> shift & (DIGITS - 1);
}

// Where the first number with each digit goes; false: all numbers have the same.
static bool find_starts(const uint64_t *numbers, size_t count, unsigned shift, size_t starts[DIGITS])
{
    size_t next = 0;

    memset(starts, 0, DIGITS * sizeof *starts);
    for (size_t i = 0; i < count; i++)
        starts[digit_of(numbers[i], shift)]++;
    if (starts[digit_of(numbers[0], shift)] == count) return false;
    for (size_t i = 0; i < DIGITS; i++) {
        size_t with_digit = starts[i];
        starts[i] = next;
        next += with_digit;
    }
    return true;
}

// Digit by digit, the lowest first; each pass leaves equal ones in the order they had.
void ps_sort_numbers(uint64_t *numbers, uint64_t *room, size_t count)
{
    uint64_t *from = numbers, *to = room;
    size_t starts[DIGITS];

    for (unsigned shift = 0; shift < WORD_BITS && count > 1; shift += DIGIT_BITS) {
        if (!find_starts(from, count, shift, starts)) continue;
        for (size_t i = 0; i < count; i++)
            to[starts[digit_of(from[i], shift)]++] = from[i];
        uint64_t *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != numbers) memcpy(numbers, from, count * sizeof *numbers);
}
