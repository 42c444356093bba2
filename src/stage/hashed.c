#include "stage/hashed.h"

#include <assert.h>
#include <stdlib.h>

#include "base/text.h"

// Who is on a hashed list would be mailed if the digesters could not be made, and no step can fail. They take a few
// hundred bytes; nothing goes on without them.
void ps_hashed_open(const ps_suppression *set, ps_hashed *out)
{
    out->set = set;
    out->hashings = ps_suppression_hashings(set);
    for (size_t i = 0; i < out->hashings->count; i++) {
        const ps_hashing *hashing = &out->hashings->items[i];
        if (ps_digester_new(hashing->kind, hashing->key, &out->digesters[i], NULL) != PS_OK) abort();
    }
}

void ps_hashed_close(ps_hashed *hashed)
{
    for (size_t i = 0; i < hashed->hashings->count; i++)
        ps_digester_free(hashed->digesters[i]);
}

// Lists are made of addresses without blanks around them and in lower case.
static size_t spell(ps_span text, char out[PS_ADDRESS_CELL_BYTES_MAX])
{
    text = ps_ascii_trim(text);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.bytes[i];
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    return text.len;
}

static void look_spelling(const ps_hashed *hashed, ps_span text, ps_suppressed *out)
{
    char spelled[PS_ADDRESS_CELL_BYTES_MAX], room[PS_HASHED_KEY_BYTES];
    unsigned char digest[PS_DIGEST_BYTES_MAX];
    ps_span spelling = {spelled, spell(text, spelled)};

    for (size_t i = 0; i < hashed->hashings->count; i++) {
        ps_digester_of(hashed->digesters[i], spelling, digest);
        ps_span key = ps_hashed_key(&hashed->hashings->items[i], digest, room);
        const ps_suppressed *found = ps_suppression_address(hashed->set, ps_hash_of(key));
        if (found != NULL) ps_suppressed_merge(out, found);
    }
}

static bool is_among(ps_span text, const ps_span *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ps_ascii_equal_fold(text, texts[i])) return true;
    }
    return false;
}

void ps_hashed_look(const ps_hashed *hashed, const ps_address *address, ps_span cell, ps_suppressed *out_address,
                    ps_suppressed *out_alias)
{
    // As it was written; as it is sent, with the domain in A-labels and in U-labels; and as lists are compared.
    const ps_span spellings[] = {ps_ascii_trim(cell), address->deliverable, address->unicode, address->key};

    *out_address = *out_alias = (ps_suppressed){.list = "", .date = PS_DAY_NONE};
    for (size_t i = 0; i < PS_COUNT_OF(spellings); i++) {
        bool long_cell = spellings[i].len > PS_ADDRESS_CELL_BYTES_MAX; // such a one has no key, and is not asked about
        assert(!long_cell);
        if (long_cell || spellings[i].len == 0 || is_among(spellings[i], spellings, i)) continue;
        look_spelling(hashed, spellings[i], out_address);
    }
    if (!is_among(address->provider_key, spellings, PS_COUNT_OF(spellings)))
        look_spelling(hashed, address->provider_key, out_alias);
}
