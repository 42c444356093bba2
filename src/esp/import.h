#ifndef PS_ESP_IMPORT_H
#define PS_ESP_IMPORT_H

// Suppression sources that are files.

#include "esp/entry.h"

// Read the file of one source into the set, all of it or none: the form is found by content (or checked against
// `format`), every entry goes through the address rules, `out` says what was read. `out->format`, `name`, `file` and
// the rest are static or the config's.
//
// PS_SOURCE for anything that leaves a doubt about who is on the list: a file that is missing, empty, cut, changed
// meanwhile, of no known form, one page of several, with patterns, digests or more than a thousandth of entries that
// are no addresses. PS_CONFIG for a `format` that does not exist. After an error the set may hold a part of the source
// and must not be used.
ps_status ps_import_source(const ps_source_config *config, uint32_t source_index, const ps_address_rules *rules,
                           const ps_zone *zone, ps_suppression *set, ps_run_source *out, ps_error *err);

// The same, each entry handed to `import->put`. The caller fills config, rules, zone, put and its context.
ps_status ps_import_entries(ps_import *import, ps_run_source *out, ps_error *err);

#endif
