#include "base/hmac.h"

// By the functions of 1.1: those of 3.0 allocate and copy their way through each text, which takes six times as long as
// the digest itself, and a run digests every win-back address. What they give is the same.
#define OPENSSL_API_COMPAT 0x10100000L
#include <endian.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "base/buf.h"
#include "base/memory.h"

struct ps_hmac {
    SHA256_CTX inner, outer; // each behind its block of the key
};

// The state behind one block: the key, its bits turned by `mask`, zeros behind it.
static bool take_key(const unsigned char key[SHA256_CBLOCK], unsigned char mask, SHA256_CTX *out)
{
    unsigned char block[SHA256_CBLOCK];

    for (size_t i = 0; i < sizeof block; i++)
        block[i] = key[i] ^ mask;
    bool made = SHA256_Init(out) == 1 && SHA256_Update(out, block, sizeof block) == 1;
    OPENSSL_cleanse(block, sizeof block);
    return made;
}

static ps_status refused(ps_error *err)
{
    return ps_error_set(err, PS_RETRY, "OpenSSL could not make an HMAC.");
}

ps_status ps_hmac_new(const void *key, size_t key_len, ps_hmac **out, ps_error *err)
{
    enum { INNER = 0x36, OUTER = 0x5C }; // RFC 2104 section 2
    unsigned char block[SHA256_CBLOCK] = {0};
    ps_hmac *hmac = ps_memory_new(1, sizeof *hmac, err);
    bool made = true;

    if (hmac == NULL) return PS_RETRY;
    if (key_len > sizeof block) { // a key that is longer than a block is its digest
        made = SHA256(key, key_len, block) != NULL;
    } else if (key_len > 0) {
        memcpy(block, key, key_len);
    }
    made = made && take_key(block, INNER, &hmac->inner) && take_key(block, OUTER, &hmac->outer);
    OPENSSL_cleanse(block, sizeof block);
    if (made) {
        *out = hmac;
        return PS_OK;
    }
    ps_hmac_free(hmac);
    return refused(err);
}

ps_status ps_hmac_of(const ps_hmac *hmac, ps_span text, unsigned char out[PS_HMAC_BYTES], ps_error *err)
{
    SHA256_CTX inner = hmac->inner, outer = hmac->outer;
    bool made = SHA256_Update(&inner, text.bytes, text.len) == 1 && SHA256_Final(out, &inner) == 1 &&
                SHA256_Update(&outer, out, PS_HMAC_BYTES) == 1 && SHA256_Final(out, &outer) == 1;

    return made ? PS_OK : refused(err);
}

ps_status ps_hmac_hash(const ps_hmac *hmac, ps_span text, ps_hash *out, ps_error *err)
{
    unsigned char bytes[PS_HMAC_BYTES];
    ps_status status = ps_hmac_of(hmac, text, bytes, err);

    if (status == PS_OK) memcpy(out, bytes, sizeof *out);
    return status;
}

// A text that goes into one block with what ends it: a bit, and the length in eight bytes.
enum { SHORT_MAX = SHA256_CBLOCK - 1 - 8 };

// The block in which `len` bytes, which stand there, end what began with the block of the key.
static void end_block(unsigned char block[SHA256_CBLOCK], size_t len)
{
    size_t bits = 8 * (SHA256_CBLOCK + len);

    block[len] = 0x80;
    memset(block + len + 1, 0, SHA256_CBLOCK - 2 - (len + 1));
    block[SHA256_CBLOCK - 2] = (unsigned char)(bits >> 8);
    block[SHA256_CBLOCK - 1] = (unsigned char)bits;
}

static void put_words(unsigned char out[PS_HMAC_BYTES], const SHA256_CTX *state)
{
    for (size_t i = 0; i < PS_HMAC_BYTES / 4; i++) {
        uint32_t word = htobe32(state->h[i]);
        memcpy(out + 4 * i, &word, sizeof word);
    }
}

// Short texts, block by block: all the inner ones, then all the outer ones. The two of one text wait for each other,
// and each round for the one before; those of different texts do not, and overlap where they stand side by side.
enum { GROUP = 16 };

static void hash_group(const ps_hmac *hmac, const ps_span *texts, size_t count, ps_hash *out)
{
    unsigned char blocks[GROUP][SHA256_CBLOCK], bytes[PS_HMAC_BYTES];
    SHA256_CTX states[GROUP];

    for (size_t i = 0; i < count; i++) {
        states[i] = hmac->inner;
        ps_put_span((char *)blocks[i], texts[i]);
        end_block(blocks[i], texts[i].len);
    }
    for (size_t i = 0; i < count; i++)
        SHA256_Transform(&states[i], blocks[i]);
    for (size_t i = 0; i < count; i++) {
        put_words(blocks[i], &states[i]);
        end_block(blocks[i], PS_HMAC_BYTES);
        states[i] = hmac->outer;
    }
    for (size_t i = 0; i < count; i++)
        SHA256_Transform(&states[i], blocks[i]);
    for (size_t i = 0; i < count; i++) {
        put_words(bytes, &states[i]);
        memcpy(&out[i], bytes, sizeof out[i]);
    }
}

static bool all_short(const ps_span *texts, size_t count)
{
    size_t len_max = 0;

    for (size_t i = 0; i < count; i++)
        len_max = texts[i].len > len_max ? texts[i].len : len_max;
    return len_max <= SHORT_MAX;
}

ps_status ps_hmac_hashes(const ps_hmac *hmac, const ps_span *texts, size_t count, ps_hash *out, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t from = 0; from < count; from += GROUP) {
        size_t left = count - from, here = left < GROUP ? left : GROUP;
        if (all_short(texts + from, here)) {
            hash_group(hmac, texts + from, here, out + from);
            continue;
        }
        for (size_t i = from; i < from + here && status == PS_OK; i++)
            status = ps_hmac_hash(hmac, texts[i], &out[i], err);
    }
    return status;
}

void ps_hmac_free(ps_hmac *hmac)
{
    if (hmac == NULL) return;
    OPENSSL_cleanse(hmac, sizeof *hmac); // who has it can make what the key makes
    ps_memory_free(hmac);
}
