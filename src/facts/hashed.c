#include "facts/hashed.h"

#include <assert.h>
#include <string.h>

static_assert(PS_SOURCES_MAX <= 256, "a number is one byte of a key");

size_t ps_hashings_add(ps_hashings *hashings, ps_digest_kind kind, ps_secret *key)
{
    for (size_t i = 0; i < hashings->count && key == NULL; i++) {
        if (hashings->items[i].kind == kind) return i;
    }
    assert(hashings->count < PS_COUNT_OF(hashings->items));
    hashings->items[hashings->count] = (ps_hashing){kind, key};
    return hashings->count++;
}

void ps_hashings_done(ps_hashings *hashings)
{
    for (size_t i = 0; i < hashings->count; i++)
        ps_secret_free(hashings->items[i].key);
    hashings->count = 0;
}

ps_span ps_hashed_key(const ps_hashings *hashings, size_t number, const unsigned char *digest,
                      char room[PS_HASHED_KEY_BYTES])
{
    size_t len = ps_digest_bytes(hashings->items[number].kind);

    room[0] = '\0';
    room[1] = (char)number;
    memcpy(room + 2, digest, len);
    return (ps_span){room, 2 + len};
}
