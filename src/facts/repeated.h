#ifndef PS_FACTS_REPEATED_H
#define PS_FACTS_REPEATED_H

// Which rows have an address that stands in another row, too, and which of them are not the first that has it: a bit
// for each row, counted over all recipient files.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

typedef struct ps_repeated {
    uint64_t rows_before[PS_RECIPIENT_FILES_MAX + 1]; // by file: the rows of the files before it
    uint64_t *marks;
    uint64_t *later; // of those, the ones that are not the first of their address
    size_t words, capacity, later_capacity; // of both
} ps_repeated;

static inline bool ps_repeated_marked(const ps_repeated *repeated, const uint64_t *marks, uint64_t row)
{
    enum { WORD_BITS = 64 };

    return row / WORD_BITS < repeated->words && (marks[row / WORD_BITS] >> row % WORD_BITS & 1) != 0;
}

// `number` is the row's in its file. A file that has grown since has rows without a mark; the run is refused once it is
// read.
static inline bool ps_repeated_has(const ps_repeated *repeated, uint32_t file, uint64_t number)
{
    return ps_repeated_marked(repeated, repeated->marks, repeated->rows_before[file] + number);
}

// From a row on, 64 one after the other: bit n is the n-th behind it.
static inline uint64_t ps_repeated_marks(const ps_repeated *repeated, const uint64_t *marks, uint64_t row)
{
    enum { WORD_BITS = 64 };
    size_t word = row / WORD_BITS, shift = row % WORD_BITS;
    uint64_t low = word < repeated->words ? marks[word] >> shift : 0;
    uint64_t high = shift > 0 && word + 1 < repeated->words ? marks[word + 1] << (WORD_BITS - shift) : 0;

    return low | high;
}

static inline bool ps_repeated_later(const ps_repeated *repeated, uint32_t file, uint64_t number)
{
    return ps_repeated_marked(repeated, repeated->later, repeated->rows_before[file] + number);
}

#endif
