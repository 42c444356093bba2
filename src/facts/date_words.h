#ifndef PS_FACTS_DATE_WORDS_H
#define PS_FACTS_DATE_WORDS_H

// The cells that facts/date_decode.h decodes, four bytes a word.

#include <string.h>

#include "facts/date_cells.h"

enum { PS_DECODE_LANES = 8 };

typedef struct ps_decode_words {
    // `2024` `-02-` `01T` `12:3` `4:56`
    uint32_t year[PS_DECODE_LANES], month[PS_DECODE_LANES], day[PS_DECODE_LANES];
    uint32_t hour[PS_DECODE_LANES], second[PS_DECODE_LANES];
    uint32_t tail[PS_DECODE_LANES]; // the last byte, and above it the cell's length
    ps_day days[PS_DECODE_LANES]; // what comes out
    uint32_t odd[PS_DECODE_LANES]; // not 0: it has no exact shape
} ps_decode_words;

// Which cells are empty is as good as random, and a branch on it would be mispredicted: those that are not are listed
// first.
static inline size_t ps_decode_list(const ps_span *cells, size_t stride, size_t count, uint8_t *at)
{
    size_t written = 0;

    for (size_t i = 0; i < count; i++) {
        at[written] = (uint8_t)i;
        written += cells[i * stride].len != 0;
    }
    return written;
}

static inline uint32_t ps_decode_word_at(const char *at)
{
    uint32_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

static inline uint32_t ps_decode_half_at(const char *at)
{
    uint16_t half;

    memcpy(&half, at, sizeof half);
    return half;
}

// The length alone is asked here; it is the same all through a column.
static inline void ps_decode_load(ps_span cell, ps_decode_words *out, size_t i)
{
    const char *at = cell.bytes;

    if (cell.len - PS_STAMP_LEN <= PS_ZULU_LEN - PS_STAMP_LEN) {
        out->year[i] = ps_decode_word_at(at);
        out->month[i] = ps_decode_word_at(at + 4);
        out->day[i] = ps_decode_word_at(at + 8);
        out->hour[i] = ps_decode_word_at(at + 11);
        out->second[i] = ps_decode_word_at(at + 15);
        out->tail[i] = (uint32_t)cell.len << 8 | (unsigned char)at[cell.len - 1];
        return;
    }
    bool date = cell.len == PS_DATE_LEN;
    out->year[i] = date ? ps_decode_word_at(at) : 0; // which is no year
    out->month[i] = date ? ps_decode_word_at(at + 4) : 0;
    out->day[i] = date ? ps_decode_half_at(at + 8) | (uint32_t)'T' << 16 : 0;
    out->hour[i] = ps_decode_word_at("00:0");
    out->second[i] = ps_decode_word_at("0:00");
    out->tail[i] = 0;
}

#endif
