#ifndef PS_BASE_HASH_H
#define PS_BASE_HASH_H

// 128-bit hashes (XXH3) stand for keys: with a table of 2^30 entries a false match is expected once in 10^20 look-ups,
// so no key needs to be kept. The seed is fixed: the same input gives the same output.

#include <stdbool.h>
#include <stdint.h>

#include "presend/span.h"
#include "presend/status.h"

typedef struct ps_hash {
    uint64_t low, high;
} ps_hash;

enum { PS_HASH_SEED = 0 }; // of `xxhsum -H2`, so that anyone can check a fingerprint
ps_hash ps_hash_of(ps_span span);

static inline bool ps_hash_equal(ps_hash a, ps_hash b)
{
    return a.low == b.low && a.high == b.high;
}

// By `high`, then by `low`: for qsort() of ps_hash, and of what begins with one.
int ps_hash_compare(const void *a, const void *b);

static inline bool ps_hash_is_less(const ps_hash *a, const ps_hash *b)
{
    return a->high != b->high ? a->high < b->high : a->low < b->low;
}

// A running fingerprint of a stream of bytes.
typedef struct ps_hasher ps_hasher;
ps_status ps_hasher_new(ps_hasher **out, ps_error *err);
void ps_hasher_add(ps_hasher *hasher, ps_span span);
void ps_hasher_hex(const ps_hasher *hasher, char out[33]);
void ps_hasher_free(ps_hasher *hasher);

// A map from hash to a 32-bit value, open addressing. Reading is safe on any thread while nobody writes.
typedef struct ps_index {
    ps_hash *keys;
    uint32_t *values;
    size_t count, capacity; // capacity is 0 or a power of two
} ps_index;

#define PS_INDEX_NONE UINT32_MAX

// Find `key`; if it is not there, add it with `value`. `*out` is the value that now stands, `*out_added` whether it is
// new.
ps_status ps_index_claim(ps_index *index, ps_hash key, uint32_t value, uint32_t *out, bool *out_added, ps_error *err);
uint32_t ps_index_find(const ps_index *index, ps_hash key); // PS_INDEX_NONE if not there
void ps_index_prefetch(const ps_index *index, ps_hash key);
void ps_index_done(ps_index *index); // a zeroed index is empty and fine

#endif
