#ifndef PS_ESP_IMPORT_H
#define PS_ESP_IMPORT_H

// Suppression sources that are files.

#include "esp/entry.h"

// Read the file of one source into the set, or hand each entry to `import->put`, all of it or none: the form is found
// by content (or checked against `format`), every entry goes through the address rules, `out` says what was read, and
// the digest of just those bytes.
// `out->format`, `name`, `file` and the rest are static or the config's. The caller fills config, source, rules, zone,
// and the set or `put` with its context.
//
// PS_SOURCE for anything that leaves a doubt about who is on the list: a file that is missing, empty, cut, changed
// meanwhile, of no known form, one page of several, with patterns, digests or more than a thousandth of entries that
// are no addresses. PS_CONFIG for a `format` that does not exist. After an error the set may hold a part of the source
// and must not be used.
ps_status ps_import_entries(ps_import *import, ps_run_source *out, ps_error *err);

#endif
