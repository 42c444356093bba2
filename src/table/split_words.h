#ifndef PS_TABLE_SPLIT_WORDS_H
#define PS_TABLE_SPLIT_WORDS_H

// From bits to what they say, as the vector forms of the split share it. A block of 64 bytes is a word, whose bit n
// says something of byte n. PS_SPLIT_WORDS blocks (the form says: as many as its vectors hold words) are a stretch,
// whose words are worked out at once; block by block, that took most of the time.
//
// Nothing branches on a quote: where quoting is random, one misprediction costs more than all of this.

#include "table/split.h"

// So many blocks are marked, then worked out, then kept: a vector of words that were stored one by one just before has
// to wait for them, which took half of the time where each stretch was.
enum { PS_SPLIT_BLOCKS = 64, PS_SPLIT_PAGE = PS_SPLIT_BLOCKS * PS_SPLIT_BLOCK };

// Nothing of this is left as a function, so no vector is ever passed to one.
#pragma GCC diagnostic ignored "-Wpsabi"
#define PS_SPLIT_INLINE PS_SPLIT_TARGET static inline __attribute__((always_inline))

typedef uint64_t ps_words __attribute__((vector_size(PS_SPLIT_WORDS * 8)));
typedef int64_t ps_signed_words __attribute__((vector_size(PS_SPLIT_WORDS * 8)));
typedef uint8_t ps_word_bytes __attribute__((vector_size(PS_SPLIT_WORDS)));

// By n places up, behind the last n of `before`.
#if PS_SPLIT_WORDS == 8
#define PS_WORDS_UP(before, words, n)                                                                                  \
    __builtin_shufflevector(before, words, 8 - (n), 9 - (n), 10 - (n), 11 - (n), 12 - (n), 13 - (n), 14 - (n), 15 - (n))
#else
#define PS_WORDS_UP(before, words, n) __builtin_shufflevector(before, words, 4 - (n), 5 - (n), 6 - (n), 7 - (n))
#endif

// A page's words, one by one or by stretches.
typedef union ps_split_bits {
    uint32_t half[2 * PS_SPLIT_BLOCKS]; // of each word first the lower one
    uint64_t block[PS_SPLIT_BLOCKS];
    ps_words stretch[PS_SPLIT_BLOCKS / PS_SPLIT_WORDS];
} ps_split_bits;

typedef union ps_split_bytes {
    uint8_t block[PS_SPLIT_BLOCKS];
    ps_word_bytes stretch[PS_SPLIT_BLOCKS / PS_SPLIT_WORDS];
} ps_split_bytes;

typedef struct ps_split_marks {
    ps_split_bits delimiter, quote, lf, cr;
    ps_split_bits high; // not 0 where a byte is not ASCII
    ps_split_bits formula; // one of = + - @ TAB LF ', or what a full-width one begins with
    ps_split_bits inside; // the bytes that are there
} ps_split_marks;

// What the stretch before leaves: of each the last bit, that of its last byte.
typedef struct ps_split_state {
    ps_words quoted; // it ends inside quotes
    ps_words special; // a delimiter, a line end or a quote: behind it a cell may be opened
    ps_words quote;
    ps_words lines; // an LF outside quotes, or there is none before
    ps_words cr;
    ps_words cr_begin; // one that is the first of its line
} ps_split_state;

// What is seen of a block beside its doubts.
enum { PS_SPLIT_BLANK = 16, PS_SPLIT_WRONG = 32, PS_SPLIT_ALL = 63 }; // an empty line; what is not regular; any of all

// What of a page is to be kept.
typedef struct ps_split_found {
    ps_split_bits ends, lines, inner, blank;
    ps_split_bytes seen;
} ps_split_found;

PS_SPLIT_INLINE ps_split_state ps_split_begin(void)
{
    const ps_words none = {0}, all = ~none;

    return (ps_split_state){none, all, none, all, none, none};
}

// The bytes behind those of `bits`; `*before` is what the stretch before had of them, and then this one's.
PS_SPLIT_INLINE ps_words ps_split_behind(ps_words bits, ps_words *before)
{
    ps_words last = PS_WORDS_UP(*before, bits, 1);

    *before = bits;
    return bits << 1 | last >> 63;
}

// The bytes inside quotes, opening ones included, closing ones not: each bit is the sum of all quotes up to it, first
// within its word, then of all words before.
PS_SPLIT_INLINE ps_words ps_split_quoted(ps_words quote, ps_words *before)
{
    const ps_words none = {0};
    ps_words sum = quote ^ quote << 1;

    sum ^= sum << 2;
    sum ^= sum << 4;
    sum ^= sum << 8;
    sum ^= sum << 16;
    sum ^= sum << 32;
    ps_words odd = (ps_words)((ps_signed_words)sum >> 63), quoted = PS_WORDS_UP(*before, odd, 1);
    quoted ^= PS_WORDS_UP(none, quoted, 1);
    quoted ^= PS_WORDS_UP(none, quoted, 2);
#if PS_SPLIT_WORDS == 8
    quoted ^= PS_WORDS_UP(none, quoted, 4);
#endif
    *before = quoted ^ odd;
    return sum ^ quoted;
}

// `bit` of each word that is 0: one instruction less than of those that are not.
PS_SPLIT_INLINE ps_words ps_split_none(ps_words bits, uint64_t bit)
{
    return (ps_words)(bits == 0) & bit;
}

// What each form has: the low bytes of words that are less than 256.
PS_SPLIT_TARGET static inline ps_word_bytes ps_split_low_bytes(const ps_words *words);

// Stretch `i` of a page; its doubts, too.
PS_SPLIT_INLINE void ps_split_find(const ps_split_marks *marks, size_t i, ps_split_state *state, ps_split_found *out,
                                   uint8_t *doubts)
{
    ps_words quote = marks->quote.stretch[i], lf = marks->lf.stretch[i], cr = marks->cr.stretch[i];
    ps_words high = marks->high.stretch[i], formula = marks->formula.stretch[i];
    ps_words ends = marks->delimiter.stretch[i] | lf | cr, special = ends | quote;
    ps_words quoted = ps_split_quoted(quote, &state->quoted), inside = marks->inside.stretch[i];
    ps_words plain_ends = ends & ~quoted, lines = lf & ~quoted, opening = quote & quoted;
    ps_words begins = ps_split_behind(special, &state->special);
    ps_words behind_quote = ps_split_behind(quote, &state->quote);
    ps_words line_begin = ps_split_behind(lines, &state->lines);
    ps_words behind_cr = ps_split_behind(cr, &state->cr);
    ps_words was_quoted = quoted ^ quote; // the byte before stands inside quotes, or opens them
    ps_words value = begins & ~plain_ends; // what ends an empty value is nothing that it begins with
    ps_words inner = quoted & (cr | (lf & ~behind_cr));
    ps_words blank = lines & (line_begin | ps_split_behind(cr & line_begin, &state->cr_begin));
    ps_words wrong =
        (opening & ~begins) | (behind_quote & ~(quoted | special) & inside) | (behind_cr & ~(was_quoted | lf) & inside);
    ps_words unseen = ps_split_none(high, PS_SPLIT_HIGH) | ps_split_none(opening & behind_quote, PS_SPLIT_DOUBLED) |
                      ps_split_none(value & (formula | cr), PS_SPLIT_FORMULA) | ps_split_none(inner, PS_SPLIT_INNER) |
                      ps_split_none(blank, PS_SPLIT_BLANK) | ps_split_none(wrong, PS_SPLIT_WRONG);
    const ps_words seen = unseen ^ PS_SPLIT_ALL;
    const ps_word_bytes bytes = ps_split_low_bytes(&seen), kept = bytes & PS_SPLIT_DOUBTS;

    out->ends.stretch[i] = plain_ends & ~cr;
    out->lines.stretch[i] = lines;
    out->inner.stretch[i] = inner;
    out->blank.stretch[i] = blank;
    out->seen.stretch[i] = bytes;
    memcpy(doubts + i * PS_SPLIT_WORDS, &kept, sizeof kept); // there is room behind the last
}

#endif
