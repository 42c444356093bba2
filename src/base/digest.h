#ifndef PS_BASE_DIGEST_H
#define PS_BASE_DIGEST_H

// SHA-256 of streams, by OpenSSL.

#include "presend/span.h"
#include "presend/status.h"

typedef struct ps_sha256 ps_sha256;
ps_status ps_sha256_new(ps_sha256 **out, ps_error *err);
void ps_sha256_add(ps_sha256 *digest, ps_span span);
void ps_sha256_hex(const ps_sha256 *digest, char out[65]); // of all added so far; more may follow
void ps_sha256_free(ps_sha256 *digest);

// Of one span at once.
ps_status ps_sha256_of(ps_span span, char out[65], ps_error *err);

#endif
