#ifndef PS_STORE_DOMAIN_INDEX_H
#define PS_STORE_DOMAIN_INDEX_H

// What the pages say of each domain, in four bytes that stay in memory: who looks for many domains in no order would
// read another page of the file for nearly each of them.

#include "store/domain_pages.h"

typedef struct ps_domain_index {
    uint32_t *marks; // in the order of their keys: bits of the key, and what is known; NULL: not read yet
    size_t count, capacity;
    uint32_t *starts; // the number of the first mark of each range of keys, and the end of the last one
    size_t ranges; // whose start is known
} ps_domain_index;

// Read all pages, each once.
ps_status ps_domain_index_read(ps_domain_pages *pages, int64_t now_s, ps_domain_index *out, ps_error *err);
void ps_domain_index_close(ps_domain_index *index); // a zeroed one is fine

// What was known of the domain with this key when the index was read. PS_CACHED_NOTHING is always true. Another domain
// may have the same bits: of names that are not in a cache of a million one in 10^7.
ps_cached ps_domain_index_find(const ps_domain_index *index, uint64_t key);

#endif
