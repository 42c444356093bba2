#ifndef PS_ENGINE_IDS_H
#define PS_ENGINE_IDS_H

// Whose address a customer number is: from the recipients, for activity files that are joined by it.

#include "base/hash.h"

// One address of an id, by its number in the evidence.
typedef struct ps_id_link {
    uint32_t address, next; // the next link of the same id, or PS_INDEX_NONE
} ps_id_link;

typedef struct ps_ids {
    ps_index index; // id -> its first link
    ps_id_link *links;
    size_t count, capacity;
} ps_ids;

// An id as files write it, without blanks around it and the apostrophe that keeps a spreadsheet from making a number of
// it. A blank one is no id and is passed over. PS_INPUT when one id stands for more addresses than a person has.
ps_status ps_ids_add(ps_ids *ids, ps_span id, uint32_t address, ps_error *err);

// The first link of an id, or PS_INDEX_NONE.
uint32_t ps_ids_find(const ps_ids *ids, ps_span id);

void ps_ids_done(ps_ids *ids); // a zeroed one is fine

#endif
