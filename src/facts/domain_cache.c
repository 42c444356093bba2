#include "facts/domain_cache.h"

ps_status ps_domain_cache_recall(const ps_domain_cache *cache, ps_domains *domains, uint32_t number,
                                 ps_cache_entry *out, ps_error *err)
{
    ps_status status = cache->find(cache->context, ps_intern_text(&domains->names, number), out, err);

    if (status != PS_OK) return status;
    domains->facts[number].past |= out->answer.fact.past;
    return out->kind == PS_CACHED_FRESH ? ps_domains_put(domains, number, &out->answer, err) : PS_OK;
}

ps_status ps_domain_cache_fall_back(const ps_domain_cache *cache, ps_domains *domains, uint32_t number, ps_error *err)
{
    ps_cache_entry entry;
    ps_status status = cache->find(cache->context, ps_intern_text(&domains->names, number), &entry, err);

    if (status != PS_OK || entry.kind != PS_CACHED_STALE_MAIL) return status;
    entry.answer.fact.warnings |= PS_FIND(STALE);
    return ps_domains_put(domains, number, &entry.answer, err);
}

static ps_status resolve(void *context, ps_domains *domains, const volatile int *stop, ps_run_mx *stats, ps_error *err)
{
    const ps_domain_cache *cache = context;
    ps_cache_entry entry;
    ps_status status = PS_OK;

    (void)stats; // no query is sent
    for (uint32_t i = 0; cache != NULL && i < domains->names.count && status == PS_OK; i++) {
        if (*stop != 0) return ps_error_set(err, PS_INTERRUPTED, "Stopped while the cache of domains was read.");
        if (domains->facts[i].reason != PS_REASON_NOT_CHECKED) continue;
        status = ps_domain_cache_recall(cache, domains, i, &entry, err);
        if (status == PS_OK && entry.kind == PS_CACHED_STALE_MAIL) {
            status = ps_domain_cache_fall_back(cache, domains, i, err);
        }
    }
    return status;
}

void ps_domain_cache_resolver(const ps_domain_cache *cache, ps_resolver *out)
{
    *out = (ps_resolver){.context = (void *)(uintptr_t)cache, .resolve = resolve}; // it is only read
}
