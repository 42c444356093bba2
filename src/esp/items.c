#include "esp/items.h"

#include "base/memory.h"
#include "base/text.h"
#include "esp/pointer.h"
#include "esp/stamp.h"

// Address space, not memory: numbers as texts, cleaned reasons and changed addresses of one page of 64 MiB.
#define PAGE_ARENA_BYTES ((size_t)4 << 30)
#define HASHED_BYTES_MAX ((size_t)128 << 20)

enum { SCOPES_MAX = 1000 }; // of one entry; with more it counts for everything

ps_status ps_items_open(ps_items *out, ps_error *err)
{
    *out = (ps_items){.count = 0};
    ps_buf_init(&out->bytes, HASHED_BYTES_MAX);
    return ps_arena_open(PAGE_ARENA_BYTES, &out->arena, err);
}

void ps_items_close(ps_items *items)
{
    ps_memory_free(items->entries);
    ps_buf_done(&items->bytes);
    ps_arena_close(&items->arena);
    *items = (ps_items){.count = 0};
}

static bool is_text(const json_t *value, const char *text, ps_arena *arena)
{
    ps_span found;

    return ps_pointer_text(value, arena, &found) && ps_ascii_equal_fold(found, ps_span_of(text));
}

static ps_class class_of(ps_items *items, const ps_api_list *list, const json_t *item)
{
    const json_t *word = ps_pointer_get(item, list->item.word), *and = ps_pointer_get(item, list->item.word_and);
    const ps_api_word *known = list->item.words;

    if (known == NULL) return list->class;
    for (; word != NULL && known->word != NULL; known++) {
        if (!is_text(word, known->word, &items->arena)) continue;
        if (known->and == NULL || is_text(and, known->and, &items->arena)) return known->class;
    }
    return list->class;
}

// A NUL would end the text for others; a blank makes it what it is: no address.
static ps_span without_nul(ps_span text, ps_arena *arena)
{
    if (text.len == 0 || memchr(text.bytes, '\0', text.len) == NULL) return text;
    char *copy = ps_arena_take(arena, text.len);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = text.bytes[i] == '\0' ? ' ' : text.bytes[i];
    return (ps_span){copy, text.len};
}

// Without control characters, in one line, cut at a character.
static ps_span clean(ps_span text, ps_arena *arena)
{
    size_t len = text.len < PS_CLIENT_REASON_BYTES_MAX ? text.len : PS_CLIENT_REASON_BYTES_MAX;
    bool plain = true;

    while (len > 0 && len < text.len && ((unsigned char)text.bytes[len] & 0xc0) == 0x80)
        len--;
    for (size_t i = 0; i < len; i++)
        plain = plain && (unsigned char)text.bytes[i] >= 0x20 && text.bytes[i] != 0x7f;
    if (plain) return (ps_span){text.bytes, len};
    char *copy = ps_arena_take(arena, len);
    for (size_t i = 0; i < len; i++)
        copy[i] = (unsigned char)text.bytes[i] < 0x20 || text.bytes[i] == 0x7f ? ' ' : text.bytes[i];
    return (ps_span){copy, len};
}

static ps_span text_at(const json_t *item, const char *pointer, ps_arena *arena)
{
    ps_span text;

    return ps_pointer_text(ps_pointer_get(item, pointer), arena, &text) ? text : (ps_span){NULL, 0};
}

// 0 where none can be read, which is counted.
static int64_t time_at(ps_items *items, const json_t *item, const char *pointer, const ps_api *api)
{
    int64_t seconds;

    if (ps_stamp_seconds(text_at(item, pointer, &items->arena), api->zone_s, &seconds)) return seconds;
    items->undated++;
    return 0;
}

static bool add(ps_items *items, const ps_client_entry *entry)
{
    if (ps_memory_grow((void **)&items->entries, &items->capacity, items->count + 1, sizeof *entry, NULL) != PS_OK)
        return false; // the caller says so
    items->entries[items->count++] = *entry;
    ps_buf_add_span(&items->bytes, entry->scope);
    ps_buf_add_char(&items->bytes, '\n');
    return true;
}

// An entry for each scope; one that is said to be without limits is one entry without a scope.
static bool add_scopes(ps_items *items, const ps_api_list *list, const json_t *scopes, ps_client_entry *entry)
{
    bool all = json_array_size(scopes) == 0 || json_array_size(scopes) > SCOPES_MAX, added = true;

    for (size_t i = 0; i < json_array_size(scopes) && list->item.scope_all != NULL; i++)
        all = all || is_text(json_array_get(scopes, i), list->item.scope_all, &items->arena);
    if (all) return add(items, entry);
    for (size_t i = 0; added && i < json_array_size(scopes); i++) {
        const json_t *scope = json_array_get(scopes, i);
        if (list->item.scope_member != NULL) scope = ps_pointer_get(scope, list->item.scope_member);
        // One that is no text has no name to be limited to: it counts for everything.
        if (!ps_pointer_text(scope, &items->arena, &entry->scope)) entry->scope = (ps_span){NULL, 0};
        added = add(items, entry);
    }
    return added;
}

static const json_t *scope_at(const json_t *item, const ps_api_item *at)
{
    const json_t *scope = ps_pointer_get(item, at->scope);

    return scope != NULL ? scope : ps_pointer_get(item, at->scope_too);
}

static bool add_item(ps_items *items, const ps_api *api, const ps_api_list *list, const json_t *item,
                     ps_client_entry *entry)
{
    const ps_api_item *at = &list->item;
    const json_t *scope = scope_at(item, at);
    ps_span text;

    entry->class = class_of(items, list, item);
    entry->created_s = time_at(items, item, at->created, api);
    if (entry->created_s == 0) entry->created_s = time_at(items, item, at->created_too, api);
    entry->expires_s = time_at(items, item, at->expires, api);
    entry->code = clean(text_at(item, at->code, &items->arena), &items->arena);
    entry->reason = clean(text_at(item, at->reason, &items->arena), &items->arena);
    if (at->kind != NULL && is_text(ps_pointer_get(item, at->kind), at->kind_domain, &items->arena))
        entry->kind = PS_CLIENT_DOMAIN;
    if (json_is_array(scope)) return add_scopes(items, list, scope, entry);
    bool limited = ps_pointer_text(scope, &items->arena, &text) && text.len > 0;
    if (limited && (at->scope_all == NULL || !ps_span_equal(text, ps_span_of(at->scope_all)))) entry->scope = text;
    return add(items, entry);
}

// Lists of contacts or profiles hold people, too, whom nothing is said against.
static bool is_entry(ps_items *items, const ps_api_item *at, const json_t *item)
{
    const json_t *scope = scope_at(item, at);
    bool nowhere = scope == NULL || (json_is_array(scope) && json_array_size(scope) == 0);

    if (at->also != NULL && is_text(ps_pointer_get(item, at->also), at->also_is, &items->arena)) return true;
    if (at->only != NULL && !is_text(ps_pointer_get(item, at->only), at->only_is, &items->arena)) return false;
    return !at->scope_only || !nowhere;
}

// NULL, or why the item is none.
static const char *read_item(ps_items *items, const ps_api *api, const ps_api_list *list, const json_t *item,
                             ps_span part)
{
    const ps_api_item *at = &list->item;
    const json_t *address = ps_pointer_get(item, at->address);
    ps_client_entry entry = {.scope = part};

    if (!json_is_object(item) && at->address[0] != '\0') return "is not an object";
    if (address == NULL) return at->address_optional ? NULL : "has no address";
    if (!json_is_string(address)) return "has an address that is no text";
    entry.text = without_nul((ps_span){json_string_value(address), json_string_length(address)}, &items->arena);
    ps_buf_add_span(&items->bytes, entry.text);
    items->any_address = true;
    if (!is_entry(items, at, item)) return NULL;
    return add_item(items, api, list, item, &entry) ? NULL : "does not fit into memory";
}

bool ps_items_read(ps_items *items, const ps_api *api, const ps_api_list *list, const json_t *array, ps_span part,
                   size_t *out_index, const char **out_why)
{
    const char *why = NULL;

    items->count = items->undated = 0;
    items->any_address = false;
    ps_buf_clear(&items->bytes);
    ps_arena_reset(&items->arena);
    for (size_t i = items->skip; why == NULL && i < json_array_size(array); i++) {
        *out_index = i;
        why = read_item(items, api, list, json_array_get(array, i), part);
    }
    if (why == NULL && items->bytes.failed) why = "does not fit into memory";
    items->hash = ps_hash_of(ps_buf_span(&items->bytes));
    *out_why = why;
    return why == NULL;
}
