#ifndef PS_ESP_ENTRY_BLOCK_H
#define PS_ESP_ENTRY_BLOCK_H

// Most entries are an address that is its own key, of which a class and a day are all that is said. Those of a table
// take a short way, many at a time and column by column: none waits alone for what the address rules know of its
// domain, or for the set's memory. All others take ps_import_add(), which says the same of these.

#include "esp/entry.h"

enum { PS_IMPORT_BLOCK = 32 };

typedef struct ps_import_block {
    // Of each record, by who reads them:
    ps_span texts[PS_IMPORT_BLOCK]; // as ps_import_entry.text; empty where the record is not whole
    ps_span stamps[PS_IMPORT_BLOCK];
    ps_class classes[PS_IMPORT_BLOCK];
    const char *list; // of all of them
    size_t count;
    bool stars; // some text may hold a `*`
    uint64_t whole; // bit n: record n is whole, and its cells are text as they stand
    // What comes of it, by ps_import_look():
    uint64_t plain; // bit n: record n may be added so
    uint64_t undated; // its stamp cannot be read
    ps_suppression_item items[PS_IMPORT_BLOCK];
} ps_import_block;

// May entries of this import be added so?
bool ps_import_is_plain(const ps_import *import);

// Which of them are plain, and what each of those says.
ps_status ps_import_look(ps_import *import, ps_import_block *block, ps_error *err);

// Put `count` records from record `from` on, all of which are plain, into the set. Those of a file are added in their
// order.
ps_status ps_import_add_plain(ps_import *import, const ps_import_block *block, size_t from, size_t count,
                              ps_error *err);

#endif
