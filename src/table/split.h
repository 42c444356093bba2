#ifndef PS_TABLE_SPLIT_H
#define PS_TABLE_SPLIT_H

// Where the cells and records of a piece of CSV end, found 64 bytes at a time: quotes are counted, so whether a byte
// stands inside of them is a prefix sum. That is right as long as every quote is regular: an opening one stands at the
// begin of its cell, a closing one at the end, and a CR outside of quotes is half of a CRLF. What is not regular goes
// through libcsv (csv.h), which this agrees with on all that is.

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/cpu.h"
#include "presend/span.h"
#include "presend/status.h"

enum { PS_SPLIT_BLOCK = 64 };

// What may be in a block: most have nothing of it, and a record in such blocks needs no closer look.
enum {
    PS_SPLIT_HIGH = 1, // a byte that is not ASCII
    PS_SPLIT_DOUBLED = 2, // two quotes that stand for one, the first perhaps at the end of the block before
    PS_SPLIT_FORMULA = 4, // where a value may begin: what a formula begins with, or a '
    PS_SPLIT_INNER = 8, // a line end inside quotes
    PS_SPLIT_DOUBTS = 15 // all of them
};

// What a full-width = + - @ begins with, in each encoding that has them. As many other characters do.
enum { PS_SPLIT_WIDE_UTF8 = 0xEF, PS_SPLIT_WIDE_CP932 = 0x81, PS_SPLIT_WIDE_EUC_JP = 0xA1 };

typedef struct ps_split {
    uint32_t *ends; // offset of each delimiter and LF outside quotes, ascending; so that the first cell begins behind
                    // an end like all others, ends[-1] is one less than 0
    size_t end_count;
    uint32_t *lines; // the numbers, in `ends`, of those that are an LF: of each record or blank line the last
    size_t line_count;
    uint32_t *inner; // offset of each line end inside quotes: CRLF, LF or CR
    size_t inner_count;
    size_t blank_count; // lines that are empty
    uint8_t *doubts; // of each block of 64 bytes, the bits above
    size_t good; // up to here the piece is regular, and what is said above of lines that end before holds; what is said
                 // of the rest does where all is
    bool regular; // all of it is
    bool open; // the piece ends inside quotes
    bool cut_cr; // the piece ends in a CR outside quotes, whose LF may follow
    size_t capacity; // of each array
} ps_split;

// Room for pieces of `len` bytes.
ps_status ps_split_room(ps_split *split, size_t len, ps_error *err);
void ps_split_done(ps_split *split); // a zeroed one is fine

// A piece that begins between two records, into a split that has room for it. `delimiter` is none of " CR LF.
typedef void ps_splitter(ps_span bytes, char delimiter, ps_split *out);

ps_splitter ps_split_scalar; // the reference
#ifdef PS_CPU_X86
ps_splitter ps_split_avx2;
ps_splitter ps_split_avx512;
#endif

// The form for `cpu`, which this machine must have.
ps_splitter *ps_split_for(ps_cpu cpu);

// Of the blocks from `first` to `last`, any number of them.
unsigned ps_split_doubts_of_blocks(const ps_split *split, size_t first, size_t last);

// The doubts about bytes [start, end) of a regular piece, of which there is one at least.
static inline unsigned ps_split_doubts(const ps_split *split, size_t start, size_t end)
{
    size_t first = start / PS_SPLIT_BLOCK, last = (end - 1) / PS_SPLIT_BLOCK;
    uint64_t seen; // eight blocks at once, which most records are within

    if (last - first >= sizeof seen) return ps_split_doubts_of_blocks(split, first, last);
    memcpy(&seen, split->doubts + first, sizeof seen); // there is room behind the last
    static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "what is shifted out is behind the last");
    seen <<= 64 - 8 * (last - first + 1);
    seen |= seen >> 32;
    seen |= seen >> 16;
    return (unsigned)((seen | seen >> 8) & PS_SPLIT_DOUBTS);
}

// The piece is the end of its file: what stands behind the last LF is a record, too. False when that leaves it
// irregular.
bool ps_split_finish(ps_split *split, size_t len);

#endif
