#ifndef PS_STAGE_CELL_FLAGS_H
#define PS_STAGE_CELL_FLAGS_H

// Cells that hold a word, as bits of ps_signals.flags: opt-ins, opt-outs, states, segments.

#include "facts/facts.h"

enum { PS_CELL_MEMOS = 32, PS_CELL_REST_BYTES = 32 };

// What a word of a column said.
typedef struct ps_cell_memo {
    uint64_t first, last; // its bytes
    char rest[PS_CELL_REST_BYTES]; // those between
    uint32_t len, flags;
} ps_cell_memo;

// What a cell says, which depends on its bytes alone.
typedef uint32_t ps_cell_asker(const ps_facts *facts, ps_span cell);

// What the last words of one column said. Such a column holds a few words all through.
typedef struct ps_cell_flags {
    const ps_facts *facts;
    ps_cell_asker *ask;
    ps_cell_memo memos[PS_CELL_MEMOS];
    size_t usual; // the one that most cells are
} ps_cell_flags;

// False: no cell of the column says anything in flags.
bool ps_cell_flags_init(ps_cell_flags *out, const ps_facts *facts, ps_column column);

// For something else that is asked of each cell.
void ps_cell_flags_ask(ps_cell_flags *out, const ps_facts *facts, ps_cell_asker *ask);

// So many cells, the first at `cells` and each `stride` further on: what each says comes to the flags of its row.
void ps_cell_flags_read(ps_cell_flags *known, const ps_span *cells, size_t stride, size_t count, uint32_t *flags);

// NULL, 0000-00-00 and their like: programs write them where nothing happened.
bool ps_cell_says_nothing(const ps_facts *facts, ps_span cell);

#endif
