#include "net/record.h"

#include "base/memory.h"

enum { DAY_S = 86400, FLUSH_MS = 1000 };

ps_status ps_record_open(const ps_domain_cache *cache, ps_record *out, ps_error *err)
{
    ps_record record = {.cache = cache};
    ps_status status = ps_intern_open(&record.texts, err);

    if (status == PS_OK) *out = record;
    return status;
}

void ps_record_close(ps_record *record)
{
    ps_intern_close(&record->texts);
    ps_memory_free(record->early);
    ps_memory_free(record->doubtful);
    *record = (ps_record){.cache = NULL};
}

// Where DNS fails now, what it said some time ago stands, if that was good.
static ps_status look_back(const ps_record *record, ps_domain_answer *answer, ps_error *err)
{
    ps_cache_entry entry;

    if (record->cache == NULL) return PS_OK;
    ps_status status = record->cache->find(record->cache->context, answer->domain, &entry, err);
    if (status != PS_OK) return status;
    answer->fact.past |= entry.answer.fact.past;
    if (entry.kind != PS_CACHED_STALE_MAIL) return PS_OK;
    *answer = entry.answer;
    answer->fact.warnings |= PS_FIND(STALE);
    answer->fact.cached = true;
    return PS_OK;
}

static ps_status put_early(ps_record *record, uint32_t number, const ps_domain_answer *answer, ps_error *err)
{
    ps_status status = ps_memory_grow((void **)&record->early, &record->early_capacity, record->early_count + 1,
                                      sizeof *record->early, err);
    uint32_t servers = PS_INDEX_NONE;

    if (status == PS_OK && answer->servers.len > 0) {
        status = ps_intern_add(&record->texts, answer->servers, &servers, err);
    }
    if (status != PS_OK) return status;
    record->early[record->early_count++] = (ps_record_early){number, servers, answer->fact};
    return PS_OK;
}

static ps_status note_doubtful(ps_record *record, uint32_t place, ps_error *err)
{
    ps_status status = ps_memory_grow((void **)&record->doubtful, &record->doubtful_capacity,
                                      record->doubtful_count + 1, sizeof *record->doubtful, err);

    if (status == PS_OK) record->doubtful[record->doubtful_count++] = place;
    return status;
}

static ps_status keep(const ps_record *record, const ps_domain_answer *answer, ps_error *err)
{
    if (record->cache == NULL || answer->fact.reason == PS_REASON_NOT_CHECKED) return PS_OK;
    return record->cache->keep(record->cache->context, answer, err);
}

ps_status ps_record_put(ps_record *record, uint32_t number, const ps_domain_answer *answer, ps_error *err)
{
    ps_domain_answer own = *answer;
    bool doubtful = own.fact.verdict == PS_MAIL_NONE || own.fact.reason == PS_REASON_IMPLICIT_MX;
    uint32_t place = record->domains != NULL ? number : (uint32_t)record->early_count;
    ps_status status = PS_OK;

    if (record->down && own.fact.reason == PS_REASON_NOT_CHECKED) own.fact.reason = PS_REASON_RESOLVER_DOWN;
    bool checked = own.fact.reason != PS_REASON_NOT_CHECKED;
    own.fact.checked = checked ? (ps_day)(own.checked_s / DAY_S) : PS_DAY_NONE;
    status = keep(record, &own, err);
    if (status == PS_OK && own.fact.verdict == PS_MAIL_UNKNOWN) status = look_back(record, &own, err);
    if (status == PS_OK && doubtful) status = note_doubtful(record, place, err);
    if (status != PS_OK) return status;
    if (record->domains == NULL) return put_early(record, number, &own, err);
    return ps_domains_put(record->domains, number, &own, err);
}

ps_status ps_record_settle(ps_record *record, ps_domains *domains, ps_error *err)
{
    ps_status status = PS_OK;

    record->domains = domains;
    for (size_t i = 0; i < record->doubtful_count; i++)
        record->doubtful[i] = record->early[record->doubtful[i]].number;
    for (size_t i = 0; i < record->early_count && status == PS_OK; i++) {
        const ps_record_early *early = &record->early[i];
        ps_domain_answer answer = {.domain = ps_intern_text(&domains->names, early->number), .fact = early->fact};
        if (early->servers != PS_INDEX_NONE) answer.servers = ps_intern_text(&record->texts, early->servers);
        status = ps_domains_put(domains, early->number, &answer, err);
    }
    record->early_count = 0;
    return status;
}

ps_status ps_record_vouch(ps_record *record, ps_error *err)
{
    record->doubtful_count = 0;
    return record->cache == NULL ? PS_OK : record->cache->vouch(record->cache->context, err);
}

ps_status ps_record_doubt(ps_record *record, ps_dns_trust trust, ps_error *err)
{
    for (size_t i = 0; i < record->doubtful_count; i++) {
        uint32_t place = record->doubtful[i];
        ps_dns_doubt(trust, record->domains != NULL ? &record->domains->facts[place] : &record->early[place].fact);
    }
    record->doubtful_count = 0;
    return record->cache == NULL ? PS_OK : record->cache->doubt(record->cache->context, err);
}

ps_status ps_record_flush(ps_record *record, uint64_t now_ms, ps_error *err)
{
    if (record->cache == NULL || now_ms - record->flushed_ms < FLUSH_MS) return PS_OK;
    record->flushed_ms = now_ms;
    return record->cache->flush(record->cache->context, err);
}
