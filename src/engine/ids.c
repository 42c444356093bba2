#include "engine/ids.h"

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

static ps_span plain_id(ps_span id)
{
    ps_span text = ps_ascii_trim(id);

    if (text.len > 0 && text.bytes[0] == '\'') text = ps_ascii_trim((ps_span){text.bytes + 1, text.len - 1});
    return text;
}

static ps_status refuse_common(ps_error *err)
{
    ps_error_set(err, PS_INPUT,
                 "One id stands for more than %d addresses in the recipient file, so ids are no key to a person.",
                 PS_ID_ADDRESSES_MAX);
    ps_error_hint(err, "Join the activity file by the address, `key: email`, or name the column of the customer "
                       "number: columns: {id: ITS HEADER}");
    return PS_INPUT;
}

// Is the address already among those that begin with `link`? `*out_count` counts them.
static bool has_address(const ps_ids *ids, uint32_t link, uint32_t address, unsigned *out_count)
{
    for (*out_count = 0; link != PS_INDEX_NONE; link = ids->links[link].next) {
        if (ids->links[link].address == address) return true;
        ++*out_count;
    }
    return false;
}

ps_status ps_ids_add(ps_ids *ids, ps_span id, uint32_t address, ps_error *err)
{
    ps_span plain = plain_id(id);
    uint32_t first = 0;
    bool added = false;
    unsigned count = 0;

    if (plain.len == 0) return PS_OK;
    // Room first: an index that names a place which is not there would be read later.
    ps_status status = ps_memory_grow((void **)&ids->links, &ids->capacity, ids->count + 1, sizeof *ids->links, err);
    if (status == PS_OK)
        status = ps_index_claim(&ids->index, ps_hash_of(plain), (uint32_t)ids->count, &first, &added, err);
    if (status != PS_OK) return status;
    if (added) {
        ids->links[ids->count++] = (ps_id_link){address, PS_INDEX_NONE};
        return PS_OK;
    }
    if (has_address(ids, first, address, &count)) return PS_OK;
    if (count == PS_ID_ADDRESSES_MAX) return refuse_common(err);
    ids->links[ids->count] = (ps_id_link){address, ids->links[first].next};
    ids->links[first].next = (uint32_t)ids->count++;
    return PS_OK;
}

uint32_t ps_ids_find(const ps_ids *ids, ps_span id)
{
    ps_span plain = plain_id(id);

    return plain.len == 0 ? PS_INDEX_NONE : ps_index_find(&ids->index, ps_hash_of(plain));
}

void ps_ids_done(ps_ids *ids)
{
    ps_index_done(&ids->index);
    ps_memory_free(ids->links);
    *ids = (ps_ids){.count = 0};
}
