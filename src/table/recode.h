#ifndef PS_TABLE_RECODE_H
#define PS_TABLE_RECODE_H

// Lists in another encoding than that of their files, piece by piece.

#include "mail/charset.h"

typedef struct ps_recoder ps_recoder;

// Into `encoding`, which is ASCII-safe. PS_RETRY without memory.
ps_status ps_recoder_new(ps_encoding encoding, ps_recoder **out, ps_error *err);
void ps_recoder_free(ps_recoder *recoder); // NULL is fine

// Whole records in the encoding `from`, which is ASCII-safe. What the recoder's own lacks becomes `?`, and U+FFFD
// stands for what is no text; records that are in it already keep their bytes. What `slot` (one for each list) held
// before is gone. PS_RETRY without memory.
ps_status ps_recoder_piece(ps_recoder *recoder, ps_verdict slot, ps_encoding from, ps_span piece, ps_span *out,
                           ps_error *err);

// How many characters became `?` or U+FFFD.
uint64_t ps_recoder_lost(const ps_recoder *recoder);

#endif
