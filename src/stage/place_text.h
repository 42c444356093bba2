#ifndef PS_STAGE_PLACE_TEXT_H
#define PS_STAGE_PLACE_TEXT_H

// Where a row stands, as its last cells say when it is taken out: the file, the number of the record, the line. Both
// numbers rise from row to row, so all but their last two digits is written out once for a hundred of them, the file
// before it, and goes out in one copy.

#include "base/buf.h"
#include "base/number.h"

enum { PS_PLACE_TEXT_BYTES = 64 };

typedef struct ps_place_text {
    ps_span file_cell; // with delimiters around it
    char delimiter;
    uint64_t number, line; // the first of the hundreds that are written out
    size_t number_at, line_at, len; // where their last two digits stand
    char text[PS_PLACE_TEXT_BYTES];
} ps_place_text;

// Nothing is written out yet: records and lines have numbers below that.
#define PS_PLACE_TEXT_OF(cell, between)                                                                                \
    (ps_place_text)                                                                                                    \
    {                                                                                                                  \
        .file_cell = cell, .delimiter = between, .number = UINT64_C(1) << 63                                           \
    }

// Room for one, any byte of which may be written.
static inline size_t ps_place_text_max(const ps_place_text *place)
{
    return PS_PLACE_TEXT_BYTES + place->file_cell.len + 2 * PS_NUMBER_SIZE + 1;
}

// The long way, which prepares for the rows that follow.
char *ps_put_new_place(ps_place_text *place, char *at, uint64_t number, uint64_t line);

// Gives the end of the text.
static inline char *ps_put_place(ps_place_text *place, char *at, uint64_t number, uint64_t line)
{
    uint64_t last_of_number = number - place->number, last_of_line = line - place->line;

    if (last_of_number >= 100 || last_of_line >= 100) return ps_put_new_place(place, at, number, line);
    memcpy(at, place->text, sizeof place->text);
    memcpy(at + place->number_at, ps_number_pairs[last_of_number], 2);
    memcpy(at + place->line_at, ps_number_pairs[last_of_line], 2);
    return at + place->len;
}

#endif
