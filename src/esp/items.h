#ifndef PS_ESP_ITEMS_H
#define PS_ESP_ITEMS_H

// The items of one page as entries.

#include <jansson.h>

#include "base/buf.h"
#include "base/hash.h"
#include "esp/api.h"
#include "esp/client.h"
#include "presend/arena.h"

typedef struct ps_items {
    ps_client_entry *entries; // their texts are in the JSON and in the arena
    size_t count, capacity;
    size_t undated; // stamps that cannot be read; their entries count
    ps_hash hash; // of the addresses, so that a page can be known again
    bool any_address;
    size_t skip; // items at the beginning that the page before had, too
    ps_arena arena;
    ps_buf bytes; // what is hashed
} ps_items;

ps_status ps_items_open(ps_items *out, ps_error *err);
void ps_items_close(ps_items *items); // a zeroed one is fine

// `part` is the scope of entries that have none of their own. False when an item is not what one must be: `out_why`
// says so, and `out_index` which (from 0).
bool ps_items_read(ps_items *items, const ps_api *api, const ps_api_list *list, const json_t *array, ps_span part,
                   size_t *out_index, const char **out_why);

#endif
