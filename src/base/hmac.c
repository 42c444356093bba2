#include "base/hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "base/memory.h"

struct ps_hmac {
    EVP_MAC *mac;
    EVP_MAC_CTX *context;
};

static ps_status refused(ps_error *err)
{
    return ps_error_set(err, PS_RETRY, "OpenSSL could not make an HMAC, most likely for lack of memory.");
}

ps_status ps_hmac_new(const void *key, size_t key_len, ps_hmac **out, ps_error *err)
{
    char digest[] = "SHA256"; // the parameter is not const
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    ps_hmac *hmac = ps_memory_new(1, sizeof *hmac, err);

    if (hmac == NULL) return PS_RETRY;
    hmac->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (hmac->mac != NULL) hmac->context = EVP_MAC_CTX_new(hmac->mac);
    if (hmac->context == NULL || EVP_MAC_init(hmac->context, key, key_len, parameters) != 1) {
        ps_hmac_free(hmac);
        return refused(err);
    }
    *out = hmac;
    return PS_OK;
}

ps_status ps_hmac_of(ps_hmac *hmac, ps_span text, unsigned char out[PS_HMAC_BYTES], ps_error *err)
{
    size_t len = 0;
    bool made = EVP_MAC_init(hmac->context, NULL, 0, NULL) == 1 && // begins again with the same key
                EVP_MAC_update(hmac->context, (const unsigned char *)text.bytes, text.len) == 1 &&
                EVP_MAC_final(hmac->context, out, &len, PS_HMAC_BYTES) == 1;

    return made && len == PS_HMAC_BYTES ? PS_OK : refused(err);
}

ps_status ps_hmac_hash(ps_hmac *hmac, ps_span text, ps_hash *out, ps_error *err)
{
    unsigned char bytes[PS_HMAC_BYTES];
    ps_status status = ps_hmac_of(hmac, text, bytes, err);

    if (status == PS_OK) memcpy(out, bytes, sizeof *out);
    return status;
}

void ps_hmac_free(ps_hmac *hmac)
{
    if (hmac == NULL) return;
    EVP_MAC_CTX_free(hmac->context);
    EVP_MAC_free(hmac->mac);
    ps_memory_free(hmac);
}
