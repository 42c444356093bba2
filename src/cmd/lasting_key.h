#ifndef PS_CMD_LASTING_KEY_H
#define PS_CMD_LASTING_KEY_H

// The key of a keyed hashed list that was imported for good: the state says where it is and how to know it again, and
// never what it is.

#include "facts/book.h"
#include "facts/hashed.h"

typedef struct ps_lasting_key {
    unsigned char check[PS_HASHING_CHECK_BYTES];
    const char *reference; // env:NAME or file:PATH, within the origin
} ps_lasting_key;

// The key that a source's origin tells of; false when it tells of none.
bool ps_lasting_key_parse(const char *origin, ps_lasting_key *out);

// The origin of a source whose digests are under the key that `reference` names now. PS_CONFIG: there is none, or its
// path is too long.
ps_status ps_lasting_key_origin(const char *reference, char *out, size_t size, ps_error *err);

// The key itself. PS_CONFIG where there is none any more, or another: with it nobody would be found on the list.
ps_status ps_lasting_key_load(const ps_stored_source *source, ps_secret **out, ps_error *err);

#endif
