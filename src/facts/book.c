#include "facts/book.h"

#include <assert.h>
#include <string.h>

static_assert(PS_STORED_HMAC_SHA256 - PS_STORED_MD5 == PS_DIGEST_HMAC_SHA256 - PS_DIGEST_MD5, "in the same order");

ps_digest_kind ps_stored_digest(ps_stored_kind kind)
{
    return kind < PS_STORED_MD5 ? PS_DIGEST_NONE : (ps_digest_kind)(kind - PS_STORED_MD5 + PS_DIGEST_MD5);
}

ps_stored_kind ps_stored_of_digest(ps_digest_kind digest)
{
    assert(digest != PS_DIGEST_NONE);
    return (ps_stored_kind)(digest - PS_DIGEST_MD5 + PS_STORED_MD5);
}

int64_t ps_stored_whole_s(const ps_stored_source *source)
{
    int64_t oldest = source->list_count == 0 ? 0 : INT64_MAX;

    for (size_t i = 0; i < source->list_count; i++) {
        const ps_stored_list *list = &source->lists[i];
        if (list->whole_s < 0 || strcmp(list->name, PS_STORED_IMPORTED) == 0) continue;
        oldest = list->whole_s < oldest ? list->whole_s : oldest;
    }
    return oldest == INT64_MAX ? 0 : oldest;
}
