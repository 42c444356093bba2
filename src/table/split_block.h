#ifndef PS_TABLE_SPLIT_BLOCK_H
#define PS_TABLE_SPLIT_BLOCK_H

// What the vector forms of the split share: from bits to what they say. Bit n is byte n of a block of 64.
//
// Nothing branches on a quote: where quoting is random, one misprediction costs more than all of this.

#include "table/split.h"

typedef struct ps_split_marks {
    uint64_t delimiter, quote, lf, cr;
    uint64_t high; // not ASCII
    uint64_t formula; // one of = + - @ TAB LF '
} ps_split_marks;

// What the block before leaves: of each word but the first and the last only bit 0, that of its last byte.
typedef struct ps_split_state {
    uint64_t quoted; // all bits: the block begins inside quotes
    uint64_t special; // a delimiter, a line end or a quote: behind it a cell may be opened
    uint64_t quote;
    uint64_t lines; // an LF outside quotes, or there is none before
    uint64_t cr;
    uint64_t cr_begin; // one that is the first of its line
    uint64_t wrong; // any bit: something was not regular
} ps_split_state;

#define PS_SPLIT_BEGIN ((ps_split_state){.special = 1, .lines = 1})

// What of one block is to be kept.
typedef struct ps_split_found {
    uint64_t ends, lines, inner, blank;
    unsigned doubts;
} ps_split_found;

// Where `out` is filled to. Kept apart from it so that no store to an array makes the counts be read again.
typedef struct ps_split_fill {
    uint32_t *ends, *lines, *inner; // of the piece
    size_t end_count, line_count, inner_count, blank_count;
} ps_split_fill;

// The bytes behind those of `bits`; `*before` says whether the block's first is one of them, and then the next one's.
static inline uint64_t ps_split_behind(uint64_t bits, uint64_t *before)
{
    uint64_t behind = 2 * bits + *before; // one instruction, which an `or` is not

    *before = bits >> 63;
    return behind;
}

// `quoted`: the bytes inside quotes, opening ones included, closing ones not. `inside`: the bytes that are there.
static inline ps_split_found ps_split_block(ps_split_marks marks, uint64_t quoted, uint64_t inside,
                                            ps_split_state *state)
{
    uint64_t ends = marks.delimiter | marks.lf | marks.cr, special = ends | marks.quote;
    uint64_t plain_ends = ends & ~quoted, lines = marks.lf & ~quoted, opening = marks.quote & quoted;
    uint64_t begins = ps_split_behind(special, &state->special);
    uint64_t behind_quote = ps_split_behind(marks.quote, &state->quote);
    uint64_t line_begin = ps_split_behind(lines, &state->lines);
    uint64_t behind_cr = ps_split_behind(marks.cr, &state->cr);
    uint64_t was_quoted = quoted ^ marks.quote; // the byte before stands inside quotes, or opens them
    uint64_t value = begins & ~plain_ends; // what ends an empty value is nothing that it begins with

    state->quoted = (uint64_t)((int64_t)quoted >> 63);
    state->wrong |= (opening & ~begins) | (behind_quote & ~(quoted | special) & inside) |
                    (behind_cr & ~(was_quoted | marks.lf) & inside);
    return (ps_split_found){
        .ends = plain_ends & ~marks.cr,
        .lines = lines,
        .inner = quoted & (marks.cr | (marks.lf & ~behind_cr)),
        .blank = lines & (line_begin | ps_split_behind(marks.cr & line_begin, &state->cr_begin)),
        .doubts = (unsigned)(marks.high != 0) * PS_SPLIT_HIGH +
                  (unsigned)((opening & behind_quote) != 0) * PS_SPLIT_DOUBLED +
                  (unsigned)((value & (marks.formula | marks.high | marks.cr)) != 0) * PS_SPLIT_FORMULA,
    };
}

// Line ends inside quotes, and empty lines: few blocks have any.
static inline unsigned ps_split_rare(ps_split_found found, size_t base, ps_split_fill *fill)
{
    if ((found.inner | found.blank) == 0) return 0;
    fill->blank_count += (size_t)__builtin_popcountll(found.blank);
    for (uint64_t left = found.inner; left != 0; left &= left - 1)
        fill->inner[fill->inner_count++] = (uint32_t)(base + (size_t)__builtin_ctzll(left));
    return found.inner != 0 ? PS_SPLIT_INNER : 0;
}

// The numbers of this block's lines in `ends`, before its ends are counted. One in most blocks that have any: it is
// stored whether it is there or not.
static inline void ps_split_lines(ps_split_found found, ps_split_fill *fill)
{
    uint64_t left = found.lines;

    do {
        uint64_t before = found.ends & ((left & -left) - 1);
        fill->lines[fill->line_count] = (uint32_t)(fill->end_count + (size_t)__builtin_popcountll(before));
        fill->line_count += left != 0;
        left &= left - 1;
    } while (left != 0);
}

static inline ps_split_fill ps_split_start(const ps_split *out)
{
    return (ps_split_fill){.ends = out->ends, .lines = out->lines, .inner = out->inner};
}

// `offset`: of the block behind the last that was looked at.
static inline void ps_split_stop(const ps_split_state *state, const ps_split_fill *fill, ps_span bytes, size_t offset,
                                 ps_split *out)
{
    out->end_count = fill->end_count;
    out->line_count = fill->line_count;
    out->inner_count = fill->inner_count;
    out->blank_count = fill->blank_count;
    out->regular = state->wrong == 0;
    out->good = out->regular ? bytes.len : offset - PS_SPLIT_BLOCK;
    out->open = (state->quoted & 1) != 0;
    out->cut_cr = !out->open && bytes.len > 0 && bytes.bytes[bytes.len - 1] == '\r';
}

#endif
