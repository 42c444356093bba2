#ifndef PS_TABLE_CONTENT_H
#define PS_TABLE_CONTENT_H

// What the cells of one column look like: the content that confirms a header, or not.

#include "presend/column.h"
#include "presend/span.h"

// Sample rows of `column_count` cells each, UTF-8.
typedef struct ps_sample {
    const ps_span *cells;
    size_t rows, column_count;
} ps_sample;

typedef struct ps_content {
    size_t filled; // cells with something in them
    size_t addresses; // of these: exactly one @, also full-width
    size_t dates; // with digits and signs as dates have them
    size_t flags; // with a word that says yes or no
} ps_content;

ps_content ps_content_of(const ps_sample *sample, size_t column);

// At least nine of ten.
static inline bool ps_content_most(size_t part, size_t all)
{
    return all > 0 && part * 10 >= all * 9;
}

#endif
