#ifndef PS_ENGINE_BLOCKS_H
#define PS_ENGINE_BLOCKS_H

// Blocks: pieces of any length that many workers add to files are written in steps that begin and end where large pages
// of the system's file cache do. Bytes cost a sixth less that way than where each piece is written by itself.

#include <stdatomic.h>
#include <stdbool.h>

#include "engine/set.h"

// Blocks are few, so that they stay in the near cache: one goes on in each list, and others wait for a worker that has
// not come to its piece yet. Where none is free, pieces are written by themselves.
enum { PS_BLOCK_BYTES = 64 << 10, PS_BLOCKS = 16 };

typedef struct ps_block {
    char *bytes;
    uint64_t start; // in its file: what comes before it in the block was written already
    _Atomic size_t missing; // bytes that are to come
    _Atomic bool taken;
} ps_block;

typedef struct ps_blocks {
    char *memory;
    ps_block all[PS_BLOCKS];
} ps_blocks;

// A file that is filled in pieces.
typedef struct ps_block_file {
    ps_set_file *file; // lent
    ps_block *open; // its end; NULL: the next piece begins one
} ps_block_file;

// Where a piece goes: the end of a block, whole ones, and the beginning of one. NULL: written by itself.
typedef struct ps_block_place {
    uint64_t offset;
    size_t head_len, tail_len;
    ps_block *head, *tail;
} ps_block_place;

// PS_RETRY without memory.
ps_status ps_blocks_open(ps_blocks *out, ps_error *err);
void ps_blocks_done(ps_blocks *blocks); // a zeroed one is fine; what was not finished is lost

// One worker after the other, in the order of the pieces.
void ps_blocks_place(ps_blocks *blocks, ps_block_file *file, size_t len, ps_block_place *out);

// In no order, on any thread, and it never waits for another piece. Who completes a block writes it, so PS_IO may be
// about the bytes of others. `bytes` are not needed afterwards.
ps_status ps_blocks_write(ps_set_file *file, const ps_block_place *place, ps_span bytes, ps_error *err);

// After the last piece of the file: what is left of it.
ps_status ps_blocks_finish(ps_block_file *file, ps_error *err);

#endif
