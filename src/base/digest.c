#include "base/digest.h"

// Files are digested by the functions of 1.1: those of 3.0 first load OpenSSL's algorithms and its configuration, 2 MiB
// of memory that a run needs for nothing else. What they give is the same.
#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>

#include "base/hmac.h"
#include "base/memory.h"

struct ps_sha256 {
    SHA256_CTX running;
};

static ps_status refused(ps_error *err)
{
    return ps_error_set(err, PS_RETRY, "OpenSSL could not begin a SHA-256 digest.");
}

ps_status ps_sha256_new(ps_sha256 **out, ps_error *err)
{
    ps_sha256 *digest = ps_memory_new(1, sizeof *digest, err);

    if (digest == NULL) return PS_RETRY;
    if (SHA256_Init(&digest->running) != 1) {
        ps_sha256_free(digest);
        return refused(err);
    }
    *out = digest;
    return PS_OK;
}

void ps_sha256_add(ps_sha256 *digest, ps_span span)
{
    // Cannot fail once begun; a digest that missed bytes would vouch for a wrong file, so nothing goes on after it.
    if (SHA256_Update(&digest->running, span.bytes, span.len) != 1) abort();
}

void ps_sha256_hex(const ps_sha256 *digest, char out[65])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[SHA256_DIGEST_LENGTH];
    SHA256_CTX finished = digest->running; // a copy is ended, so that more may follow

    if (SHA256_Final(bytes, &finished) != 1) abort();
    for (size_t i = 0; i < sizeof bytes; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * sizeof bytes] = '\0';
}

void ps_sha256_free(ps_sha256 *digest)
{
    if (digest == NULL) return;
    OPENSSL_cleanse(digest, sizeof *digest); // the end of a text stands in it
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

// ---- of short texts

static const struct {
    const char *name;
    const char *algorithm; // as OpenSSL calls it
    size_t bytes;
} kinds[PS_DIGEST_COUNT] = {
    [PS_DIGEST_NONE] = {"", NULL, 0},
    [PS_DIGEST_MD5] = {"MD5", "MD5", 16},
    [PS_DIGEST_SHA1] = {"SHA-1", "SHA1", 20},
    [PS_DIGEST_SHA256] = {"SHA-256", "SHA256", 32},
    [PS_DIGEST_SHA512] = {"SHA-512", "SHA512", 64},
    [PS_DIGEST_HMAC_SHA256] = {"HMAC-SHA-256", NULL, PS_HMAC_BYTES},
};

struct ps_digester {
    EVP_MD *algorithm;
    EVP_MD_CTX *context;
    ps_hmac *hmac; // in place of both
};

size_t ps_digest_bytes(ps_digest_kind kind)
{
    return kinds[kind].bytes;
}

const char *ps_digest_name(ps_digest_kind kind)
{
    return kinds[kind].name;
}

// Fetched once: to look an algorithm up for every text takes longer than the digest itself.
static ps_status begin_plain(ps_digester *digester, ps_digest_kind kind, ps_error *err)
{
    digester->algorithm = EVP_MD_fetch(NULL, kinds[kind].algorithm, NULL);
    digester->context = EVP_MD_CTX_new();
    if (digester->algorithm != NULL && digester->context != NULL &&
        EVP_DigestInit_ex2(digester->context, digester->algorithm, NULL) == 1)
        return PS_OK;
    return ps_error_set(err, PS_RETRY, "OpenSSL has no %s here (a FIPS build has none), or memory is short.",
                        kinds[kind].name);
}

ps_status ps_digester_new(ps_digest_kind kind, const ps_secret *key, ps_digester **out, ps_error *err)
{
    ps_digester *digester = ps_memory_new(1, sizeof *digester, err);
    ps_status status;

    if (digester == NULL) return PS_RETRY;
    if (kind == PS_DIGEST_HMAC_SHA256) {
        ps_span bytes = ps_secret_expose(key);
        status = ps_hmac_new(bytes.bytes, bytes.len, &digester->hmac, err);
    } else {
        status = begin_plain(digester, kind, err);
    }
    if (status == PS_OK) {
        *out = digester;
    } else {
        ps_digester_free(digester);
    }
    return status;
}

// Once begun it can only fail for lack of memory; whoever is on the list would then be mailed, so nothing goes on
// after it.
void ps_digester_of(ps_digester *digester, ps_span text, unsigned char out[PS_DIGEST_BYTES_MAX])
{
    if (digester->hmac != NULL) {
        if (ps_hmac_of(digester->hmac, text, out, NULL) != PS_OK) abort();
        return;
    }
    bool made = EVP_DigestInit_ex2(digester->context, NULL, NULL) == 1 &&
                EVP_DigestUpdate(digester->context, text.bytes, text.len) == 1 &&
                EVP_DigestFinal_ex(digester->context, out, NULL) == 1;
    if (!made) abort();
}

void ps_digester_free(ps_digester *digester)
{
    if (digester == NULL) return;
    ps_hmac_free(digester->hmac);
    EVP_MD_CTX_free(digester->context);
    EVP_MD_free(digester->algorithm);
    ps_memory_free(digester);
}
