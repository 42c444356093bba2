#include "net/plan.h"

#include <assert.h>

#include "base/memory.h"
#include "base/sort.h"
#include "net/dns_wire.h"

enum { WORD_BITS = 64 };

// A turn, and what it is put in order by, in one number: most rows first (of those with more than 65,535 none is
// first), then blocks of the list, then shuffled. All of a block fits a processor's cache, which a million domains in
// any order do not.
enum { ROWS_BITS = 16, BLOCK_BITS = 17, SHUFFLE_BITS = 16, PLACE_BITS = 14, PRIOR_BITS = 1 };

static_assert(ROWS_BITS + BLOCK_BITS + SHUFFLE_BITS + PLACE_BITS + PRIOR_BITS == WORD_BITS, "each bit is used");
static_assert(BLOCK_BITS + PLACE_BITS == 31, "a domain's number, as in ps_turn");

typedef struct ranking {
    uint64_t *turns;
    size_t count;
} ranking;

static uint64_t low_bits(uint64_t value, unsigned bits)
{
    return value & ((UINT64_C(1) << bits) - 1);
}

static uint64_t rank_of(const ps_domains *domains, size_t number, bool prior)
{
    const uint64_t rows_max = (1U << ROWS_BITS) - 1;
    uint64_t rows = domains->rows[number] < rows_max ? domains->rows[number] : rows_max;
    uint64_t rank = rows_max - rows;

    rank = rank << BLOCK_BITS | low_bits(number >> PLACE_BITS, BLOCK_BITS);
    rank = rank << SHUFFLE_BITS | low_bits(ps_hash_of(ps_intern_text(&domains->names, number)).low, SHUFFLE_BITS);
    rank = rank << PLACE_BITS | low_bits(number, PLACE_BITS);
    return rank << PRIOR_BITS | prior;
}

static ps_turn turn_of(uint64_t rank)
{
    uint64_t place = low_bits(rank >> PRIOR_BITS, PLACE_BITS);
    uint64_t block = low_bits(rank >> (PRIOR_BITS + PLACE_BITS + SHUFFLE_BITS), BLOCK_BITS);

    return (ps_turn){.domain = (uint32_t)(block << PLACE_BITS | place) & INT32_MAX, .prior = rank & 1};
}

// Nothing that is no domain leaves the machine.
static bool is_open(const ps_domains *domains, size_t number)
{
    const ps_domain_fact *fact = &domains->facts[number];

    return fact->verdict == PS_MAIL_UNKNOWN && fact->reason == PS_REASON_NOT_CHECKED &&
           ps_dns_is_domain(ps_intern_text(&domains->names, number));
}

static ps_status look_up(ps_domains *domains, size_t number, const ps_domain_cache *cache, ps_cached *out,
                         ps_error *err)
{
    ps_cache_entry entry;

    *out = PS_CACHED_NOTHING;
    if (cache == NULL) return PS_OK;
    ps_status status = cache->find(cache->context, ps_intern_text(&domains->names, number), &entry, err);
    if (status != PS_OK) return status;
    *out = entry.kind;
    domains->facts[number].past |= entry.answer.fact.past;
    if (entry.kind != PS_CACHED_FRESH) return PS_OK;
    entry.answer.fact.cached = true;
    return ps_domains_put(domains, (uint32_t)number, &entry.answer, err);
}

// The domains that nobody has asked about yet.
static void list_open(const ps_domains *domains, const uint64_t *taken, ranking *out)
{
    for (size_t i = 0; i < domains->names.count; i++) {
        if ((taken[i / WORD_BITS] >> i % WORD_BITS & 1) == 0 && is_open(domains, i)) out->turns[out->count++] = i;
    }
}

// Those of them that the cache does not know, each in the place of one that was looked up.
static ps_status rank_unknown(ps_domains *domains, const ps_domain_cache *cache, ranking *of, ps_error *err)
{
    size_t count = of->count;
    ps_status status = ps_domain_cache_sort(cache, &domains->names, of->turns, count, err);

    of->count = 0;
    for (size_t i = 0; i < count && status == PS_OK; i++) {
        ps_cached cached;
        size_t number = of->turns[i];
        status = look_up(domains, number, cache, &cached, err);
        if (status != PS_OK || cached == PS_CACHED_FRESH) continue;
        of->turns[of->count++] = rank_of(domains, number, cached == PS_CACHED_STALE_NO_MAIL);
    }
    return status;
}

// Only the turns stay, which is half of what it takes to find their order.
static ps_status put_in_order(ranking *ranks, ps_plan *out, ps_error *err)
{
    uint64_t *room = ps_memory_new(ranks->count, sizeof *room, err);

    if (room == NULL) return PS_RETRY;
    ps_sort_numbers(ranks->turns, room, ranks->count);
    ps_memory_free(room);
    ps_turn *turns = ps_memory_new(ranks->count, sizeof *turns, err);
    if (turns == NULL) return PS_RETRY;
    for (size_t i = 0; i < ranks->count; i++)
        turns[i] = turn_of(ranks->turns[i]);
    *out = (ps_plan){.turns = turns, .count = ranks->count};
    return PS_OK;
}

ps_status ps_plan_make(ps_domains *domains, const ps_domain_cache *cache, const uint32_t *taken, size_t taken_count,
                       ps_plan *out, ps_error *err)
{
    uint64_t *bits = ps_memory_new(domains->names.count / WORD_BITS + 1, sizeof *bits, err);
    ranking ranks = {.turns = ps_memory_new(domains->names.count + 1, sizeof *ranks.turns, err)};
    ps_status status = bits == NULL || ranks.turns == NULL ? PS_RETRY : PS_OK;

    for (size_t i = 0; i < taken_count && status == PS_OK; i++)
        bits[taken[i] / WORD_BITS] |= UINT64_C(1) << taken[i] % WORD_BITS;
    if (status == PS_OK) list_open(domains, bits, &ranks);
    if (status == PS_OK) status = rank_unknown(domains, cache, &ranks, err);
    if (status == PS_OK) status = put_in_order(&ranks, out, err);
    ps_memory_free(bits);
    ps_memory_free(ranks.turns);
    return status;
}

void ps_plan_done(ps_plan *plan)
{
    ps_memory_free(plan->turns);
    *plan = (ps_plan){.turns = NULL};
}
