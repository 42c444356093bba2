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

// Cells as they are read: only those that are not empty, in their order. Kept from block to block, since nothing of it
// need be cleared.
typedef struct ps_date_cells {
    size_t count;
    uint8_t at[PS_DATE_CELLS_MAX]; // which of the column's cells it is
    ps_day days[PS_DATE_CELLS_MAX]; // what it says; PS_DAY_NONE where that is nothing
    // Four bytes a word, of cells that may have an exact shape: `2024` `-02-` `01T` `12:3` `4:56`
    uint32_t year[PS_DATE_CELLS_MAX], month[PS_DATE_CELLS_MAX], day[PS_DATE_CELLS_MAX];
    uint32_t hour[PS_DATE_CELLS_MAX], second[PS_DATE_CELLS_MAX];
    uint32_t tail[PS_DATE_CELLS_MAX]; // the last byte, and above it the cell's length
    uint32_t odd[PS_DATE_CELLS_MAX]; // not 0: it has none after all
} ps_date_cells;

// Fills in `days` and `odd`, of some more cells than there are; true where any is odd.
typedef bool ps_date_decode(const ps_date_frame *frame, ps_date_cells *cells);
ps_date_decode *ps_date_decode_for(ps_cpu cpu);
ps_date_decode ps_date_decode_scalar, ps_date_decode_avx2;

// What does not change from cell to cell, and what the cells before have taught.
typedef struct ps_date_reader {
    ps_date_form form;
    const ps_zone *zone;
    ps_date_decode *decode; // NULL: no cell has one of the exact shapes
    ps_date_frame frame;
} ps_date_reader;

// Most dates of the column lie before the day `near`, and not long before it.
void ps_date_reader_init(ps_date_reader *out, ps_date_form form, const ps_zone *zone, ps_day near);

// So many cells, the first at `cells` and each `stride` further on. Gives those that cannot be read; bit n is cell n.
uint64_t ps_date_cells_read(ps_date_reader *reader, const ps_span *cells, size_t stride, size_t count,
                            ps_date_cells *out);

#endif
