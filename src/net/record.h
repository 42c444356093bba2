#ifndef PS_NET_RECORD_H
#define PS_NET_RECORD_H

// Where verdicts go: to the cache, and to the domains of the run once those may be written. Knows which of them rest on
// the word of resolvers that nobody has vouched for since.

#include "base/intern.h"
#include "facts/domain_cache.h"
#include "net/verdict.h"

// A verdict that came before the list was known to its end.
typedef struct ps_record_early {
    uint32_t number;
    uint32_t servers; // of `texts`, or PS_INDEX_NONE
    ps_domain_fact fact;
} ps_record_early;

typedef struct ps_record {
    const ps_domain_cache *cache; // NULL: none
    ps_domains *domains; // NULL: still somebody else's
    ps_record_early *early;
    size_t early_count, early_capacity;
    ps_intern texts; // servers of the early ones
    uint32_t *doubtful; // domains, or places in `early` while there are no domains
    size_t doubtful_count, doubtful_capacity;
    bool down; // no resolver answers any more: that is why there is no verdict
    uint64_t flushed_ms;
} ps_record;

ps_status ps_record_open(const ps_domain_cache *cache, ps_record *out, ps_error *err);
void ps_record_close(ps_record *record); // a zeroed one is fine

// The verdict on a domain.
ps_status ps_record_put(ps_record *record, uint32_t number, const ps_domain_answer *answer, ps_error *err);

// From now on verdicts go to `domains`, also those that came early.
ps_status ps_record_settle(ps_record *record, ps_domains *domains, ps_error *err);

// The resolvers told the truth up to now; or they did not, and what rests on their word since then is taken back.
ps_status ps_record_vouch(ps_record *record, ps_error *err);
ps_status ps_record_doubt(ps_record *record, ps_dns_trust trust, ps_error *err);

// What the cache took goes to disk: about once a second, or now.
ps_status ps_record_flush(ps_record *record, uint64_t now_ms, ps_error *err);

#endif
