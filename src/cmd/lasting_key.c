#include "cmd/lasting_key.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "esp/shape.h"

// `hmac-sha256 0123456789abcdef file:/etc/presend/partner.key`
static const char begin[] = "hmac-sha256 ";
enum { CHECK_HEX = 2 * PS_HASHING_CHECK_BYTES };

bool ps_lasting_key_parse(const char *origin, ps_lasting_key *out)
{
    size_t head = sizeof begin - 1 + CHECK_HEX;

    if (strncmp(origin, begin, sizeof begin - 1) != 0 || strlen(origin) <= head + 1) return false;
    out->reference = origin + head + 1;
    return origin[head] == ' ' &&
           ps_shape_hex((ps_span){origin + sizeof begin - 1, CHECK_HEX}, PS_HASHING_CHECK_BYTES, out->check);
}

static ps_status check_of(const char *reference, const char *what, ps_hashing *out, ps_error *err)
{
    ps_secret *key = NULL;
    ps_status status = ps_secret_load(reference, what, &key, err);

    return status == PS_OK ? ps_hashing_open(PS_DIGEST_HMAC_SHA256, key, out, err) : status;
}

ps_status ps_lasting_key_origin(const char *reference, char *out, size_t size, ps_error *err)
{
    static const char file[] = "file:";
    char path[PATH_MAX], check[CHECK_HEX + 1];
    ps_hashing hashing = {.key = NULL};
    bool is_file = strncmp(reference, file, sizeof file - 1) == 0;
    ps_status status = check_of(reference, "--hash-key", &hashing, err);

    ps_hashing_close(&hashing);
    if (status != PS_OK) return status;
    // Later runs may begin in another folder.
    bool whole = !is_file || realpath(reference + sizeof file - 1, path) != NULL;
    for (size_t i = 0; i < PS_HASHING_CHECK_BYTES; i++)
        snprintf(check + 2 * i, 3, "%02x", hashing.check[i]);
    int len = snprintf(out, size, "%s%s %s%s", begin, check, is_file ? file : "", is_file ? path : reference);
    if (whole && len > 0 && (size_t)len < size) return PS_OK;
    return ps_error_set(err, PS_CONFIG, "The path of the key, `%s`, is too long to be remembered.", reference);
}

ps_status ps_lasting_key_load(const ps_stored_source *source, ps_secret **out, ps_error *err)
{
    ps_lasting_key known;
    ps_hashing hashing = {.key = NULL};

    if (!ps_lasting_key_parse(source->origin, &known)) {
        ps_error_set(err, PS_SOURCE,
                     "Suppression source '%s' cannot be used: it has digests under a key, and the state does not say "
                     "where that is.",
                     source->name);
        ps_error_hint(err,
                      "Import the list again: presend suppress import FILE --into %s --hash hmac-sha256 "
                      "--hash-key file:PATH",
                      source->name);
        return PS_SOURCE;
    }
    ps_status status = check_of(known.reference, "the key of a hashed list", &hashing, err);
    if (status == PS_OK && memcmp(known.check, hashing.check, sizeof known.check) == 0) {
        *out = hashing.key;
        return PS_OK;
    }
    ps_hashing_close(&hashing);
    if (status != PS_OK) {
        ps_error_hint(err,
                      "The lasting suppression source '%s' has digests under this key: without it nobody on that "
                      "list could be found.",
                      source->name);
        return status;
    }
    ps_error_set(err, PS_CONFIG,
                 "The key in %s is not the one that the digests of suppression source '%s' were made with.",
                 known.reference, source->name);
    ps_error_hint(err,
                  "Put the old key back there, or import the list again with --hash-key and where that key is now.");
    return PS_CONFIG;
}
