#include "facts/domain_cache.h"

#include <stdlib.h>

#include "base/memory.h"

enum { NUMBER_BITS = 32 };

static int compare(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;

    return *a < *b ? -1 : *a > *b;
}

ps_status ps_domain_cache_sort(const ps_domain_cache *cache, const ps_intern *names, uint64_t *numbers, size_t count,
                               ps_error *err)
{
    bool large = false;
    ps_status status = PS_OK;

    if (cache != NULL && cache->is_large != NULL) status = cache->is_large(cache->context, &large, err);
    if (status != PS_OK || !large) return status;
    for (size_t i = 0; i < count; i++) {
        uint64_t key = ps_domain_cache_key(ps_intern_text(names, numbers[i]));
        numbers[i] |= key >> NUMBER_BITS << NUMBER_BITS;
    }
    qsort(numbers, count, sizeof *numbers, compare);
    for (size_t i = 0; i < count; i++)
        numbers[i] = (uint32_t)numbers[i];
    return PS_OK;
}

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

// Those that nothing is known of.
static ps_status list_open(const ps_domains *domains, uint64_t **out, size_t *out_count, ps_error *err)
{
    uint64_t *numbers = ps_memory_new(domains->names.count + 1, sizeof *numbers, err);
    size_t count = 0;

    if (numbers == NULL) return PS_RETRY;
    for (size_t i = 0; i < domains->names.count; i++) {
        if (domains->facts[i].reason == PS_REASON_NOT_CHECKED) numbers[count++] = i;
    }
    *out = numbers;
    *out_count = count;
    return PS_OK;
}

static ps_status look_up(const ps_domain_cache *cache, ps_domains *domains, uint32_t number, ps_error *err)
{
    ps_cache_entry entry;
    ps_status status = ps_domain_cache_recall(cache, domains, number, &entry, err);

    if (status != PS_OK || entry.kind != PS_CACHED_STALE_MAIL) return status;
    return ps_domain_cache_fall_back(cache, domains, number, err);
}

static ps_status resolve(void *context, ps_domains *domains, const volatile int *stop, ps_run_mx *stats, ps_error *err)
{
    const ps_domain_cache *cache = context;
    uint64_t *numbers = NULL;
    size_t count = 0;
    ps_status status = PS_OK;

    (void)stats; // no query is sent
    if (cache != NULL) status = list_open(domains, &numbers, &count, err);
    if (status == PS_OK) status = ps_domain_cache_sort(cache, &domains->names, numbers, count, err);
    for (size_t i = 0; i < count && status == PS_OK; i++) {
        if (*stop != 0) status = ps_error_set(err, PS_INTERRUPTED, "Stopped while the cache of domains was read.");
        if (status == PS_OK) status = look_up(cache, domains, (uint32_t)numbers[i], err);
    }
    ps_memory_free(numbers);
    return status;
}

void ps_domain_cache_resolver(const ps_domain_cache *cache, ps_resolver *out)
{
    *out = (ps_resolver){.context = (void *)(uintptr_t)cache, .resolve = resolve}; // it is only read
}
