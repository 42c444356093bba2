#ifndef PS_STAGE_CELL_FLAGS_H
#define PS_STAGE_CELL_FLAGS_H

// Cells that hold a word, as bits of ps_signals.flags: opt-ins, opt-outs, states, segments.

#include "facts/facts.h"

enum { PS_CELL_MEMOS = 8 };

// What the last words of one column said. Such a column holds a few words all through.
typedef struct ps_cell_flags {
    const ps_facts *facts;
    ps_column column;
    struct {
        uint64_t first, last; // its bytes
        uint32_t len, flags;
    } memos[PS_CELL_MEMOS];
} ps_cell_flags;

// False: no cell of the column says anything in flags.
bool ps_cell_flags_init(ps_cell_flags *out, const ps_facts *facts, ps_column column);

uint32_t ps_cell_flags_of(ps_cell_flags *known, ps_span cell);

// NULL, 0000-00-00 and their like: programs write them where nothing happened.
bool ps_cell_says_nothing(const ps_facts *facts, ps_span cell);

#endif
