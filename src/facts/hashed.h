#ifndef PS_FACTS_HASHED_H
#define PS_FACTS_HASHED_H

// Hashed suppression lists: their digests stand among the addresses, each with the number of the way in which it was
// made, so that a digest of one kind is never taken for one of another, or for an address.

#include "base/digest.h"
#include "base/limits.h"

typedef struct ps_hashing {
    ps_digest_kind kind;
    ps_secret *key; // NULL where the kind has none
} ps_hashing;

typedef struct ps_hashings {
    ps_hashing items[PS_SOURCES_MAX]; // every source has one at most
    size_t count;
} ps_hashings;

// The number of this way; kinds without a key share theirs. `key` is taken.
size_t ps_hashings_add(ps_hashings *hashings, ps_digest_kind kind, ps_secret *key);
void ps_hashings_done(ps_hashings *hashings);

// What a digest has for a match key. No address begins with NUL.
enum { PS_HASHED_KEY_BYTES = 2 + PS_DIGEST_BYTES_MAX };
ps_span ps_hashed_key(const ps_hashings *hashings, size_t number, const unsigned char *digest,
                      char room[PS_HASHED_KEY_BYTES]);

#endif
