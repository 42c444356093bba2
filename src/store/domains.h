#ifndef PS_STORE_DOMAINS_H
#define PS_STORE_DOMAINS_H

// What DNS said of domains, from run to run: facts/domain_cache.h in the state file.
//
// An answer of "takes mail" is good for as long as the caller says, whatever its TTL: mail routes change far slower
// than TTLs say, and an old one harms nobody but by a bounce. One of "no mail" is good for as long as the domain's SOA
// says, an hour at least and a day at most, and is never believed longer. What could not be told is only counted.
//
// Beside that it tells which domains published runs have seen, and which of them took mail (store/store.h writes that).

#include "facts/domain_cache.h"
#include "store/store.h"

typedef struct ps_domain_store ps_domain_store;

typedef struct ps_domain_store_options {
    int32_t lifetime_days; // of "takes mail"
    ps_day as_of; // what runs of that day made of a domain is not its past yet
    int64_t (*now_s)(void); // seconds since 1970; NULL: the machine's clock
} ps_domain_store_options;

// `store` must outlive it.
ps_status ps_domain_store_open(ps_store *store, const ps_domain_store_options *options, ps_domain_store **out,
                               ps_error *err);
void ps_domain_store_close(ps_domain_store *domains); // what was not flushed is lost; NULL is fine

// `out` borrows `domains`.
void ps_domain_store_cache(ps_domain_store *domains, ps_domain_cache *out);

// One line of the cache, for people; all texts stay until the call returns.
typedef struct ps_domain_line {
    ps_cache_entry entry; // NOTHING: DNS failed, or it is only known that it was seen
    int64_t expires_s;
    const char *resolvers; // that were asked
} ps_domain_line;

typedef ps_status ps_domain_visit(void *context, const ps_domain_line *line, ps_error *err);

// Every domain, in the order of their names; ends with the first error that `visit` gives.
ps_status ps_domain_store_each(ps_domain_store *domains, ps_domain_visit *visit, void *context, ps_error *err);

// Forget all answers and failures, but not which domains were seen. `*out_count` answers were forgotten.
ps_status ps_domain_store_clear(ps_domain_store *domains, uint64_t *out_count, ps_error *err);

#endif
