#include "esp/entry_block.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "mail/character.h"
#include "mail/rules.h"

static_assert((int)PS_IMPORT_BLOCK < 64, "a bit for each, and one that is none");

bool ps_import_is_plain(const ps_import *import)
{
    const ps_source_config *config = import->config;

    return import->set != NULL && config->hash == PS_DIGEST_NONE && config->kind != PS_ENTRY_DOMAIN &&
           !config->unsubscribes_off;
}

// Whether an address with a plain local part may still be a pattern.
static bool may_be_pattern(ps_span local, bool stars)
{
    return !ps_is_ldh(local.bytes[0]) || local.bytes[local.len - 1] == '%' ||
           (stars && memchr(local.bytes, '*', local.len) != NULL);
}

// An address that is its own key but for the case of letters is nothing else that ps_import_add() knows.
static bool take_unlike(ps_import *import, ps_span text, const ps_glance *glance, ps_suppression_item *out)
{
    ps_address address;

    ps_arena_reset(&import->arena);
    ps_address_parse_unlike(import->rules, text, glance, &import->arena, &address);
    bool as_it_stands = address.key.bytes == text.bytes && address.key.len == text.len;
    bool same = as_it_stands || (address.key.len == text.len && ps_ascii_equal_fold(address.key, text));
    if (same) *out = ps_suppression_item_of(address.key, address.provider_key);
    return same;
}

static bool take_text(ps_import *import, ps_import_block *block, size_t i, const ps_glance *glance, bool ordinary)
{
    const ps_span text = block->texts[i], local = {text.bytes, glance->plain.local_len};

    if (local.len == 0 || may_be_pattern(local, block->stars)) return false;
    if (!ordinary) return take_unlike(import, text, glance, &block->items[i]);
    block->items[i] = ps_suppression_item_of(text, text);
    return true;
}

static void take_texts(ps_import *import, ps_import_block *block)
{
    const ps_cells cells = {block->texts, 1, block->count};
    ps_glance glances[PS_IMPORT_BLOCK];
    uint32_t numbers[PS_IMPORT_BLOCK];

    uint64_t ordinary = ps_address_look(import->rules, &cells, glances, numbers);
    block->plain = 0;
    for (uint64_t left = block->whole; left != 0; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctzll(left);
        bool taken = take_text(import, block, i, &glances[i], ordinary >> i & 1);
        block->plain |= (uint64_t)taken << i;
    }
}

ps_status ps_import_look(ps_import *import, ps_import_block *block, ps_error *err)
{
    ps_status status = PS_OK;

    take_texts(import, block);
    block->undated = 0;
    for (uint64_t left = block->plain; left != 0 && status == PS_OK; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctzll(left);
        ps_import_said said = {.class = block->classes[i], .list = block->list};
        bool dated = ps_stamp_day(&import->stamps, block->stamps[i], &said.date);
        block->undated |= (uint64_t)!dated << i;
        status = ps_import_number(import, &said, &block->items[i], err);
    }
    return status;
}

ps_status ps_import_add_plain(ps_import *import, const ps_import_block *block, size_t from, size_t count, ps_error *err)
{
    uint64_t undated = block->undated >> from & ~UINT64_C(0) >> (64 - count);

    assert(count > 0 && from + count <= block->count);
    import->records += count;
    import->out->undated += (uint64_t)__builtin_popcountll(undated);
    import->last_undated = (undated >> (count - 1) & 1) != 0;
    import->last_bad = false;
    return ps_import_put(import, block->items + from, count, err);
}
