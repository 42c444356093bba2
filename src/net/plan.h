#ifndef PS_NET_PLAN_H
#define PS_NET_PLAN_H

// Which domains are asked for, in which order.

#include "facts/domain_cache.h"

typedef struct ps_turn {
    uint32_t domain : 31;
    uint32_t prior : 1; // an earlier run was told that there is nothing
} ps_turn;

typedef struct ps_plan {
    ps_turn *turns;
    size_t count, next;
} ps_plan;

// The domains that nothing is known of, and that are names which may be asked for; what the cache knows well enough is
// put instead. `taken`: numbers that somebody asks for already. Most rows first, so that a budget reaches the most
// people. Ties in the list's order by the thousands, and within them by the hash of the name: an order that is always
// the same, and that does not send the names of one operator, which often look alike, in one burst.
ps_status ps_plan_make(ps_domains *domains, const ps_domain_cache *cache, const uint32_t *taken, size_t taken_count,
                       ps_plan *out, ps_error *err);
void ps_plan_done(ps_plan *plan); // a zeroed one is fine

#endif
