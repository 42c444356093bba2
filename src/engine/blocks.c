#include "engine/blocks.h"

#include <string.h>

#include "base/memory.h"

static size_t in_block(uint64_t offset)
{
    return (size_t)(offset % PS_BLOCK_BYTES);
}

ps_status ps_blocks_open(ps_blocks *out, ps_error *err)
{
    out->memory = ps_memory_map((size_t)PS_BLOCKS * PS_BLOCK_BYTES, err);
    if (out->memory == NULL) return PS_RETRY;
    for (size_t i = 0; i < PS_BLOCKS; i++)
        out->all[i] = (ps_block){.bytes = out->memory + i * PS_BLOCK_BYTES};
    return PS_OK;
}

void ps_blocks_done(ps_blocks *blocks)
{
    ps_memory_unmap(blocks->memory, (size_t)PS_BLOCKS * PS_BLOCK_BYTES);
    blocks->memory = NULL;
}

// Workers take one at a time and give back at any time.
static ps_block *take(ps_blocks *blocks, uint64_t start)
{
    for (size_t i = 0; i < PS_BLOCKS; i++) {
        ps_block *block = &blocks->all[i];
        if (atomic_load_explicit(&block->taken, memory_order_acquire)) continue;
        atomic_store_explicit(&block->taken, true, memory_order_relaxed);
        atomic_store_explicit(&block->missing, PS_BLOCK_BYTES - in_block(start), memory_order_relaxed);
        block->start = start;
        return block;
    }
    return NULL;
}

void ps_blocks_place(ps_blocks *blocks, ps_block_file *file, size_t len, ps_block_place *out)
{
    uint64_t offset = ps_set_place(file->file, len);
    size_t room = in_block(PS_BLOCK_BYTES - in_block(offset)), head_len = len < room ? len : room;

    *out = (ps_block_place){.offset = offset, .head_len = head_len, .tail_len = in_block(len - head_len)};
    if (head_len > 0) {
        out->head = file->open == NULL ? take(blocks, offset) : file->open;
        file->open = head_len == room ? NULL : out->head;
    }
    if (out->tail_len > 0) file->open = out->tail = take(blocks, offset + len - out->tail_len);
}

static ps_status write_block(ps_set_file *file, ps_block *block, size_t len, ps_error *err)
{
    ps_span bytes = {block->bytes + in_block(block->start), len};
    ps_status status = ps_set_write_at(file, bytes, block->start, err);

    atomic_store_explicit(&block->taken, false, memory_order_release);
    return status;
}

static ps_status put(ps_set_file *file, ps_block *block, ps_span bytes, uint64_t offset, ps_error *err)
{
    if (bytes.len == 0) return PS_OK;
    if (block == NULL) return ps_set_write_at(file, bytes, offset, err);
    memcpy(block->bytes + in_block(offset), bytes.bytes, bytes.len);
    // Whoever adds the last bytes sees those of all others.
    if (atomic_fetch_sub_explicit(&block->missing, bytes.len, memory_order_acq_rel) != bytes.len) return PS_OK;
    return write_block(file, block, PS_BLOCK_BYTES - in_block(block->start), err);
}

ps_status ps_blocks_write(ps_set_file *file, const ps_block_place *place, ps_span bytes, ps_error *err)
{
    size_t middle = place->head_len, tail = bytes.len - place->tail_len;
    ps_status status = put(file, place->head, (ps_span){bytes.bytes, middle}, place->offset, err);

    if (status == PS_OK && middle < tail) {
        status = put(file, NULL, (ps_span){bytes.bytes + middle, tail - middle}, place->offset + middle, err);
    }
    if (status != PS_OK || place->tail_len == 0) return status;
    return put(file, place->tail, (ps_span){bytes.bytes + tail, place->tail_len}, place->offset + tail, err);
}

ps_status ps_blocks_finish(ps_block_file *file, ps_error *err)
{
    ps_block *block = file->open;

    file->open = NULL;
    if (block == NULL) return PS_OK;
    size_t missing = atomic_load_explicit(&block->missing, memory_order_acquire);
    return write_block(file->file, block, PS_BLOCK_BYTES - in_block(block->start) - missing, err);
}
