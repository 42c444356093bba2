#include "facts/hashed.h"

#include <assert.h>
#include <string.h>

// Which keys are alike is told by a digest that nobody's address has.
static ps_status check_key(ps_hashing *hashing, ps_error *err)
{
    unsigned char digest[PS_DIGEST_BYTES_MAX];
    ps_digester *digester = NULL;
    ps_status status = ps_digester_new(hashing->kind, hashing->key, &digester, err);

    if (status != PS_OK) return status;
    ps_digester_of(digester, ps_span_of("presend: which key"), digest);
    memcpy(hashing->check, digest, sizeof hashing->check);
    ps_digester_free(digester);
    return PS_OK;
}

ps_status ps_hashing_open(ps_digest_kind kind, ps_secret *key, ps_hashing *out, ps_error *err)
{
    *out = (ps_hashing){.kind = kind, .key = key};
    return key == NULL ? PS_OK : check_key(out, err);
}

void ps_hashing_close(ps_hashing *hashing)
{
    ps_secret_free(hashing->key);
    hashing->key = NULL;
}

ps_status ps_hashings_add(ps_hashings *hashings, ps_digest_kind kind, ps_secret *key, const ps_hashing **out,
                          ps_error *err)
{
    ps_hashing added;
    ps_status status = ps_hashing_open(kind, key, &added, err);

    for (size_t i = 0; status == PS_OK && i < hashings->count; i++) {
        const ps_hashing *known = &hashings->items[i];
        if (known->kind != kind || memcmp(known->check, added.check, sizeof added.check) != 0) continue;
        ps_hashing_close(&added);
        *out = known;
        return PS_OK;
    }
    if (status != PS_OK) {
        ps_hashing_close(&added);
        return status;
    }
    assert(hashings->count < PS_COUNT_OF(hashings->items));
    hashings->items[hashings->count] = added;
    *out = &hashings->items[hashings->count++];
    return PS_OK;
}

void ps_hashings_done(ps_hashings *hashings)
{
    for (size_t i = 0; i < hashings->count; i++)
        ps_hashing_close(&hashings->items[i]);
    hashings->count = 0;
}

ps_span ps_hashed_key(const ps_hashing *hashing, const unsigned char *digest, char room[PS_HASHED_KEY_BYTES])
{
    size_t len = ps_digest_bytes(hashing->kind);

    room[0] = '\0';
    room[1] = (char)hashing->kind;
    memcpy(room + 2, hashing->check, sizeof hashing->check);
    memcpy(room + PS_HASHED_KEY_HEAD, digest, len);
    return (ps_span){room, PS_HASHED_KEY_HEAD + len};
}
