#ifndef PS_FACTS_RESOLVER_H
#define PS_FACTS_RESOLVER_H

// The one interface through which the core asks the network. The program fills it in (net/dns does); the core never
// knows sockets.

#include "facts/domains.h"
#include "presend/run.h"

typedef struct ps_resolver_progress {
    uint64_t asked, answered, unknown, total; // domains
    uint64_t queries_per_s;
    const char *slowest; // the resolver that holds things up, as the user knows it
} ps_resolver_progress;

typedef struct ps_resolver {
    void *context;
    // Optional: domains may be offered from now on, and are asked for while the list is still being read. `stop` as
    // below. Nobody else uses the cache's store until resolve() has ended, or the resolver is closed.
    ps_status (*begin)(void *context, const volatile int *stop, ps_error *err);
    // A domain of the list, with its number there; from one thread at a time, and never waiting: what there is no room
    // for is asked for by resolve().
    void (*offer)(void *context, uint32_t number, ps_span name);
    // Fill the fact of every domain in `domains` that is still not_checked, most rows first. Every failure is an
    // `unknown` verdict with its reason, never `no_mail`. PS_RETRY when no resolver answers at all (unless the job says
    // otherwise); PS_INTERRUPTED when `stop` became true. `stats` gets the counts.
    ps_status (*resolve)(void *context, ps_domains *domains, const volatile int *stop, ps_run_mx *stats, ps_error *err);
    // Called now and then while resolve() runs; may be NULL.
    void (*progress)(void *progress_context, const ps_resolver_progress *progress);
    void *progress_context;
    const struct ps_domain_cache *cache; // the caller's to set; NULL: every domain is asked anew
} ps_resolver;

#endif
