#include "facts/domains.h"

#include <assert.h>

#include "base/memory.h"
#include "facts/operators.h"

static_assert(PS_REASON_NUMBER_MAX <= 256 && sizeof(ps_domain_fact) == 24, "a million of them are kept");

static const ps_domain_fact not_checked = {
    .verdict = PS_MAIL_UNKNOWN,
    .reason = PS_REASON_NOT_CHECKED,
    .checked = PS_DAY_NONE,
};

ps_status ps_domains_open(ps_domains *out, ps_error *err)
{
    ps_domains domains = {.capacity = 0};
    ps_status status = ps_intern_open(&domains.names, err);

    if (status == PS_OK) *out = domains;
    return status;
}

void ps_domains_close(ps_domains *domains)
{
    ps_intern_close(&domains->names);
    ps_memory_free(domains->facts);
    ps_memory_free(domains->rows);
    ps_memory_free(domains->servers);
    ps_intern_close(&domains->server_texts);
    *domains = (ps_domains){.capacity = 0};
}

ps_status ps_domains_keep_servers(ps_domains *domains, ps_error *err)
{
    assert(domains->names.count == 0);
    if (domains->keeps_servers) return PS_OK;
    ps_status status = ps_intern_open(&domains->server_texts, err);
    domains->keeps_servers = status == PS_OK;
    return status;
}

// Room for one more in all arrays. The capacity is that of all; one that grew alone is simply larger.
static ps_status make_room(ps_domains *domains, ps_error *err)
{
    size_t want = domains->names.count + 1, facts_capacity = domains->capacity, rows_capacity = domains->capacity;

    if (want <= domains->capacity) return PS_OK;
    ps_status status = ps_memory_grow((void **)&domains->facts, &facts_capacity, want, sizeof *domains->facts, err);
    if (status != PS_OK) return status;
    status = ps_memory_grow((void **)&domains->rows, &rows_capacity, want, sizeof *domains->rows, err);
    if (status == PS_OK && domains->keeps_servers) {
        status =
            ps_memory_grow((void **)&domains->servers, &domains->servers_capacity, want, sizeof *domains->servers, err);
    }
    if (status != PS_OK) return status;
    domains->capacity = facts_capacity < rows_capacity ? facts_capacity : rows_capacity;
    return PS_OK;
}

ps_status ps_domains_add(ps_domains *domains, ps_span name, uint32_t *out, ps_error *err)
{
    size_t before = domains->names.count;
    ps_status status = make_room(domains, err);

    if (status == PS_OK) status = ps_intern_add(&domains->names, name, out, err);
    if (status != PS_OK || domains->names.count == before) return status;
    domains->facts[before] = not_checked;
    domains->rows[before] = 0;
    if (domains->keeps_servers) domains->servers[before] = PS_INDEX_NONE;
    return PS_OK;
}

uint32_t ps_domains_number(const ps_domains *domains, ps_span name)
{
    return ps_intern_find(&domains->names, name);
}

const ps_domain_fact *ps_domains_find(const ps_domains *domains, ps_span name)
{
    return ps_domains_fact(domains, ps_domains_number(domains, name));
}

const ps_domain_fact *ps_domains_fact(const ps_domains *domains, uint32_t number)
{
    return number == PS_INDEX_NONE ? &not_checked : &domains->facts[number];
}

static ps_operator taker_of(ps_span domain, ps_span servers)
{
    ps_operator taker = ps_operator_of_domain(domain);
    const char *blank = servers.len == 0 ? NULL : memchr(servers.bytes, ' ', servers.len);

    if (taker != PS_OPERATOR_NONE) return taker;
    if (blank != NULL) servers.len = (size_t)(blank - servers.bytes);
    return ps_operator_of_host(servers, NULL);
}

ps_status ps_domains_put(ps_domains *domains, uint32_t number, const ps_domain_answer *answer, ps_error *err)
{
    ps_domain_fact *fact = &domains->facts[number];
    const ps_domain_fact before = *fact;

    *fact = answer->fact;
    fact->past |= before.past;
    if (fact->taker == PS_OPERATOR_NONE)
        fact->taker = taker_of(ps_intern_text(&domains->names, number), answer->servers);
    if (!domains->keeps_servers || answer->servers.len == 0) return PS_OK;
    return ps_intern_add(&domains->server_texts, answer->servers, &domains->servers[number], err);
}

ps_span ps_domains_servers(const ps_domains *domains, uint32_t number)
{
    if (!domains->keeps_servers || domains->servers[number] == PS_INDEX_NONE) return (ps_span){0};
    return ps_intern_text(&domains->server_texts, domains->servers[number]);
}

ps_operator ps_domains_taker(const ps_domains *domains, ps_span name)
{
    ps_operator taker = domains == NULL ? PS_OPERATOR_NONE : ps_domains_find(domains, name)->taker;

    return taker == PS_OPERATOR_NONE ? ps_operator_of_domain(name) : taker;
}
