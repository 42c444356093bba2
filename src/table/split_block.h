#ifndef PS_TABLE_SPLIT_BLOCK_H
#define PS_TABLE_SPLIT_BLOCK_H

// What the vector forms of the split share: from bits to what they say. Bit n is byte n of a block of 64.
//
// Nothing branches on a quote: where quoting is random, one misprediction costs more than all of this.

#include "table/split.h"

typedef struct ps_split_marks {
    uint64_t delimiter, quote, lf, cr;
    uint64_t high; // not ASCII
    uint64_t formula; // one of = + - @ TAB '
} ps_split_marks;

// Handed from block to block; of each word but the first only bit 0 counts.
typedef struct ps_split_state {
    uint64_t quoted; // all bits: the block begins inside quotes
    uint64_t may_open; // the byte before it was a delimiter, a line end or a quote
    uint64_t closed; // it was a quote that closed
    uint64_t line_begin; // it was an LF outside quotes, or there is none
    uint64_t cr; // it was a CR
    uint64_t cr_plain; // it was a CR outside quotes
    uint64_t cr_begin; // and the first of its line
    uint64_t wrong; // any bit: something was not regular
} ps_split_state;

#define PS_SPLIT_BEGIN ((ps_split_state){.may_open = 1, .line_begin = 1})

// What of one block is to be kept.
typedef struct ps_split_found {
    uint64_t ends, lines, inner, blank;
    uint8_t doubts;
} ps_split_found;

// As the scalar form says.
static inline uint8_t ps_split_doubts_of(ps_split_marks marks, uint64_t quoted, uint64_t begins, uint64_t closed)
{
    uint64_t ends = marks.delimiter | marks.lf | marks.cr;
    uint64_t formula = marks.high | (ends & quoted) | (marks.formula & ~ends);

    return (uint8_t)((marks.high != 0 ? PS_SPLIT_HIGH : 0) | ((marks.quote & closed) != 0 ? PS_SPLIT_DOUBLED : 0) |
                     ((begins & formula) != 0 ? PS_SPLIT_FORMULA : 0));
}

// `quoted`: the bytes inside quotes, opening ones included, closing ones not. `inside`: the bytes that are there.
static inline ps_split_found ps_split_block(ps_split_marks marks, uint64_t quoted, uint64_t inside,
                                            ps_split_state *state)
{
    uint64_t special = marks.delimiter | marks.quote | marks.lf | marks.cr;
    uint64_t close = marks.quote & ~quoted, open = marks.quote & quoted;
    uint64_t cr_plain = marks.cr & ~quoted, lines = marks.lf & ~quoted;
    uint64_t line_begin = lines << 1 | state->line_begin, cr_begin = cr_plain & line_begin;

    state->wrong |= open & ~(special << 1 | state->may_open);
    state->wrong |= (close << 1 | state->closed) & ~special & inside;
    state->wrong |= (cr_plain << 1 | state->cr_plain) & ~marks.lf & inside;
    ps_split_found found = {
        .ends = (marks.delimiter | marks.lf) & ~quoted,
        .lines = lines,
        .inner = quoted & (marks.cr | (marks.lf & ~(marks.cr << 1 | state->cr))),
        .blank = lines & (line_begin | cr_begin << 1 | state->cr_begin),
        .doubts = ps_split_doubts_of(marks, quoted, special << 1 | state->may_open, close << 1 | state->closed),
    };
    state->may_open = special >> 63;
    state->closed = close >> 63;
    state->line_begin = lines >> 63;
    state->cr = marks.cr >> 63;
    state->cr_plain = cr_plain >> 63;
    state->cr_begin = cr_begin >> 63;
    state->quoted = (uint64_t)((int64_t)quoted >> 63);
    return found;
}

// The numbers of this block's lines in `ends`, before its ends are counted. One in most blocks that have any: it is
// stored whether it is there or not.
static inline void ps_split_lines(ps_split_found found, ps_split *out)
{
    uint64_t left = found.lines;

    do {
        uint64_t before = found.ends & ((left & -left) - 1);
        out->lines[out->line_count] = (uint32_t)(out->end_count + (size_t)__builtin_popcountll(before));
        out->line_count += left != 0;
        left &= left - 1;
    } while (left != 0);
}

static inline void ps_split_inner(ps_split_found found, size_t base, ps_split *out)
{
    for (uint64_t left = found.inner; left != 0; left &= left - 1)
        out->inner[out->inner_count++] = (uint32_t)(base + (size_t)__builtin_ctzll(left));
}

static inline void ps_split_start(ps_split *out)
{
    out->end_count = out->line_count = out->inner_count = out->blank_count = 0;
}

static inline void ps_split_stop(const ps_split_state *state, ps_span bytes, ps_split *out)
{
    out->regular = state->wrong == 0;
    out->open = (state->quoted & 1) != 0;
    out->cut_cr = !out->open && bytes.len > 0 && bytes.bytes[bytes.len - 1] == '\r';
}

#endif
