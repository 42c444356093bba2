#ifndef PS_ESP_IMPORT_H
#define PS_ESP_IMPORT_H

// Suppression sources that are files.

#include "esp/entry.h"

// Read the file of one source into the set, or hand each entry to `import->put`, all of it or none: the form is found
// by content (or checked against `format`), every entry goes through the address rules, `out` says what was read.
// `out->format`, `name`, `file` and the rest are static or the config's. The caller fills config, source, rules, zone,
// and the set or `put` with its context.
//
// PS_SOURCE for anything that leaves a doubt about who is on the list: a file that is missing, empty, cut, changed
// meanwhile, of no known form, one page of several, with patterns, digests or more than a thousandth of entries that
// are no addresses. PS_CONFIG for a `format` that does not exist. After an error the set may hold a part of the source
// and must not be used.
ps_status ps_import_entries(ps_import *import, ps_run_source *out, ps_error *err);

// The same in parts for who has more than one thread: the digest and the entries may be read side by side, in any
// order. That both are of the same bytes is what ps_import_vouch() says, and only then may the entries be used.
typedef struct ps_import_digest {
    char sha256[65], fingerprint[33];
} ps_import_digest;

ps_status ps_import_digest_file(const ps_source_config *config, ps_import_digest *out, ps_error *err);
ps_status ps_import_read(ps_import *import, ps_run_source *out, ps_error *err);
ps_status ps_import_vouch(const ps_import *import, const ps_import_digest *digest, ps_run_source *out, ps_error *err);

#endif
