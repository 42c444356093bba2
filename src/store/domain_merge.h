#ifndef PS_STORE_DOMAIN_MERGE_H
#define PS_STORE_DOMAIN_MERGE_H

// Bringing the log of domains into their pages, and what ends what is kept.

#include "store/database.h"

// All that the log says comes to the pages it is about, in one transaction, and the log is empty. An answer of "no
// mail" that nobody vouched for is forgotten. PS_INPUT: the pages or the log are damaged; all stays as it was.
ps_status ps_domain_merge(const ps_store *store, ps_error *err);

// Forget all answers and failures, but not which domains runs have seen; what is damaged goes altogether. `*out_count`
// answers and failures were forgotten.
ps_status ps_domain_forget(const ps_store *store, uint64_t *out_count, ps_error *err);

// The number of the next segment of the log.
ps_status ps_domain_next_segment(const ps_store *store, int64_t *out, ps_error *err);

// From one row a domain, as states were until 2026-11, to the log. A step of ps_store_migrate(); of
// store/domain_pack.c.
ps_status ps_domains_pack(const ps_store *store, ps_error *err);

#endif
