#ifndef PS_FACTS_DATE_CELLS_H
#define PS_FACTS_DATE_CELLS_H

// The dates of a column, many cells at a time. Each is what facts/date.h reads in it: the exact shapes that programs
// write (2024-02-01, 2024-02-01 12:34:56, 2024-02-01T12:34:56Z, also with slashes) are decoded side by side here, all
// else is asked there.

#include "base/cpu.h"
#include "facts/date.h"

enum { PS_DATE_CELLS_MAX = 64 }; // a bit for each

// What all cells of a block are decoded by.
typedef struct ps_date_frame {
    uint32_t separators; // the four bytes around a month, with zeros for it
    // Days that have one offset from UTC from their first second to their last.
    int32_t offset_s;
    ps_day calm_first;
    uint32_t calm_days;
} ps_date_frame;

// Cells of an exact shape, four bytes a word. `found` comes out, and `odd`: not 0 where the cell is none after all.
typedef struct ps_date_words {
    uint32_t year[PS_DATE_CELLS_MAX], month[PS_DATE_CELLS_MAX], day[PS_DATE_CELLS_MAX]; // `2024` `-02-` `01T`
    uint32_t hour[PS_DATE_CELLS_MAX], second[PS_DATE_CELLS_MAX], tail[PS_DATE_CELLS_MAX]; // `12:3` `4:56` `Z`
    ps_day found[PS_DATE_CELLS_MAX];
    uint32_t odd[PS_DATE_CELLS_MAX];
} ps_date_words;

// The first `count` cells; some more may be decoded that nobody asks for.
typedef void ps_date_decode(const ps_date_frame *frame, ps_date_words *words, size_t count);
ps_date_decode *ps_date_decode_for(ps_cpu cpu);
ps_date_decode ps_date_decode_scalar, ps_date_decode_avx2;

// What does not change from cell to cell, and what the cells before have taught.
typedef struct ps_date_reader {
    ps_date_form form;
    const ps_zone *zone;
    ps_date_decode *decode; // NULL: no cell has one of the exact shapes
    ps_date_frame frame;
} ps_date_reader;

// Room to read in, to be kept from block to block.
typedef struct ps_date_cells {
    ps_day days[PS_DATE_CELLS_MAX]; // of the cells; PS_DAY_NONE where there is none
    uint8_t written[PS_DATE_CELLS_MAX]; // the cells that are not empty
    ps_date_words words; // of those
} ps_date_cells;

void ps_date_reader_init(ps_date_reader *out, ps_date_form form, const ps_zone *zone);

// So many cells, the first at `cells` and each `stride` further on, into out->days. Gives those that cannot be read;
// bit n is cell n.
uint64_t ps_date_cells_read(ps_date_reader *reader, const ps_span *cells, size_t stride, size_t count,
                            ps_date_cells *out);

#endif
