#include "net/plan.h"

#include <stdlib.h>

#include "base/memory.h"
#include "net/dns_wire.h"

enum { WORD_BITS = 64 };

// Nothing that is no domain leaves the machine.
static bool is_open(const ps_domains *domains, size_t number)
{
    const ps_domain_fact *fact = &domains->facts[number];

    return fact->verdict == PS_MAIL_UNKNOWN && fact->reason == PS_REASON_NOT_CHECKED &&
           ps_dns_is_domain(domains->names.texts[number]);
}

static ps_status look_up(ps_domains *domains, size_t number, const ps_domain_cache *cache, ps_cached *out,
                         ps_error *err)
{
    ps_cache_entry entry;

    *out = PS_CACHED_NOTHING;
    if (cache == NULL) return PS_OK;
    ps_status status = cache->find(cache->context, domains->names.texts[number], &entry, err);
    if (status != PS_OK) return status;
    *out = entry.kind;
    domains->facts[number].past |= entry.answer.fact.past;
    if (entry.kind != PS_CACHED_FRESH) return PS_OK;
    entry.answer.fact.cached = true;
    return ps_domains_put(domains, (uint32_t)number, &entry.answer, err);
}

static int compare(const void *left, const void *right)
{
    const ps_turn *a = left, *b = right;

    if (a->rows != b->rows) return a->rows > b->rows ? -1 : 1;
    if (a->hash != b->hash) return a->hash < b->hash ? -1 : 1;
    return a->domain < b->domain ? -1 : a->domain > b->domain;
}

static ps_status add_turns(ps_domains *domains, const ps_domain_cache *cache, const uint64_t *taken, ps_plan *plan,
                           ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < domains->names.count && status == PS_OK; i++) {
        ps_cached cached;
        if ((taken[i / WORD_BITS] >> i % WORD_BITS & 1) != 0 || !is_open(domains, i)) continue;
        status = look_up(domains, i, cache, &cached, err);
        if (status != PS_OK || cached == PS_CACHED_FRESH) continue;
        uint64_t rows = domains->rows[i];
        plan->turns[plan->count++] = (ps_turn){.rows = rows < UINT32_MAX ? (uint32_t)rows : UINT32_MAX,
                                               .hash = (uint32_t)ps_hash_of(domains->names.texts[i]).low,
                                               .domain = (uint32_t)i & INT32_MAX,
                                               .prior = cached == PS_CACHED_STALE_NO_MAIL};
    }
    return status;
}

ps_status ps_plan_make(ps_domains *domains, const ps_domain_cache *cache, const uint32_t *taken, size_t taken_count,
                       ps_plan *out, ps_error *err)
{
    uint64_t *bits = ps_memory_new(domains->names.count / WORD_BITS + 1, sizeof *bits, err);
    ps_plan plan = {.turns = ps_memory_new(domains->names.count + 1, sizeof *plan.turns, err)};
    ps_status status = bits == NULL || plan.turns == NULL ? PS_RETRY : PS_OK;

    for (size_t i = 0; i < taken_count && status == PS_OK; i++)
        bits[taken[i] / WORD_BITS] |= UINT64_C(1) << taken[i] % WORD_BITS;
    if (status == PS_OK) status = add_turns(domains, cache, bits, &plan, err);
    ps_memory_free(bits);
    if (status != PS_OK) {
        ps_plan_done(&plan);
        return status;
    }
    qsort(plan.turns, plan.count, sizeof *plan.turns, compare);
    *out = plan;
    return PS_OK;
}

void ps_plan_done(ps_plan *plan)
{
    ps_memory_free(plan->turns);
    *plan = (ps_plan){.turns = NULL};
}
