#ifndef PS_ENGINE_LISTS_H
#define PS_ENGINE_LISTS_H

// The four lists, filled by many workers: what a batch adds to each gets its place in the order of the batches and is
// written whenever its worker comes to it.

#include "engine/blocks.h"
#include "engine/inputs.h"
#include "engine/order.h"
#include "engine/set.h"
#include "table/pack.h"
#include "table/recode.h"

// What one worker makes pieces of lists with.
typedef struct ps_list_tools {
    ps_recoder *recoder; // NULL: they stay in the encoding of their files
    ps_packer *packer;
} ps_list_tools;

typedef struct ps_lists {
    ps_block_file files[PS_VERDICT_COUNT];
    ps_blocks blocks; // theirs
    uint64_t rows[PS_VERDICT_COUNT];
    ps_list_tools *tools; // by thread of the pass
    unsigned tools_count;
} ps_lists;

// What one batch adds: the bytes as they are written, and where.
typedef struct ps_pieces {
    ps_span bytes[PS_VERDICT_COUNT];
    ps_block_place places[PS_VERDICT_COUNT];
} ps_pieces;

// Create the lists and write what stands before their first record. `threads` will fill them.
ps_status ps_lists_open(const ps_inputs *inputs, ps_set *set, unsigned threads, ps_lists *out, ps_error *err);
void ps_lists_done(ps_lists *lists); // a zeroed one is fine

// The batch's outputs as they will be written; `out` borrows from the batch and the worker's recoder and packer.
ps_status ps_lists_pack(ps_lists *lists, const ps_batch *batch, ps_pieces *out, ps_error *err);

// Where they go: in the order of the batches.
void ps_lists_place(ps_lists *lists, const ps_batch *batch, ps_pieces *pieces);

// Add them to the digests, in the order of the batches, and write them, in no order.
void ps_lists_digest(ps_lists *lists, const ps_pieces *pieces, ps_order *order, uint64_t number);
ps_status ps_lists_write(ps_lists *lists, const ps_pieces *pieces, ps_error *err);

// Sync and close the lists; run->outputs gets their names, rows, sizes and digests, and the run how many characters
// their encoding lacks.
ps_status ps_lists_finish(ps_lists *lists, ps_run *run, ps_error *err);

#endif
