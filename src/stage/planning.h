#ifndef PS_STAGE_PLANNING_H
#define PS_STAGE_PLANNING_H

// What the plan step works with; plan.c writes the lists that are sent, taken_out.c those that are not.

#include "base/prefetch.h"
#include "facts/facts.h"
#include "table/batch.h"
#include "table/writer.h"

typedef struct ps_planning {
    const ps_facts *facts;
    ps_batch *batch;
    ps_encoder *encoder; // opened at the first text that is not ASCII; most batches have none
    ps_encoder *list_encoder; // of the lists' own encoding, likewise
    bool failed; // no memory: the outputs of the batch are not whole
    bool own_plain; // a detail of presend's own words, or a day, needs no quotes
} ps_planning;

// UTF-8 in the bytes of the batch. Gives the number of characters that the encoding lacks.
size_t ps_planning_encode(ps_planning *p, ps_span text, ps_span *out);

// Records of usual length go out with what lies behind them, up to so many bytes: the lengths of a list's records lie
// about the bounds at which memcpy goes another way, and so would each be mispredicted.
enum { PS_PIECE_BYTES = 192 };

// `len` bytes of the batch, into room for PS_PIECE_BYTES more. Gives their end.
static inline char *ps_put_piece(char *at, const ps_batch *batch, uint32_t start, uint32_t len)
{
    if (len > PS_PIECE_BYTES || batch->capacity - start < PS_PIECE_BYTES)
        return ps_put_span(at, (ps_span){batch->bytes + start, len});
    memcpy(at, batch->bytes + start, PS_PIECE_BYTES);
    return at + len;
}

// The rows of a list lie apart in the batch, so that the processor does not see by itself what comes: rows, and then
// their records, are asked for so many places before their turn.
PS_PREFETCHING void ps_planning_prefetch(const ps_batch *batch, const uint32_t *rows, uint32_t left)
{
    enum { RECORD_AHEAD = 16, ROW_AHEAD = 32, LINE = 64 };

    if (left <= ROW_AHEAD) return;
    __builtin_prefetch(&batch->rows[rows[ROW_AHEAD]].address);
    const char *record = batch->bytes + batch->rows[rows[RECORD_AHEAD]].start;
    for (size_t line = 0; line < PS_PIECE_BYTES; line += LINE)
        __builtin_prefetch(record + line);
}

// The held and the removed rows, with the cells that say why.
void ps_plan_taken_out(ps_planning *p);

#endif
