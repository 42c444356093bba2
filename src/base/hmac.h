#ifndef PS_BASE_HMAC_H
#define PS_BASE_HMAC_H

// HMAC-SHA-256 (RFC 2104) of short texts under one key, by OpenSSL.

#include "base/hash.h"

enum { PS_HMAC_BYTES = 32 };

// Any number of threads may share one: its bytes are only read.
typedef struct ps_hmac ps_hmac;
ps_status ps_hmac_new(const void *key, size_t key_len, ps_hmac **out, ps_error *err);
ps_status ps_hmac_of(const ps_hmac *hmac, ps_span text, unsigned char out[PS_HMAC_BYTES], ps_error *err);
void ps_hmac_free(ps_hmac *hmac); // NULL is fine

// Its first 128 bits, as tables take them.
ps_status ps_hmac_hash(const ps_hmac *hmac, ps_span text, ps_hash *out, ps_error *err);

// The same of each of many texts, a third quicker where they are as short as most addresses.
ps_status ps_hmac_hashes(const ps_hmac *hmac, const ps_span *texts, size_t count, ps_hash *out, ps_error *err);

#endif
