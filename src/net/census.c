#include "net/census.h"

#include <arpa/nameser.h>
#include <assert.h>

#include "base/memory.h"

enum { KIND_MX, KIND_A, KIND_AAAA };

static ps_status add_host(ps_census *census, ps_dns_target target, bool parking, ps_error *err)
{
    size_t want = census->hosts_count + 1;
    ps_status status =
        ps_memory_grow((void **)&census->hosts, &census->hosts_capacity, want, sizeof *census->hosts, err);
    if (status == PS_OK) {
        status = ps_memory_grow((void **)&census->requested, &census->requested_capacity, want,
                                sizeof *census->requested, err);
    }
    if (status != PS_OK) return status;
    census->hosts[census->hosts_count] = (ps_dns_host){.target = (uint8_t)target, .parking = parking};
    census->requested[census->hosts_count] = 0;
    census->hosts_count = want;
    return PS_OK;
}

ps_status ps_census_open(const ps_domains *domains, ps_ask *ask, ps_census *out, ps_error *err)
{
    ps_census census = {.domains = domains, .ask = ask, .count = domains->names.count};
    ps_status status = ps_intern_open(&census.names, err);

    if (status == PS_OK) {
        census.items = ps_memory_new(census.count, sizeof *census.items, err);
        if (census.items == NULL) status = PS_RETRY;
    }
    // One host stands for all targets of a kind that is never asked for; its number is the kind.
    for (int target = 0; target < PS_DNS_TARGET_COUNT && status == PS_OK; target++) {
        status = add_host(&census, (ps_dns_target)target, false, err);
    }
    if (status == PS_OK) {
        *out = census;
    } else {
        ps_census_close(&census);
    }
    return status;
}

void ps_census_close(ps_census *census)
{
    ps_memory_free(census->items);
    ps_memory_free(census->targets);
    ps_memory_free(census->hosts);
    ps_memory_free(census->requested);
    ps_intern_close(&census->names);
    *census = (ps_census){0};
}

void ps_census_question(const ps_census *census, uint32_t domain, ps_question *out)
{
    *out = (ps_question){.name = census->domains->names.texts[domain].bytes,
                         .number = domain,
                         .type = ns_t_mx,
                         .kind = KIND_MX,
                         .pinned = -1};
}

static const struct {
    unsigned need;
    uint16_t type;
    uint8_t kind;
    bool second;
} needs[] = {
    {PS_DNS_NEED_A, ns_t_a, KIND_A, false},
    {PS_DNS_NEED_AAAA, ns_t_aaaa, KIND_AAAA, false},
    {PS_DNS_NEED_SECOND_A, ns_t_a, KIND_A, true},
    {PS_DNS_NEED_SECOND_AAAA, ns_t_aaaa, KIND_AAAA, true},
};

// Ask what a host still needs. A second opinion is wanted from another resolver than `resolver`, the last to answer.
static ps_status ask_host(ps_census *census, uint32_t host, unsigned resolver, ps_error *err)
{
    unsigned open = ps_dns_host_need(&census->hosts[host]) & ~(unsigned)census->requested[host];
    ps_status status = PS_OK;

    if (open == 0) return PS_OK;
    census->requested[host] |= (uint8_t)open;
    ps_question question = {
        .name = census->names.texts[host - PS_DNS_TARGET_COUNT].bytes, .number = host, .pinned = -1};
    for (size_t i = 0; i < PS_COUNT_OF(needs) && status == PS_OK; i++) {
        if ((open & needs[i].need) == 0) continue;
        question.type = needs[i].type;
        question.kind = needs[i].kind;
        status = needs[i].second ? ps_ask_again(census->ask, &question, resolver, err)
                                 : ps_ask_add(census->ask, &question, err);
    }
    return status;
}

// The host of a name that is asked for.
static ps_status find_host(ps_census *census, const char *name, bool parking, uint32_t *out, ps_error *err)
{
    uint32_t number;
    ps_status status = ps_intern_add(&census->names, ps_span_of(name), &number, err);

    if (status != PS_OK) return status;
    number += PS_DNS_TARGET_COUNT;
    if (number == census->hosts_count) status = add_host(census, PS_DNS_TARGET_NAME, parking, err);
    if (status == PS_OK) *out = number;
    return status;
}

static ps_status add_target(ps_census *census, ps_census_domain *domain, uint32_t host, ps_error *err)
{
    ps_status status = ps_memory_grow((void **)&census->targets, &census->targets_capacity, census->targets_count + 1,
                                      sizeof *census->targets, err);

    if (status != PS_OK) return status;
    if (domain->targets_count == 0) domain->targets = (uint32_t)census->targets_count;
    census->targets[census->targets_count++] = host;
    domain->targets_count++;
    return PS_OK;
}

static ps_status add_servers(ps_census *census, ps_census_domain *domain, const ps_dns_answer *answer,
                             unsigned resolver, ps_error *err)
{
    ps_status status = PS_OK;

    domain->targets_count = 0;
    domain->cut = answer->mx_cut;
    for (size_t i = 0; i < answer->mx_count && status == PS_OK; i++) {
        const ps_dns_mx *mx = &answer->mx[i];
        ps_dns_target target = ps_dns_target_of(mx->target);
        uint32_t host = target;
        domain->null_pref |= target == PS_DNS_TARGET_NULL && mx->preference != 0;
        if (target == PS_DNS_TARGET_NAME) {
            status = find_host(census, mx->target, ps_dns_target_is_parking(mx->target), &host, err);
        }
        if (status == PS_OK) status = add_target(census, domain, host, err);
        if (status == PS_OK) status = ask_host(census, host, resolver, err);
    }
    return status;
}

// Without a mail server the domain is its own.
static ps_status add_self(ps_census *census, uint32_t number, unsigned resolver, ps_error *err)
{
    ps_census_domain *domain = &census->items[number];
    uint32_t host = 0;

    if (domain->targets_count > 0) return PS_OK; // since the first answer
    ps_status status = find_host(census, census->domains->names.texts[number].bytes, false, &host, err);
    if (status == PS_OK) status = add_target(census, domain, host, err);
    if (status == PS_OK) status = ask_host(census, host, resolver, err);
    return status;
}

static ps_status take_mx(ps_census *census, const ps_question *question, const ps_dns_answer *answer, unsigned resolver,
                         ps_error *err)
{
    ps_census_domain *domain = &census->items[question->number];
    bool first = domain->mx.outcome == PS_DNS_NOT_ASKED;
    ps_status status = PS_OK;

    ps_dns_lookup_add(&domain->mx, answer, question->hops + answer->hops > 0);
    if (first && ps_dns_is_failure(answer->outcome)) {
        census->failed++;
    } else if (first) {
        census->answered++;
    }
    bool doubtful = answer->outcome == PS_DNS_NODATA || answer->outcome == PS_DNS_NXDOMAIN;
    if (first && doubtful) {
        ps_question again;
        ps_census_question(census, question->number, &again);
        status = ps_ask_again(census->ask, &again, resolver, err);
    }
    if (status != PS_OK) return status;
    if (answer->outcome == PS_DNS_FOUND) return add_servers(census, domain, answer, resolver, err);
    if (domain->mx.outcome == PS_DNS_NODATA) return add_self(census, question->number, resolver, err);
    return PS_OK;
}

ps_status ps_census_add(ps_census *census, const ps_question *question, const ps_dns_answer *answer, unsigned resolver,
                        ps_error *err)
{
    if (question->kind == KIND_MX) return take_mx(census, question, answer, resolver, err);
    assert(question->kind == KIND_A || question->kind == KIND_AAAA);
    ps_dns_host *host = &census->hosts[question->number];
    ps_dns_lookup_add(question->kind == KIND_A ? &host->a : &host->aaaa, answer, question->hops + answer->hops > 0);
    return ask_host(census, question->number, resolver, err);
}

void ps_census_judge(const ps_census *census, uint32_t domain, const ps_dns_view *view, ps_domain_fact *out)
{
    const ps_census_domain *item = &census->items[domain];
    ps_dns_evidence evidence = {.mx = item->mx,
                                .null_pref = item->null_pref,
                                .cut = item->cut,
                                .hosts = census->hosts,
                                .targets_count = item->targets_count};

    if (item->targets_count > 0) evidence.targets = census->targets + item->targets;
    ps_dns_judge(&evidence, view, out);
}
