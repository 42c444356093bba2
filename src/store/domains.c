#include "store/domains.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/memory.h"
#include "store/domain_index.h"
#include "store/domain_log.h"
#include "store/domain_merge.h"
#include "store/domain_pages.h"

enum {
    HOUR_S = 3600,
    DAY_S = 24 * HOUR_S,
    NO_MAIL_LEAST_S = HOUR_S, // some zones say 60 seconds, and would be asked in every run
    NO_MAIL_MOST_S = DAY_S, // RFC 2308 5 calls more than a day problematic; a removal must not outlive its cause
    SEGMENTS_MAX = 512, // of the log: each takes 4 KiB while they are merged; a polite run writes one a second
    BULK_RECORDS = 1024, // in a second: more than any resolver is asked but one's own
};

static_assert(PS_DOMAIN_SERVERS_MAX * 254 <= PS_RECORD_SERVERS_MAX, "names of mail servers do not fit");

struct ps_domain_store {
    ps_store *store;
    int64_t lifetime_s;
    ps_day as_of;
    int64_t (*now_s)(void);
    ps_domain_pages pages;
    ps_domain_index index;
    size_t glances, glances_max; // without the index; more than that many, and it is read
    bool looked; // the log of earlier runs is in the pages
    bool empty; // nobody needs to look
    ps_domain_log log; // not on disk yet
    unsigned segments; // of this run, that are in the log
    int64_t unsure, last; // the first of them that nobody has vouched for (0: none), and the last
    uint16_t resolvers; // their number
};

// ---- reading

static unsigned past_of(const ps_domain_store *domains, const ps_domain_record *record)
{
    return record->past_since < domains->as_of ? record->past : record->past_before;
}

static void take_record(const ps_domain_store *domains, const ps_domain_record *record, ps_cache_entry *out)
{
    *out = (ps_cache_entry){.kind = ps_domain_record_kind(record, domains->now_s()),
                            .failures = record->failures,
                            .first_failed_s = record->first_failed_s};
    ps_domain_fact *fact = &out->answer.fact;
    *fact = (ps_domain_fact){.reason = PS_REASON_NOT_CHECKED, .checked = PS_DAY_NONE};
    fact->past = past_of(domains, record) & (PS_PAST_SEEN | PS_PAST_MAIL);
    if (out->kind == PS_CACHED_NOTHING) return;
    out->answer.checked_s = record->checked_s;
    out->answer.ttl_s = record->ttl_s;
    out->answer.sources = record->sources;
    out->answer.servers = record->servers;
    fact->verdict = (record->parts & PS_RECORD_NO_MAIL) != 0 ? PS_MAIL_NONE : PS_MAIL_DELIVERABLE;
    fact->reason = (ps_reason)record->reason;
    fact->warnings = record->warnings;
    fact->checked = (ps_day)(record->checked_s / DAY_S);
    fact->cached = true;
}

static ps_status has_rows(const ps_store *store, const char *sql, bool *out, ps_error *err)
{
    ps_statement statement = {0};
    ps_status status = ps_statement_open(store, sql, &statement, err);

    if (status == PS_OK) status = ps_statement_step(&statement, out, err);
    ps_statement_close(&statement);
    return status;
}

static void forget_pages(ps_domain_store *domains)
{
    ps_domain_pages_forget(&domains->pages);
    ps_domain_index_close(&domains->index);
    domains->glances = 0;
    domains->glances_max = SIZE_MAX;
}

// The log comes to the pages. Of a run that was killed nobody can vouch any more.
static ps_status look(ps_domain_store *domains, ps_error *err)
{
    bool logged = false, paged = false;

    ps_domain_pages_rest(&domains->pages);
    ps_status status = has_rows(domains->store, "SELECT 1 FROM domain_log LIMIT 1", &logged, err);

    if (status == PS_OK && logged) status = ps_domain_merge(domains->store, err);
    if (status == PS_OK) status = has_rows(domains->store, "SELECT 1 FROM domain_pages LIMIT 1", &paged, err);
    if (status != PS_OK) return status;
    if (logged) forget_pages(domains);
    domains->segments = 0;
    domains->unsure = 0;
    domains->looked = true;
    domains->empty = !paged;
    return PS_OK;
}

static ps_status find(void *context, ps_span domain, ps_cache_entry *out, ps_error *err)
{
    ps_domain_store *domains = context;
    ps_domain_record record = {.parts = 0};
    bool found = false;
    ps_status status = domains->looked ? PS_OK : look(domains, err);

    *out = (ps_cache_entry){.kind = PS_CACHED_NOTHING};
    out->answer.fact = (ps_domain_fact){.reason = PS_REASON_NOT_CHECKED, .checked = PS_DAY_NONE};
    if (status != PS_OK || domains->empty) return status;
    status = ps_domain_pages_find(&domains->pages, domain, &record, &found, err);
    if (status != PS_OK || !found) return status;
    take_record(domains, &record, out);
    out->answer.domain = domain;
    return PS_OK;
}

static ps_status is_large(void *context, bool *out, ps_error *err)
{
    ps_domain_store *domains = context;
    size_t count = 0;
    ps_status status = domains->looked ? PS_OK : look(domains, err);

    *out = false;
    if (status != PS_OK || domains->empty) return status;
    status = ps_domain_pages_count(&domains->pages, &count, err);
    *out = count > PS_DOMAIN_PAGES_KEPT;
    return status;
}

// To read all pages for an index costs about as much as to look up one domain for each second page.
static ps_status prepare_index(ps_domain_store *domains, ps_error *err)
{
    size_t count = 0;
    ps_status status = PS_OK;

    if (domains->glances++ == PS_DOMAIN_PAGES_KEPT / 2) {
        status = ps_domain_pages_count(&domains->pages, &count, err);
        domains->glances_max = count > PS_DOMAIN_PAGES_KEPT ? count / 2 : SIZE_MAX;
    }
    if (status != PS_OK || domains->glances <= domains->glances_max) return status;
    status = ps_domain_index_read(&domains->pages, domains->now_s(), &domains->index, err);
    ps_domain_pages_rest(&domains->pages);
    return status;
}

// The index tells what most domains are: nothing is known, or nobody needs to ask. The rest is looked up.
static ps_status glance(void *context, ps_span domain, ps_cached *out, ps_error *err)
{
    ps_domain_store *domains = context;
    ps_cache_entry entry = {.kind = PS_CACHED_NOTHING};
    ps_status status = domains->looked ? PS_OK : look(domains, err);

    *out = PS_CACHED_NOTHING;
    if (status != PS_OK || domains->empty) return status;
    if (domains->index.marks == NULL) status = prepare_index(domains, err);
    if (status != PS_OK) return status;
    if (domains->index.marks != NULL) {
        *out = ps_domain_index_find(&domains->index, ps_domain_key(domain));
        if (*out == PS_CACHED_NOTHING || *out == PS_CACHED_FRESH) return PS_OK;
    }
    status = find(context, domain, &entry, err);
    *out = entry.kind;
    return status;
}

// ---- writing

static ps_status write_log(ps_domain_store *domains, ps_error *err)
{
    int64_t segment = 0;
    ps_status status = ps_domain_next_segment(domains->store, &segment, err);

    if (status == PS_OK) status = ps_domain_log_write(&domains->log, segment, err);
    if (status != PS_OK) return status;
    domains->segments++;
    domains->last = segment;
    if (domains->unsure == 0) domains->unsure = segment;
    return PS_OK;
}

static ps_status flush(void *context, ps_error *err)
{
    ps_domain_store *domains = context;

    ps_domain_pages_rest(&domains->pages);
    if (domains->log.count == 0) return PS_OK;
    if (domains->log.count >= BULK_RECORDS) ps_store_begin_bulk(domains->store);
    ps_status status = ps_store_begin(domains->store, err);
    return status == PS_OK ? ps_store_end(domains->store, write_log(domains, err), err) : status;
}

// Failures that are the domain's own. The rest says something of the resolver, or nothing.
static bool is_failure_of_domain(ps_reason reason)
{
    static const ps_reason own[] = {PS_REASON_SERVFAIL,   PS_REASON_TIMEOUT_AUTH,  PS_REASON_TCP_FAILED,
                                    PS_REASON_BAD_ANSWER, PS_REASON_ADDR_SERVFAIL, PS_REASON_ADDR_TIMEOUT,
                                    PS_REASON_CNAME_LOOP, PS_REASON_DNSSEC_BOGUS,  PS_REASON_AUTH_UNREACHABLE};

    for (size_t i = 0; i < PS_COUNT_OF(own); i++) {
        if (own[i] == reason) return true;
    }
    return false;
}

static int64_t lifetime_of(const ps_domain_store *domains, const ps_domain_answer *answer)
{
    if (answer->fact.verdict == PS_MAIL_DELIVERABLE) return domains->lifetime_s;
    if (answer->ttl_s < NO_MAIL_LEAST_S) return NO_MAIL_LEAST_S;
    return answer->ttl_s > NO_MAIL_MOST_S ? NO_MAIL_MOST_S : answer->ttl_s;
}

static uint32_t seconds_of(int64_t time_s)
{
    if (time_s < 0) return 0;
    return time_s > UINT32_MAX ? UINT32_MAX : (uint32_t)time_s;
}

static ps_domain_record record_of(const ps_domain_store *domains, const ps_domain_answer *answer)
{
    ps_domain_record record = {.key = ps_domain_key(answer->domain), .name = answer->domain};

    if (answer->fact.verdict == PS_MAIL_UNKNOWN) {
        record.parts = PS_RECORD_FAILURES;
        record.failures = 1;
        record.first_failed_s = seconds_of(answer->checked_s);
        return record;
    }
    record.parts = PS_RECORD_ANSWER;
    if (answer->fact.verdict == PS_MAIL_NONE) record.parts |= PS_RECORD_NO_MAIL | PS_RECORD_UNSURE;
    record.reason = (uint8_t)answer->fact.reason;
    record.sources = answer->sources;
    record.resolvers = domains->resolvers;
    record.ttl_s = answer->ttl_s;
    record.checked_s = seconds_of(answer->checked_s);
    record.expires_s = seconds_of(answer->checked_s + lifetime_of(domains, answer));
    record.servers = answer->servers;
    record.warnings = answer->fact.warnings;
    return record;
}

static ps_status keep(void *context, const ps_domain_answer *answer, ps_error *err)
{
    ps_domain_store *domains = context;

    assert(!answer->fact.cached && answer->domain.len <= PS_RECORD_NAME_MAX);
    if (answer->fact.verdict == PS_MAIL_UNKNOWN && !is_failure_of_domain(answer->fact.reason)) return PS_OK;
    const ps_domain_record record = record_of(domains, answer);
    ps_domain_log_add(&domains->log, &record);
    return ps_domain_log_has_room(&domains->log) ? PS_OK : flush(domains, err);
}

static ps_status put_vouched(const ps_domain_store *domains, ps_error *err)
{
    ps_statement put = {0};
    ps_status status =
        ps_statement_open(domains->store, "INSERT OR IGNORE INTO domain_vouched(segment) VALUES(?)", &put, err);

    for (int64_t segment = domains->unsure; status == PS_OK && segment <= domains->last; segment++) {
        ps_statement_bind_int(&put, 1, segment);
        status = ps_statement_run(&put, err);
    }
    ps_statement_close(&put);
    return status;
}

// What is written now was vouched for or never will be: a time to bring it to the pages, where there is much of it.
static ps_status end_spell(ps_domain_store *domains, ps_error *err)
{
    domains->unsure = 0;
    return domains->segments < SEGMENTS_MAX ? PS_OK : look(domains, err);
}

static ps_status vouch(void *context, ps_error *err)
{
    ps_domain_store *domains = context;
    ps_status status = flush(domains, err);

    if (status != PS_OK || domains->unsure == 0) return status;
    status = ps_store_begin(domains->store, err);
    if (status == PS_OK) status = ps_store_end(domains->store, put_vouched(domains, err), err);
    return status == PS_OK ? end_spell(domains, err) : status;
}

// Nobody vouches for what is written now, whoever vouches later.
static ps_status doubt(void *context, ps_error *err)
{
    ps_domain_store *domains = context;
    ps_status status = flush(domains, err);

    return status == PS_OK ? end_spell(domains, err) : status;
}

// Numbers that records have no room for name nobody.
static ps_status name_resolvers(void *context, const char *names, ps_error *err)
{
    ps_domain_store *domains = context;
    ps_statement statement = {0};
    bool row = false;
    ps_status status = doubt(domains, err); // what an earlier run left

    domains->looked = false;
    if (status == PS_OK) {
        status = ps_statement_open(domains->store,
                                   "INSERT INTO domain_resolvers(names) VALUES(?) "
                                   "ON CONFLICT(names) DO UPDATE SET names = excluded.names RETURNING id",
                                   &statement, err);
    }
    if (status == PS_OK) {
        ps_statement_bind_text(&statement, 1, names);
        status = ps_statement_step(&statement, &row, err);
    }
    int64_t number = status == PS_OK && row ? ps_statement_int(&statement, 0) : 0;
    domains->resolvers = number > UINT16_MAX ? 0 : (uint16_t)number;
    if (status == PS_OK && row) status = ps_statement_run(&statement, err); // to its end, which commits it
    ps_statement_close(&statement);
    return status;
}

// ---- listing

typedef struct listing {
    ps_arena arena;
    struct named {
        ps_span name, record; // in the arena
    } * items;
    size_t count, capacity;
} listing;

static ps_status collect_page(const ps_domain_store *domains, const ps_domain_page *page, listing *out, ps_error *err)
{
    for (size_t i = 0; i < page->bytes.count; i++) {
        ps_span bytes = ps_arena_copy(&out->arena, ps_domain_page_record(page, i));
        ps_domain_record record = {.key = page->bytes.keys[i]};
        if (!ps_domain_record_read(bytes, &record)) return ps_domain_store_damaged(domains->store, err);
        if (record.name.len == 0) continue; // it was seen, and that is all
        ps_status status =
            ps_memory_grow((void **)&out->items, &out->capacity, out->count + 1, sizeof *out->items, err);
        if (status != PS_OK) return status;
        out->items[out->count++] = (struct named){record.name, bytes};
    }
    return PS_OK;
}

static ps_status collect(ps_domain_store *domains, listing *out, ps_error *err)
{
    ps_domain_page page = {.bytes = {.last = 0}};
    ps_statement get = {0};
    ps_status status = ps_domain_page_prepare(domains->store, &get, err);

    if (status == PS_OK) status = ps_arena_open(PS_ARENA_RUN_BYTES, &out->arena, err);
    for (uint64_t key = 0; status == PS_OK && page.bytes.last != UINT64_MAX; key = page.bytes.last + 1) {
        status = ps_domain_page_read(&get, key, &page, err);
        if (status == PS_OK) status = collect_page(domains, &page, out, err);
    }
    ps_statement_close(&get);
    return status;
}

static int compare_named(const void *a, const void *b)
{
    return ps_span_compare(((const struct named *)a)->name, ((const struct named *)b)->name);
}

typedef struct telling {
    ps_statement resolvers;
    ps_domain_visit *visit;
    void *context;
} telling;

static ps_status tell(const ps_domain_store *domains, telling *to, const struct named *item, ps_error *err)
{
    ps_domain_record record = {.key = 0};
    bool row = false;

    (void)ps_domain_record_read(item->record, &record); // it was read before
    ps_statement_bind_int(&to->resolvers, 1, record.resolvers);
    ps_status status = ps_statement_step(&to->resolvers, &row, err);
    if (status != PS_OK) return status;
    ps_domain_line line = {.expires_s = record.expires_s, .resolvers = row ? ps_statement_text(&to->resolvers, 0) : ""};
    take_record(domains, &record, &line.entry);
    line.entry.answer.domain = item->name;
    status = to->visit(to->context, &line, err);
    return status == PS_OK && row ? ps_statement_run(&to->resolvers, err) : status;
}

ps_status ps_domain_store_each(ps_domain_store *domains, ps_domain_visit *visit, void *context, ps_error *err)
{
    listing all = {.count = 0};
    telling to = {.visit = visit, .context = context};
    ps_status status = flush(domains, err);

    if (status == PS_OK) status = look(domains, err);
    if (status == PS_OK) status = collect(domains, &all, err);
    if (status == PS_OK)
        status =
            ps_statement_open(domains->store, "SELECT names FROM domain_resolvers WHERE id = ?", &to.resolvers, err);
    if (all.count > 0) qsort(all.items, all.count, sizeof *all.items, compare_named);
    for (size_t i = 0; status == PS_OK && i < all.count; i++)
        status = tell(domains, &to, &all.items[i], err);
    ps_statement_close(&to.resolvers);
    ps_memory_free(all.items);
    ps_arena_close(&all.arena);
    return status;
}

ps_status ps_domain_store_clear(ps_domain_store *domains, uint64_t *out_count, ps_error *err)
{
    ps_status status = flush(domains, err);

    if (status == PS_OK) status = ps_domain_forget(domains->store, out_count, err);
    if (status != PS_OK) return status;
    forget_pages(domains);
    return look(domains, err);
}

// ---- open, close

static ps_status prepare(ps_domain_store *domains, ps_error *err)
{
    // What is written in a run goes to the file once, not every megabyte: 64 MiB in a new one's pages.
    ps_status status = ps_store_execute(domains->store, "PRAGMA wal_autocheckpoint = 4096", err);

    if (status == PS_OK) status = ps_domain_pages_open(domains->store, &domains->pages, err);
    return status == PS_OK
               ? ps_domain_log_open(domains->store, "INSERT INTO domain_log(at, records, sum) VALUES(?, ?, ?)",
                                    &domains->log, err)
               : status;
}

ps_status ps_domain_store_open(ps_store *store, const ps_domain_store_options *options, ps_domain_store **out,
                               ps_error *err)
{
    ps_domain_store *domains = ps_memory_new(1, sizeof *domains, err);

    if (domains == NULL) return PS_RETRY;
    domains->store = store;
    domains->lifetime_s = (int64_t)options->lifetime_days * DAY_S;
    domains->as_of = options->as_of;
    domains->glances_max = SIZE_MAX;
    domains->now_s = options->now_s == NULL ? ps_clock_now_s : options->now_s;
    ps_status status = prepare(domains, err);
    if (status == PS_OK) {
        *out = domains;
    } else {
        ps_domain_store_close(domains);
    }
    return status;
}

void ps_domain_store_close(ps_domain_store *domains)
{
    if (domains == NULL) return;
    ps_domain_pages_close(&domains->pages);
    ps_domain_index_close(&domains->index);
    ps_domain_log_close(&domains->log);
    ps_store_end_bulk(domains->store);
    ps_memory_free(domains);
}

void ps_domain_store_cache(ps_domain_store *domains, ps_domain_cache *out)
{
    *out = (ps_domain_cache){.context = domains,
                             .find = find,
                             .glance = glance,
                             .is_large = is_large,
                             .keep = keep,
                             .vouch = vouch,
                             .doubt = doubt,
                             .flush = flush,
                             .resolvers = name_resolvers};
}
