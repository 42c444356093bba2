#ifndef PS_STAGE_HASHED_H
#define PS_STAGE_HASHED_H

// What hashed lists say of a row. Whoever hashed an address may have had it in any of its spellings, so digests of all
// of them are looked for. Made only where a job has such a list.

#include "facts/suppression.h"
#include "table/batch.h"

typedef struct ps_hashed {
    const ps_suppression *set;
    const ps_hashings *hashings;
    ps_digester *digesters[PS_SOURCES_MAX + PS_DIGEST_COUNT]; // by number of the hashing
} ps_hashed;

// The digesters of one worker, for one batch.
void ps_hashed_open(const ps_suppression *set, ps_hashed *out);
void ps_hashed_close(ps_hashed *hashed);

// Merged over all spellings and lists: `out_address` of the row's own (`cell` is its text), `out_alias` of its mailbox
// at its provider. `classes` is 0 where nothing is known.
void ps_hashed_look(const ps_hashed *hashed, const ps_address *address, ps_span cell, ps_suppressed *out_address,
                    ps_suppressed *out_alias);

#endif
