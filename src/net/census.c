#include "net/census.h"

#include <arpa/nameser.h>
#include <assert.h>

#include "base/clock.h"
#include "base/memory.h"

enum { KIND_MX, KIND_A, KIND_AAAA, KIND_POLICY, SERVERS_SIZE = PS_DOMAIN_SERVERS_MAX * (PS_DNS_NAME_SIZE + 1) };

void ps_census_open(ps_ask *ask, const ps_dns_view *view, ps_census *out)
{
    *out = (ps_census){.ask = ask, .view = view, .free = PS_INDEX_NONE};
}

static void clear_domain(ps_census_domain *domain)
{
    ps_memory_free(domain->own);
    ps_memory_free(domain->targets);
    ps_memory_free(domain->servers);
    *domain = (ps_census_domain){.next = PS_INDEX_NONE};
}

void ps_census_close(ps_census *census)
{
    for (size_t i = 0; i < census->domains_count; i++)
        clear_domain(&census->domains[i]);
    ps_memory_free(census->domains);
    ps_memory_free(census->hosts);
    ps_index_done(&census->names);
    *census = (ps_census){.free = PS_INDEX_NONE};
}

// ---- what is told

static const uint32_t *targets_of(const ps_census_domain *domain)
{
    return domain->targets != NULL ? domain->targets : domain->few;
}

// Good until the next one is.
static ps_dns_evidence evidence_of(ps_census *census, const ps_census_domain *domain)
{
    for (uint32_t i = 0; i < domain->targets_count; i++) {
        census->judged[i] = census->hosts[targets_of(domain)[i]].host;
        // That it may also be a domain of the list, and its own server, is that domain's affair.
        if (domain->mx.outcome == PS_DNS_FOUND) census->judged[i].policy = PS_DNS_POLICY_UNWANTED;
        census->targets[i] = i;
    }
    return (ps_dns_evidence){.mx = domain->mx,
                             .null_pref = domain->null_pref,
                             .cut = domain->cut,
                             .hosts = census->judged,
                             .targets = census->targets,
                             .targets_count = domain->targets_count};
}

static ps_status tell(ps_census *census, uint32_t place, const ps_dns_evidence *evidence, ps_error *err)
{
    ps_census_domain *domain = &census->domains[place];
    ps_domain_answer answer = {
        .domain = ps_span_of(domain->name), .ttl_s = domain->ttl_s, .sources = domain->mx.confirmed ? 2 : 1};

    ps_dns_judge(evidence, census->view, &answer.fact);
    answer.checked_s = ps_clock_now_s();
    if (domain->servers != NULL) answer.servers = ps_span_of(domain->servers);
    if (answer.fact.verdict == PS_MAIL_UNKNOWN) {
        census->failed++;
    } else {
        census->answered++;
    }
    ps_status status = census->tell(census->context, domain->number, &answer, err);
    clear_domain(domain);
    domain->next = census->free;
    census->free = place;
    return status;
}

// ---- hosts

static ps_status add_host(ps_census *census, const char *name, ps_error *err)
{
    ps_status status = ps_memory_grow((void **)&census->hosts, &census->hosts_capacity, census->hosts_count + 1,
                                      sizeof *census->hosts, err);

    if (status != PS_OK) return status;
    ps_census_host *host = &census->hosts[census->hosts_count++];
    *host = (ps_census_host){.waiters = PS_INDEX_NONE};
    ps_dns_host_init(&host->host, name);
    return PS_OK;
}

static ps_status find_host(ps_census *census, const char *name, uint32_t *out, ps_error *err)
{
    bool added;
    ps_status status =
        ps_index_claim(&census->names, ps_hash_of(ps_span_of(name)), (uint32_t)census->hosts_count, out, &added, err);

    return status == PS_OK && added ? add_host(census, name, err) : status;
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
    {PS_DNS_NEED_POLICY, ns_t_txt, KIND_POLICY, false},
};

// Ask what a host still needs. A second opinion is wanted from another resolver than `resolver`, the last to answer.
static ps_status ask_host(ps_census *census, uint32_t number, const char *name, unsigned resolver, ps_error *err)
{
    ps_census_host *host = &census->hosts[number];
    unsigned open = ps_dns_host_need(&host->host) & ~(unsigned)host->requested;
    ps_status status = PS_OK;

    host->requested |= (uint8_t)open;
    for (size_t i = 0; i < PS_COUNT_OF(needs) && status == PS_OK; i++) {
        if ((open & needs[i].need) == 0) continue;
        char *own = ps_memory_text(name, err);
        if (own == NULL) return PS_RETRY;
        ps_question question = {
            .name = own, .own = own, .number = number, .type = needs[i].type, .kind = needs[i].kind, .pinned = -1};
        status = needs[i].second ? ps_ask_again(census->ask, &question, resolver, err)
                                 : ps_ask_add(census->ask, &question, err);
    }
    return status;
}

// ---- domains

// Tell a domain whose last need is met; else it waits for the next host that it needs.
static ps_status settle(ps_census *census, uint32_t place, ps_error *err)
{
    ps_census_domain *domain = &census->domains[place];

    if (domain->open || domain->waiting) return PS_OK; // it will be woken
    ps_dns_evidence evidence = evidence_of(census, domain);
    bool served = domain->mx.outcome == PS_DNS_FOUND && ps_dns_is_served(&evidence);
    for (uint32_t i = 0; i < domain->targets_count && !served; i++) {
        ps_census_host *host = &census->hosts[targets_of(domain)[i]];
        if (ps_dns_host_need(&host->host) == 0) continue;
        domain->waiting = true;
        domain->next = host->waiters;
        host->waiters = place;
        return PS_OK;
    }
    return tell(census, place, &evidence, err);
}

static ps_status wake(ps_census *census, uint32_t host, ps_error *err)
{
    uint32_t place = census->hosts[host].waiters;
    ps_status status = PS_OK;

    census->hosts[host].waiters = PS_INDEX_NONE;
    while (place != PS_INDEX_NONE && status == PS_OK) {
        uint32_t next = census->domains[place].next;
        census->domains[place].waiting = false;
        status = settle(census, place, err);
        place = next;
    }
    return status;
}

ps_status ps_census_begin(ps_census *census, const ps_census_entry *entry, ps_question *out, ps_error *err)
{
    uint32_t place = census->free;

    if (place == PS_INDEX_NONE) {
        ps_status status = ps_memory_grow((void **)&census->domains, &census->domains_capacity,
                                          census->domains_count + 1, sizeof *census->domains, err);
        if (status != PS_OK) {
            ps_memory_free(entry->own);
            return status;
        }
        place = (uint32_t)census->domains_count++;
    } else {
        census->free = census->domains[place].next;
    }
    census->domains[place] = (ps_census_domain){.name = entry->name,
                                                .own = entry->own,
                                                .number = entry->number,
                                                .prior = entry->prior,
                                                .open = true,
                                                .next = PS_INDEX_NONE};
    census->begun++;
    *out = (ps_question){.name = entry->name, .number = place, .type = ns_t_mx, .kind = KIND_MX, .pinned = -1};
    return PS_OK;
}

// The names of the best servers, as they are remembered.
static ps_status note_servers(ps_census_domain *domain, const ps_dns_answer *answer, ps_error *err)
{
    char text[SERVERS_SIZE];
    size_t len = 0, noted = 0;

    for (size_t i = 0; i < answer->mx_count && noted < PS_DOMAIN_SERVERS_MAX; i++) {
        const char *target = answer->mx[i].target;
        size_t size = strlen(target);
        if (size == 0 || strcmp(target, ".") == 0) continue;
        if (noted++ > 0) text[len++] = ' ';
        memcpy(text + len, target, size);
        len += size;
    }
    text[len] = '\0';
    if (len == 0) return PS_OK;
    ps_memory_free(domain->servers);
    domain->servers = ps_memory_text(text, err);
    return domain->servers == NULL ? PS_RETRY : PS_OK;
}

static ps_status set_targets(ps_census_domain *domain, const uint32_t *targets, size_t count, ps_error *err)
{
    uint32_t *copy = domain->few;

    ps_memory_free(domain->targets);
    domain->targets = NULL;
    domain->targets_count = 0;
    if (count > PS_CENSUS_FEW) copy = domain->targets = ps_memory_new(count, sizeof *copy, err);
    if (copy == NULL) return PS_RETRY;
    memcpy(copy, targets, count * sizeof *copy);
    domain->targets_count = (uint8_t)count;
    return PS_OK;
}

static ps_status add_servers(ps_census *census, uint32_t place, const ps_dns_answer *answer, unsigned resolver,
                             ps_error *err)
{
    uint32_t targets[PS_DNS_MX_MAX];
    bool null_pref = false, served = false;
    ps_status status = PS_OK;

    for (size_t i = 0; i < answer->mx_count && status == PS_OK; i++) {
        const ps_dns_mx *mx = &answer->mx[i];
        status = find_host(census, mx->target, &targets[i], err);
        null_pref |= strcmp(mx->target, ".") == 0 && mx->preference != 0;
        served |= status == PS_OK && census->hosts[targets[i]].host.shared;
    }
    for (size_t i = 0; i < answer->mx_count && status == PS_OK && !served; i++)
        status = ask_host(census, targets[i], answer->mx[i].target, resolver, err);
    if (status != PS_OK) return status;
    ps_census_domain *domain = &census->domains[place];
    domain->null_pref = null_pref;
    domain->cut = answer->mx_cut;
    status = set_targets(domain, targets, answer->mx_count, err);
    return status == PS_OK && census->wants_servers ? note_servers(domain, answer, err) : status;
}

// Without a mail server the domain is its own.
static ps_status add_self(ps_census *census, uint32_t place, unsigned resolver, ps_error *err)
{
    ps_census_domain *domain = &census->domains[place];
    uint32_t number = 0;

    if (domain->targets_count > 0) return PS_OK; // since the first answer
    ps_status status = find_host(census, domain->name, &number, err);
    if (status == PS_OK) status = set_targets(domain, &number, 1, err);
    if (status != PS_OK) return status;
    ps_dns_host *host = &census->hosts[number].host;
    if (host->policy == PS_DNS_POLICY_UNWANTED) host->policy = PS_DNS_POLICY_OPEN;
    return ask_host(census, number, domain->name, resolver, err);
}

// The first answer that says "nothing" wants a second one, unless an earlier run's is the first.
static ps_status ask_again(ps_census *census, uint32_t place, unsigned resolver, ps_error *err)
{
    ps_census_domain *domain = &census->domains[place];
    ps_question again = {.name = domain->name, .number = place, .type = ns_t_mx, .kind = KIND_MX, .pinned = -1};

    if (domain->prior) {
        domain->mx.twice = domain->mx.confirmed = true;
        return PS_OK;
    }
    domain->open = true;
    return ps_ask_again(census->ask, &again, resolver, err);
}

static ps_status take_mx(ps_census *census, const ps_question *question, const ps_dns_answer *answer, unsigned resolver,
                         ps_error *err)
{
    uint32_t place = question->number;
    ps_census_domain *domain = &census->domains[place];
    bool first = domain->mx.outcome == PS_DNS_NOT_ASKED;
    bool nothing = answer->outcome == PS_DNS_NODATA || answer->outcome == PS_DNS_NXDOMAIN;
    ps_status status = PS_OK;

    domain->open = false;
    ps_dns_lookup_add(&domain->mx, answer, question->hops + answer->hops > 0);
    if (first || answer->outcome == PS_DNS_FOUND || answer->ttl_s < domain->ttl_s) domain->ttl_s = answer->ttl_s;
    if (first && nothing) status = ask_again(census, place, resolver, err);
    if (status != PS_OK) return status;
    if (answer->outcome == PS_DNS_FOUND) {
        status = add_servers(census, place, answer, resolver, err);
    } else if (domain->mx.outcome == PS_DNS_NODATA) {
        status = add_self(census, place, resolver, err);
    }
    return status == PS_OK ? settle(census, place, err) : status;
}

static void take_policy(ps_dns_host *host, const ps_dns_answer *answer)
{
    bool mute = answer->outcome == PS_DNS_FOUND && answer->policies == 1 && answer->sends_nothing;

    host->policy = mute ? PS_DNS_POLICY_SENDS_NOTHING : PS_DNS_POLICY_OTHER;
}

static ps_status take_host(ps_census *census, const ps_question *question, const ps_dns_answer *answer,
                           unsigned resolver, ps_error *err)
{
    ps_dns_host *host = &census->hosts[question->number].host;
    bool alias = question->hops + answer->hops > 0;

    if (question->kind == KIND_POLICY) {
        take_policy(host, answer);
    } else {
        ps_dns_lookup_add(question->kind == KIND_A ? &host->a : &host->aaaa, answer, alias);
    }
    ps_status status = ask_host(census, question->number, question->name, resolver, err);
    if (status != PS_OK || ps_dns_host_need(&census->hosts[question->number].host) != 0) return status;
    return wake(census, question->number, err);
}

ps_status ps_census_add(ps_census *census, const ps_question *question, const ps_dns_answer *answer, unsigned resolver,
                        ps_error *err)
{
    assert(question->kind <= KIND_POLICY);
    if (question->kind == KIND_MX) return take_mx(census, question, answer, resolver, err);
    return take_host(census, question, answer, resolver, err);
}

uint32_t ps_census_domain_of(const ps_census *census, const ps_question *question)
{
    return question->kind == KIND_MX ? census->domains[question->number].number : PS_INDEX_NONE;
}

ps_status ps_census_finish(ps_census *census, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < census->domains_count && status == PS_OK; i++) {
        if (census->domains[i].name == NULL) continue;
        ps_dns_evidence evidence = evidence_of(census, &census->domains[i]);
        status = tell(census, (uint32_t)i, &evidence, err);
    }
    return status;
}
