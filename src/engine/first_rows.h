#ifndef PS_ENGINE_FIRST_ROWS_H
#define PS_ENGINE_FIRST_ROWS_H

// Of each address, the first row that has it. What a roster knows in two lines of the cache stands here in one, for it
// is made to find out whom a closer look is worth: an address is told from others by 32 bits of its hash and its place,
// so once in some hundred million rows one may be taken for another.

#include "base/bucket.h"
#include "base/hash.h"
#include "presend/status.h"

enum {
    PS_FIRST_ROWS_BLOCK = 64, // asked at once: the waits for memory overlap
    PS_FIRST_ROWS_LEVELS_MAX = 24
};

typedef struct ps_first_level {
    ps_bucket *lines;
    uint64_t count; // of lines
} ps_first_level;

// Rows are added to the last level. Each is twice as large as the one before it, and none is ever moved.
typedef struct ps_first_rows {
    ps_first_level levels[PS_FIRST_ROWS_LEVELS_MAX];
    size_t count;
    uint64_t room; // rows that the last one still takes
    ps_bucket_form form; // for this machine
} ps_first_rows; // zeroed, it is empty

// Room for so many rows, as far as that is known. PS_RETRY without memory.
ps_status ps_first_rows_open(ps_first_rows *out, uint64_t expected, ps_error *err);
void ps_first_rows_close(ps_first_rows *rows); // a zeroed one is fine

// Asks for what claiming them will touch.
void ps_first_rows_prefetch(const ps_first_rows *rows, const ps_hash *hashes, size_t count);

// Up to PS_FIRST_ROWS_BLOCK rows, from 1, in their order. Each becomes the first that has its hash; that may be itself.
ps_status ps_first_rows_claim(ps_first_rows *rows, const ps_hash *hashes, uint32_t *numbers, size_t count,
                              ps_error *err);

#endif
