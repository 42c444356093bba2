#ifndef PS_FACTS_REPEATED_H
#define PS_FACTS_REPEATED_H

// Which rows have an address that stands in another row, too: a bit for each row, counted over all recipient files.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

typedef struct ps_repeated {
    uint64_t rows_before[PS_RECIPIENT_FILES_MAX + 1]; // by file: the rows of the files before it
    uint64_t *marks;
    size_t words, capacity; // of the marks
} ps_repeated;

// `number` is the row's in its file. A file that has grown since has rows without a mark; the run is refused once it is
// read.
static inline bool ps_repeated_has(const ps_repeated *repeated, uint32_t file, uint64_t number)
{
    enum { WORD_BITS = 64 };
    uint64_t row = repeated->rows_before[file] + number;

    return row / WORD_BITS < repeated->words && (repeated->marks[row / WORD_BITS] >> row % WORD_BITS & 1) != 0;
}

#endif
