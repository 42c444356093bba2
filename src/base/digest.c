#include "base/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/memory.h"

enum { SHA256_BYTES = 32 };

struct ps_sha256 {
    EVP_MD_CTX *running, *finished; // `finished` is where a copy is ended, so that more may follow
};

static ps_status refused(ps_error *err)
{
    return ps_error_set(err, PS_RETRY, "OpenSSL could not begin a SHA-256 digest, most likely for lack of memory.");
}

ps_status ps_sha256_new(ps_sha256 **out, ps_error *err)
{
    ps_sha256 *digest = ps_memory_new(1, sizeof *digest, err);

    if (digest == NULL) return PS_RETRY;
    digest->running = EVP_MD_CTX_new();
    digest->finished = EVP_MD_CTX_new();
    if (digest->running == NULL || digest->finished == NULL ||
        EVP_DigestInit_ex(digest->running, EVP_sha256(), NULL) != 1) {
        ps_sha256_free(digest);
        return refused(err);
    }
    *out = digest;
    return PS_OK;
}

void ps_sha256_add(ps_sha256 *digest, ps_span span)
{
    // Cannot fail once begun; a digest that missed bytes would vouch for a wrong file, so nothing goes on after it.
    if (EVP_DigestUpdate(digest->running, span.bytes, span.len) != 1) abort();
}

void ps_sha256_hex(const ps_sha256 *digest, char out[65])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[SHA256_BYTES];

    // The copy takes about a hundred bytes of memory; a wrong digest would be worse than an end.
    if (EVP_MD_CTX_copy_ex(digest->finished, digest->running) != 1) abort();
    if (EVP_DigestFinal_ex(digest->finished, bytes, NULL) != 1) abort();
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * SHA256_BYTES] = '\0';
}

void ps_sha256_free(ps_sha256 *digest)
{
    if (digest == NULL) return;
    EVP_MD_CTX_free(digest->running);
    EVP_MD_CTX_free(digest->finished);
    ps_memory_free(digest);
}

ps_status ps_sha256_of(ps_span span, char out[65], ps_error *err)
{
    ps_sha256 *digest = NULL;
    ps_status status = ps_sha256_new(&digest, err);

    if (status != PS_OK) return status;
    ps_sha256_add(digest, span);
    ps_sha256_hex(digest, out);
    ps_sha256_free(digest);
    return PS_OK;
}
