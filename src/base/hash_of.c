#include "base/hash.h"

// A file of its own: the code of the library's header is for this machine's least processor, which is right for keys of
// some twenty bytes, of which the way into the library was a third. Streams are hashed by the library, which has forms
// for better ones.
#define XXH_INLINE_ALL
#include <xxhash.h>

ps_hash ps_hash_of(ps_span span)
{
    XXH128_hash_t hash = XXH3_128bits_withSeed(span.len == 0 ? "" : span.bytes, span.len, PS_HASH_SEED);

    return (ps_hash){.low = hash.low64, .high = hash.high64};
}
