#ifndef PS_TABLE_PACK_H
#define PS_TABLE_PACK_H

// Compression of the lists, piece by piece: each piece is a gzip member or a zstd frame of its own, so that every
// worker packs its batches by itself, and the pieces in order are one file.

#include "presend/job.h"
#include "presend/status.h"

typedef struct ps_packer ps_packer;

ps_status ps_packer_new(ps_compression compression, ps_packer **out, ps_error *err);
void ps_packer_free(ps_packer *packer); // NULL is fine

// What comes behind the name of a list: nothing, .gz or .zst.
const char *ps_packed_suffix(ps_compression compression);

// `piece` as it is to be written; an empty one becomes an empty member. What `slot` (one for each list) held before is
// gone. PS_RETRY without memory.
ps_status ps_packer_pack(ps_packer *packer, ps_verdict slot, ps_span piece, ps_span *out, ps_error *err);

#endif
