#ifndef PS_FACTS_DATE_CELLS_H
#define PS_FACTS_DATE_CELLS_H

// The dates of a column, many cells at a time. Each is what facts/date.h reads in it: the exact shapes that programs
// write (2024-02-01, 2024-02-01 12:34:56, 2024-02-01T12:34:56Z, also with slashes) are decoded side by side here, all
// else is asked there.

#include "base/cpu.h"
#include "facts/date.h"

enum { PS_DATE_CELLS_MAX = 64 }; // a bit for each

// The lengths of the exact shapes: a stamp has the time; with a Z behind it is longer by one.
enum { PS_DATE_LEN = 10, PS_STAMP_LEN = 19, PS_ZULU_LEN = 20, PS_DATE_IMAGE_LEN = 32 };

// What all cells of a block are decoded by.
typedef struct ps_date_frame {
    char image[PS_DATE_IMAGE_LEN]; // 0000-00-00T00:00:00Z as the column writes it, and zeros behind
    // Days that have one offset from UTC from their first second to their last.
    int32_t offset_min;
    ps_day calm_first;
    uint32_t calm_days;
} ps_date_frame;

// Cells of a column, as ps_date_cells_read takes them, into as many days; PS_DAY_NONE for the empty ones. Gives those
// that have no exact shape, whose days it leaves without a meaning.
typedef uint64_t ps_date_decode(const ps_date_frame *frame, const ps_span *cells, size_t stride, size_t count,
                                ps_day *days);
ps_date_decode *ps_date_decode_for(ps_cpu cpu);
ps_date_decode ps_date_decode_scalar, ps_date_decode_avx2, ps_date_decode_avx512;

// What does not change from cell to cell, and what the cells before have taught.
typedef struct ps_date_reader {
    ps_date_form form;
    const ps_zone *zone;
    ps_date_decode *decode;
    ps_date_frame frame;
} ps_date_reader;

// Most dates of the column lie before the day `near`, and not long before it.
void ps_date_reader_init(ps_date_reader *out, ps_date_form form, const ps_zone *zone, ps_day near);

// So many cells, the first at `cells` and each `stride` further on, into days; PS_DAY_NONE is what a cell says that
// says nothing, and what lies behind the last. Gives those that cannot be read; bit n is cell n.
uint64_t ps_date_cells_read(ps_date_reader *reader, const ps_span *cells, size_t stride, size_t count,
                            ps_day days[PS_DATE_CELLS_MAX]);

// Only the cells that have the column's exact shape, whose form is `*out_form`, and the empty ones. Gives all others,
// whose days have no meaning: those are for ps_date_read_form(), and the reader learns of what they are (PS_DAY_NONE:
// no date).
uint64_t ps_date_cells_exact(const ps_date_reader *reader, const ps_span *cells, size_t stride, size_t count,
                             ps_day *days, ps_date_form *out_form);
void ps_date_cells_learn(ps_date_reader *reader, ps_span cell, ps_day day);

#endif
