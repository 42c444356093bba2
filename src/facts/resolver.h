#ifndef PS_FACTS_RESOLVER_H
#define PS_FACTS_RESOLVER_H

// The one interface through which the core asks the network. The program fills it in (net/dns does); the core never
// knows sockets.

#include "facts/domains.h"
#include "presend/run.h"

typedef struct ps_resolver_progress {
    uint64_t asked, answered, unknown, total;
} ps_resolver_progress;

typedef struct ps_resolver {
    void *context;
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
