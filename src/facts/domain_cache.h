#ifndef PS_FACTS_DOMAIN_CACHE_H
#define PS_FACTS_DOMAIN_CACHE_H

// What earlier runs found out about domains. Who asks DNS looks here first, and tells what DNS said as the answers
// come, so that a run that is killed loses seconds. The program fills it in; nobody else knows where it is kept.
//
// One call at a time, from whatever thread; nobody else uses the store meanwhile.

#include "facts/resolver.h"

typedef enum ps_cached {
    PS_CACHED_NOTHING, // no verdict is kept: ask
    PS_CACHED_FRESH, // the answer is good: nobody is asked
    PS_CACHED_STALE_MAIL, // it took mail, and was asked too long ago: ask. Where DNS fails now this answer stands, with
                          // the warning `stale`, rather than `unknown`
    PS_CACHED_STALE_NO_MAIL // ask; never an answer, but one of the two that a `no_mail` takes. One that nobody vouched
                            // for is nothing
} ps_cached;

typedef struct ps_cache_entry {
    ps_cached kind;
    ps_domain_answer answer; // but for NOTHING; its servers stay until the next call. `past` is told for every kind
    uint32_t failures; // runs in a row that DNS failed in
    int64_t first_failed_s; // the first of them, in seconds since 1970; 0: none
} ps_cache_entry;

typedef struct ps_domain_cache {
    void *context;
    // What was known when the run began, or the cache was opened.
    ps_status (*find)(void *context, ps_span domain, ps_cache_entry *out, ps_error *err);
    // What find() says, but for the answer: told at once, in any order, even of millions. That a domain is fresh may be
    // a mistake, once in millions; whoever does not ask about it for that asks find() before the end.
    ps_status (*glance)(void *context, ps_span domain, ps_cached *out, ps_error *err);
    // Whether it holds so many domains that many are best looked up as ps_domain_cache_sort() says. May be NULL: no.
    ps_status (*is_large)(void *context, bool *out, ps_error *err);
    // An answer of DNS; `unknown` is counted as a failure and leaves an older answer as it is. Kept in memory until
    // there are enough for one transaction.
    ps_status (*keep)(void *context, const ps_domain_answer *answer, ps_error *err);
    // The resolvers told the truth until now, as names show that everybody knows: each `no_mail` that was kept may be
    // believed by later runs. Those of a run that ends before are forgotten by the next one.
    ps_status (*vouch)(void *context, ps_error *err);
    // They did not: each `no_mail` that nobody vouched for is forgotten.
    ps_status (*doubt)(void *context, ps_error *err);
    // All that was kept is on disk: about once a second, and at the end however that came.
    ps_status (*flush)(void *context, ps_error *err);
    // A run begins; the resolvers that it asks, as in `192.0.2.1 192.0.2.2:5353`. Before the first answer is kept.
    ps_status (*resolvers)(void *context, const char *names, ps_error *err);
} ps_domain_cache;

// Put the numbers of domains in the order that the cache finds them fastest in: in any other one it reads another page
// of the file for nearly each of a million.
ps_status ps_domain_cache_sort(const ps_domain_cache *cache, const ps_intern *names, uint64_t *numbers, size_t count,
                               ps_error *err);

// That order: by the first bits of this.
static inline uint64_t ps_domain_cache_key(ps_span domain)
{
    return ps_hash_of(domain).high;
}

// What is known of a domain before anybody is asked: its past, and its fact where that is fresh; `out->kind` says what
// is left to do.
ps_status ps_domain_cache_recall(const ps_domain_cache *cache, ps_domains *domains, uint32_t number,
                                 ps_cache_entry *out, ps_error *err);

// DNS did not tell: an answer that took mail within the last 30 days stands in, with the warning `stale`. Where there
// is none the fact stays as it is.
ps_status ps_domain_cache_fall_back(const ps_domain_cache *cache, ps_domains *domains, uint32_t number, ps_error *err);

// A resolver that asks nobody, for runs that send no packet: it knows what the cache does. `out` borrows `cache`, which
// may be NULL.
void ps_domain_cache_resolver(const ps_domain_cache *cache, ps_resolver *out);

#endif
