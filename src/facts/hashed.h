#ifndef PS_FACTS_HASHED_H
#define PS_FACTS_HASHED_H

// Hashed suppression lists: their digests stand among the addresses, each with the way in which it was made, so that a
// digest of one kind or key is never taken for one of another, or for an address.

#include "base/digest.h"
#include "base/limits.h"

enum { PS_HASHING_CHECK_BYTES = 8 };

typedef struct ps_hashing {
    ps_digest_kind kind;
    ps_secret *key; // NULL where the kind has none
    unsigned char check[PS_HASHING_CHECK_BYTES]; // tells this key from another, without saying it; 0 without a key
} ps_hashing;

typedef struct ps_hashings {
    ps_hashing items[PS_SOURCES_MAX + PS_DIGEST_COUNT]; // every source has one key at most; the other kinds are shared
    size_t count;
} ps_hashings;

// `key` is NULL where the kind has none, else taken by `out`, also on failure.
ps_status ps_hashing_open(ps_digest_kind kind, ps_secret *key, ps_hashing *out, ps_error *err);
void ps_hashing_close(ps_hashing *hashing); // a zeroed one is fine

// As above; sources that hash alike share what is added. It lives as long as the hashings.
ps_status ps_hashings_add(ps_hashings *hashings, ps_digest_kind kind, ps_secret *key, const ps_hashing **out,
                          ps_error *err);
void ps_hashings_done(ps_hashings *hashings);

// What a digest has for a match key, the same in every run. No address begins with NUL.
enum {
    PS_HASHED_KEY_HEAD = 2 + PS_HASHING_CHECK_BYTES,
    PS_HASHED_KEY_BYTES = PS_HASHED_KEY_HEAD + PS_DIGEST_BYTES_MAX
};
ps_span ps_hashed_key(const ps_hashing *hashing, const unsigned char *digest, char room[PS_HASHED_KEY_BYTES]);

#endif
