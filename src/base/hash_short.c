// Hashes of short texts, made here rather than in the library: an address has some 20 bytes, and on the way to what is
// done with them the library asks for its vectors and for its own seeds. bench/RESULTS.md says what it saves.

#include "base/hash_long.h"

// All of it as functions of this file, which the compiler can cut down to what short texts need.
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { SHORT_BYTES_MAX = 240 }; // that XXH3 hashes without vectors

ps_hash ps_hash_of(ps_span span)
{
    if (span.len > SHORT_BYTES_MAX) return ps_hash_of_long(span);
    XXH128_hash_t hash = XXH3_128bits_withSeed(span.len == 0 ? "" : span.bytes, span.len, PS_HASH_SEED);
    return (ps_hash){.low = hash.low64, .high = hash.high64};
}
