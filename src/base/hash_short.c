// Hashes of short texts, made here rather than in the library: an address has some 20 bytes, and on the way to what is
// done with them the library asks for its vectors and for its own seeds. bench/RESULTS.md says what it saves.

#include "base/hash_long.h"

// All of it as functions of this file, which the compiler can cut down to what short texts need.
#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
    SHORT_BYTES_MAX = 240, // that XXH3 hashes without vectors
    USUAL_BYTES_MIN = 17, // nearly all addresses have so many bytes
    USUAL_BYTES_MAX = 32,
};

// On the library's way to it stand six questions about the length and a call: bench/RESULTS.md.
static inline XXH128_hash_t hash_usual(ps_span span)
{
    if (span.len < USUAL_BYTES_MIN || span.len > USUAL_BYTES_MAX) __builtin_unreachable();
    return XXH3_len_17to128_128b((const xxh_u8 *)span.bytes, span.len, XXH3_kSecret, sizeof XXH3_kSecret, PS_HASH_SEED);
}

ps_hash ps_hash_of(ps_span span)
{
    bool usual = span.len - USUAL_BYTES_MIN <= USUAL_BYTES_MAX - USUAL_BYTES_MIN;

    if (span.len > SHORT_BYTES_MAX) return ps_hash_of_long(span);
    XXH128_hash_t hash =
        usual ? hash_usual(span) : XXH3_128bits_withSeed(span.len == 0 ? "" : span.bytes, span.len, PS_HASH_SEED);
    return (ps_hash){.low = hash.low64, .high = hash.high64};
}
