#include "facts/domains.h"

#include "base/memory.h"

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
    *domains = (ps_domains){.capacity = 0};
}

// Room for one more in both arrays. The capacity is that of both; one that grew alone is simply larger.
static ps_status make_room(ps_domains *domains, ps_error *err)
{
    size_t want = domains->names.count + 1, facts_capacity = domains->capacity, rows_capacity = domains->capacity;

    if (want <= domains->capacity) return PS_OK;
    ps_status status = ps_memory_grow((void **)&domains->facts, &facts_capacity, want, sizeof *domains->facts, err);
    if (status != PS_OK) return status;
    status = ps_memory_grow((void **)&domains->rows, &rows_capacity, want, sizeof *domains->rows, err);
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
    return PS_OK;
}

const ps_domain_fact *ps_domains_find(const ps_domains *domains, ps_span name)
{
    uint32_t number = ps_intern_find(&domains->names, name);

    return number == PS_INDEX_NONE ? &not_checked : &domains->facts[number];
}
