#ifndef PS_TEST_CACHE_FIXTURE_H
#define PS_TEST_CACHE_FIXTURE_H

// The cache of domains in a state file, and the clock that it is told.

#include "store/domains.h"
#include "store_fixture.h"

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S };

static int64_t clock_s = 20000 * (int64_t)DAY_S;

static inline int64_t now_s(void)
{
    return clock_s;
}

typedef struct opened {
    ps_day as_of;
    ps_store *store;
    ps_domain_store *domains;
    ps_domain_cache cache;
} opened;

static inline opened open_cache_on(ps_day as_of, unsigned lifetime_days)
{
    const ps_domain_store_options options = {.lifetime_days = lifetime_days, .as_of = as_of, .now_s = now_s};
    opened o = {.as_of = as_of, .store = open_store()};
    ps_error err = {.status = PS_OK};

    assert_ok(ps_domain_store_open(o.store, &options, &o.domains, &err), &err);
    ps_domain_store_cache(o.domains, &o.cache);
    return o;
}

static inline void close_cache(opened *o)
{
    ps_domain_store_close(o->domains);
    ps_store_close(o->store);
}

#endif
