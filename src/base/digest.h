#ifndef PS_BASE_DIGEST_H
#define PS_BASE_DIGEST_H

// SHA-256 of streams, and digests of short texts of any kind that lists of hashed addresses come in, by OpenSSL.

#include "base/secret.h"
#include "presend/source.h"
#include "presend/span.h"
#include "presend/status.h"

typedef struct ps_sha256 ps_sha256;
ps_status ps_sha256_new(ps_sha256 **out, ps_error *err);
void ps_sha256_add(ps_sha256 *digest, ps_span span);
void ps_sha256_hex(const ps_sha256 *digest, char out[65]); // of all added so far; more may follow
void ps_sha256_free(ps_sha256 *digest);

// Of one span at once.
ps_status ps_sha256_of(ps_span span, char out[65], ps_error *err);

enum { PS_DIGEST_BYTES_MAX = 64 };
size_t ps_digest_bytes(ps_digest_kind kind);
const char *ps_digest_name(ps_digest_kind kind); // for people: SHA-256

// Digests of texts of one kind, under one key where the kind has one. One thread at a time.
typedef struct ps_digester ps_digester;
ps_status ps_digester_new(ps_digest_kind kind, const ps_secret *key, ps_digester **out, ps_error *err);
void ps_digester_of(ps_digester *digester, ps_span text, unsigned char out[PS_DIGEST_BYTES_MAX]);
void ps_digester_free(ps_digester *digester); // NULL is fine

#endif
