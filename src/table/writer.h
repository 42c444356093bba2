#ifndef PS_TABLE_WRITER_H
#define PS_TABLE_WRITER_H

// CSV out: a record's own bytes, with single cells replaced or added.

#include "base/buf.h"
#include "table/batch.h"

// One cell's replacement; `index` as in the record.
typedef struct ps_replacement {
    uint32_t index;
    ps_span value; // unescaped, already in the file's encoding
} ps_replacement;

// The record without its line end.
static inline ps_span ps_row_body(const ps_batch *batch, const ps_row *row)
{
    return (ps_span){batch->bytes + row->start, row->body_len};
}

// `value` as one cell: quoted only where CSV needs it (delimiter, quote, CR, LF, or a leading or trailing blank stays
// as it is).
void ps_write_cell(ps_buf *out, ps_span value, char delimiter);

// The record with at most one cell replaced (NULL: none) and `extra_count` cells added, ending in its own line end, or
// in `line_end` where it has none. Untouched cells keep their bytes.
void ps_write_record(ps_buf *out, const ps_batch *batch, const ps_row *row, const ps_replacement *replacement,
                     const ps_span *extra, size_t extra_count);

// The record without its line end, for people: a cell that a spreadsheet would take for a formula (= + - @ TAB CR LF
// and their full-width forms, also after leading ') gets one ' in front, so that taking exactly one off gives the bytes
// back. For PS_BODY_GUARDED_MAX(row) bytes; gives the end of what it wrote.
#define PS_BODY_GUARDED_MAX(row) ((size_t)(row)->body_len + (row)->cell_count)
char *ps_put_body_guarded(char *at, const ps_batch *batch, const ps_row *row);

// `value` as one cell, guarded alike.
void ps_write_cell_guarded(ps_buf *out, ps_span value, char delimiter);

// Is the value, written as it stands, the cell that ps_write_cell_guarded makes of it in any encoding? Says no where it
// would take a closer look.
bool ps_cell_is_plain(ps_span value, char delimiter);

// The record's own line end, or the file's where it has none; room for PS_LINE_END_MAX bytes. Gives its end.
enum { PS_LINE_END_MAX = 2 };
char *ps_put_missing_line_end(char *at, const ps_layout *layout);

static inline char *ps_put_line_end(char *at, const ps_batch *batch, const ps_row *row)
{
    const char *end = batch->bytes + row->start + row->body_len;
    size_t len = row->len - row->body_len;

    if (len == 0) return ps_put_missing_line_end(at, batch->layout);
    at[0] = end[0];
    at[1] = end[len - 1]; // of two bytes the second
    return at + len;
}

// Does any cell of the record start like a formula? (The clean list keeps its bytes; the report counts.)
bool ps_record_has_formula(const ps_batch *batch, const ps_row *row);

// The first bytes of an output behind its BOM: the layout's preamble, with `extra` header names added to the header
// record (nothing added where the file has no header).
void ps_write_preamble(ps_buf *out, const ps_layout *layout, const char *const *extra, size_t extra_count);

#endif
