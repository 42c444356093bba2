#include "store/domains.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/database.h"

enum {
    HOUR_S = 3600,
    DAY_S = 24 * HOUR_S,
    NO_MAIL_LEAST_S = HOUR_S, // some zones say 60 seconds, and would be asked in every run
    NO_MAIL_MOST_S = DAY_S, // RFC 2308 5 calls more than a day problematic; a removal must not outlive its cause
    STALE_DAYS_MAX = 30, // since it was checked, that "takes mail" may stand in for an answer that does not come
    KEPT_MAX = 32768, // many seconds' answers of a polite run; sorted, they touch each page of the file once
    SERVERS_SIZE = 1536, // PS_DOMAIN_SERVERS_MAX names of 253 octets and the blanks between
};

#define KEPT_BYTES ((size_t)256 << 20) // address space for the texts of as many answers
static_assert(PS_DOMAIN_SERVERS_MAX * 254 <= SERVERS_SIZE, "names of mail servers do not fit");

struct ps_domain_store {
    ps_store *store;
    int64_t lifetime_s;
    ps_day as_of;
    int64_t (*now_s)(void);
    ps_statement find, keep, fail;
    bool empty; // nobody needs to look
    int64_t resolvers; // their number
    ps_domain_answer *kept; // not on disk yet; texts in `texts`
    size_t kept_count;
    ps_arena texts;
    char servers[SERVERS_SIZE]; // of the last one found
};

#define COLUMNS                                                                                                        \
    "name, verdict, reason, warnings, servers, ttl_s, checked_s, expires_s, sources, sure, failures, first_failed_s, " \
    "past, past_since, past_before"
enum {
    COLUMN_NAME,
    COLUMN_VERDICT,
    COLUMN_REASON,
    COLUMN_WARNINGS,
    COLUMN_SERVERS,
    COLUMN_TTL,
    COLUMN_CHECKED,
    COLUMN_EXPIRES,
    COLUMN_SOURCES,
    COLUMN_SURE,
    COLUMN_FAILURES,
    COLUMN_FIRST_FAILED,
    COLUMN_PAST,
    COLUMN_PAST_SINCE,
    COLUMN_PAST_BEFORE,
    COLUMN_RESOLVERS // of a listing
};

static const char find_sql[] = "SELECT " COLUMNS " FROM domains WHERE name = ?";
static const char each_sql[] =
    "SELECT " COLUMNS ", coalesce((SELECT names FROM domain_resolvers WHERE id = resolvers), '') FROM domains "
    "ORDER BY name";
static const char keep_sql[] =
    "INSERT INTO domains(name, verdict, reason, warnings, servers, ttl_s, checked_s, expires_s, sources, sure, "
    "resolvers) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT(name) DO UPDATE SET verdict = excluded.verdict, reason = excluded.reason, "
    "warnings = excluded.warnings, servers = excluded.servers, ttl_s = excluded.ttl_s, "
    "checked_s = excluded.checked_s, expires_s = excluded.expires_s, sources = excluded.sources, "
    "sure = excluded.sure, resolvers = excluded.resolvers, failures = 0, first_failed_s = 0";
static const char fail_sql[] = "INSERT INTO domains(name, failures, first_failed_s) VALUES(?1, 1, ?2) "
                               "ON CONFLICT(name) DO UPDATE SET failures = failures + 1, "
                               "first_failed_s = iif(first_failed_s = 0, excluded.first_failed_s, first_failed_s)";

// ---- reading

// Warnings are written by their names, which never change.
static ps_findings warnings_of(ps_span words)
{
    ps_findings warnings = 0;

    while (words.len > 0) {
        const char *blank = memchr(words.bytes, ' ', words.len);
        size_t len = blank == NULL ? words.len : (size_t)(blank - words.bytes), used = blank == NULL ? len : len + 1;
        ps_reason reason;
        bool known = ps_reason_find((ps_span){words.bytes, len}, PS_REASON_STAGE_DOMAIN, &reason);
        if (known && (int)reason < PS_FINDING_COUNT_MAX) warnings |= (ps_findings)1 << reason;
        words = (ps_span){words.bytes + used, words.len - used};
    }
    return warnings;
}

// A line that does not say what a run could have written is none: the domain is asked again.
static bool is_verdict(int64_t verdict, int64_t number)
{
    const ps_reason_info *info = number < 0 || number >= PS_REASON_NUMBER_MAX ? NULL : ps_reason_get((ps_reason)number);
    if (info == NULL || info->stage != PS_REASON_STAGE_DOMAIN) return false;
    return verdict == PS_MAIL_DELIVERABLE || verdict == PS_MAIL_NONE;
}

static ps_cached kind_of(const ps_domain_store *domains, const ps_statement *row)
{
    int64_t verdict = ps_statement_int(row, COLUMN_VERDICT), now = domains->now_s();
    int64_t checked = ps_statement_int(row, COLUMN_CHECKED);
    // A clock that was set back must not keep an answer for ever.
    bool fresh = now < ps_statement_int(row, COLUMN_EXPIRES) && checked <= now + DAY_S;

    if (!is_verdict(verdict, ps_statement_int(row, COLUMN_REASON))) return PS_CACHED_NOTHING;
    if (verdict == PS_MAIL_NONE) {
        // The word of resolvers that lied, or were not looked at again, is none.
        if (ps_statement_int(row, COLUMN_SURE) == 0) return PS_CACHED_NOTHING;
        return fresh ? PS_CACHED_FRESH : PS_CACHED_STALE_NO_MAIL;
    }
    if (fresh) return PS_CACHED_FRESH;
    return now - checked <= (int64_t)STALE_DAYS_MAX * DAY_S ? PS_CACHED_STALE_MAIL : PS_CACHED_NOTHING;
}

static ps_span take_servers(ps_domain_store *domains, const ps_statement *row)
{
    ps_span servers = ps_statement_span(row, COLUMN_SERVERS);

    if (servers.len >= sizeof domains->servers) return (ps_span){0}; // nobody wrote such a line
    memcpy(domains->servers, servers.bytes, servers.len);
    return (ps_span){domains->servers, servers.len};
}

static unsigned past_of(const ps_domain_store *domains, const ps_statement *row)
{
    bool since = ps_statement_int(row, COLUMN_PAST_SINCE) < domains->as_of;

    return (unsigned)ps_statement_int(row, since ? COLUMN_PAST : COLUMN_PAST_BEFORE);
}

static void take_row(ps_domain_store *domains, const ps_statement *row, ps_cache_entry *out)
{
    *out = (ps_cache_entry){.kind = kind_of(domains, row),
                            .failures = (uint32_t)ps_statement_count(row, COLUMN_FAILURES),
                            .first_failed_s = ps_statement_int(row, COLUMN_FIRST_FAILED)};
    ps_domain_fact *fact = &out->answer.fact;
    *fact = (ps_domain_fact){.reason = PS_REASON_NOT_CHECKED, .checked = PS_DAY_NONE};
    fact->past = past_of(domains, row) & (PS_PAST_SEEN | PS_PAST_MAIL);
    if (out->kind == PS_CACHED_NOTHING) return;
    out->answer.checked_s = ps_statement_int(row, COLUMN_CHECKED);
    out->answer.ttl_s = (uint32_t)ps_statement_count(row, COLUMN_TTL);
    out->answer.sources = (uint8_t)ps_statement_count(row, COLUMN_SOURCES);
    out->answer.servers = take_servers(domains, row);
    fact->verdict = (ps_mail_verdict)ps_statement_int(row, COLUMN_VERDICT);
    fact->reason = (ps_reason)ps_statement_int(row, COLUMN_REASON);
    fact->warnings = warnings_of(ps_statement_span(row, COLUMN_WARNINGS));
    fact->checked = (ps_day)(out->answer.checked_s / DAY_S);
    fact->cached = true;
}

static ps_status find(void *context, ps_span domain, ps_cache_entry *out, ps_error *err)
{
    ps_domain_store *domains = context;
    bool row = false;

    *out = (ps_cache_entry){.kind = PS_CACHED_NOTHING};
    out->answer.fact = (ps_domain_fact){.reason = PS_REASON_NOT_CHECKED, .checked = PS_DAY_NONE};
    if (domains->empty) return PS_OK;
    ps_statement_bind_span(&domains->find, 1, domain);
    ps_status status = ps_statement_step(&domains->find, &row, err);
    if (status != PS_OK || !row) return status;
    take_row(domains, &domains->find, out);
    out->answer.domain = domain;
    return ps_statement_run(&domains->find, err); // there is no second row; a read that is open holds back checkpoints
}

// ---- writing

// Of two about one domain the later one, which lies further on in the arena, is written last.
static int compare_answers(const void *a, const void *b)
{
    ps_span left = ((const ps_domain_answer *)a)->domain, right = ((const ps_domain_answer *)b)->domain;
    int order = ps_span_compare(left, right);

    if (order != 0) return order;
    return left.bytes < right.bytes ? -1 : left.bytes > right.bytes;
}

static void write_warnings(ps_findings warnings, ps_arena *arena, ps_span *out)
{
    enum { WORDS_SIZE = 256 }; // a domain has three or four
    char *words = ps_arena_take(arena, WORDS_SIZE);
    size_t len = 0;

    for (unsigned n = 0; n < PS_FINDING_COUNT_MAX && warnings != 0; n++) {
        if (!ps_findings_has(warnings, (ps_reason)n)) continue;
        ps_span word = ps_span_of(ps_reason_get((ps_reason)n)->wire);
        if (len + word.len + 1 > WORDS_SIZE) break;
        if (len > 0) words[len++] = ' ';
        memcpy(words + len, word.bytes, word.len);
        len += word.len;
        warnings &= ~((ps_findings)1 << n);
    }
    *out = (ps_span){words, len};
}

static int64_t lifetime_of(const ps_domain_store *domains, const ps_domain_answer *answer)
{
    if (answer->fact.verdict == PS_MAIL_DELIVERABLE) return domains->lifetime_s;
    if (answer->ttl_s < NO_MAIL_LEAST_S) return NO_MAIL_LEAST_S;
    return answer->ttl_s > NO_MAIL_MOST_S ? NO_MAIL_MOST_S : answer->ttl_s;
}

static ps_status write_answer(ps_domain_store *domains, const ps_domain_answer *answer, ps_error *err)
{
    ps_statement *put = &domains->keep;
    ps_span warnings = {0};

    if (answer->fact.warnings != 0) write_warnings(answer->fact.warnings, &domains->texts, &warnings);
    ps_statement_bind_span(put, 1, answer->domain);
    ps_statement_bind_int(put, 2, answer->fact.verdict);
    ps_statement_bind_int(put, 3, answer->fact.reason);
    ps_statement_bind_span(put, 4, warnings);
    ps_statement_bind_span(put, 5, answer->servers);
    ps_statement_bind_int(put, 6, answer->ttl_s);
    ps_statement_bind_int(put, 7, answer->checked_s);
    ps_statement_bind_int(put, 8, answer->checked_s + lifetime_of(domains, answer));
    ps_statement_bind_int(put, 9, answer->sources);
    ps_statement_bind_int(put, 10, answer->fact.verdict == PS_MAIL_DELIVERABLE);
    ps_statement_bind_int(put, 11, domains->resolvers);
    return ps_statement_run(put, err);
}

static ps_status write_failure(ps_domain_store *domains, const ps_domain_answer *answer, ps_error *err)
{
    ps_statement_bind_span(&domains->fail, 1, answer->domain);
    ps_statement_bind_int(&domains->fail, 2, answer->checked_s);
    return ps_statement_run(&domains->fail, err);
}

static ps_status flush(void *context, ps_error *err)
{
    ps_domain_store *domains = context;

    if (domains->kept_count == 0) return PS_OK;
    qsort(domains->kept, domains->kept_count, sizeof *domains->kept, compare_answers);
    ps_status status = ps_store_begin(domains->store, err);
    if (status != PS_OK) return status;
    for (size_t i = 0; i < domains->kept_count && status == PS_OK; i++) {
        const ps_domain_answer *answer = &domains->kept[i];
        bool failed = answer->fact.verdict == PS_MAIL_UNKNOWN;
        status = failed ? write_failure(domains, answer, err) : write_answer(domains, answer, err);
    }
    domains->kept_count = 0;
    ps_arena_reset(&domains->texts);
    domains->empty = false;
    return ps_store_end(domains->store, status, err);
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

static ps_status keep(void *context, const ps_domain_answer *answer, ps_error *err)
{
    ps_domain_store *domains = context;

    assert(!answer->fact.cached && answer->servers.len < SERVERS_SIZE);
    if (answer->fact.verdict == PS_MAIL_UNKNOWN && !is_failure_of_domain(answer->fact.reason)) return PS_OK;
    ps_domain_answer *kept = &domains->kept[domains->kept_count++];
    *kept = *answer;
    kept->domain = ps_arena_copy(&domains->texts, answer->domain);
    kept->servers = answer->servers.len == 0 ? (ps_span){0} : ps_arena_copy(&domains->texts, answer->servers);
    return domains->kept_count == KEPT_MAX ? flush(domains, err) : PS_OK;
}

static ps_status vouch(void *context, ps_error *err)
{
    ps_domain_store *domains = context;
    ps_status status = flush(domains, err);

    if (status != PS_OK) return status;
    return ps_store_execute(domains->store, "UPDATE domains SET sure = 1 WHERE sure = 0", err);
}

static ps_status doubt(void *context, ps_error *err)
{
    ps_domain_store *domains = context;
    ps_status status = flush(domains, err);

    if (status != PS_OK) return status;
    return ps_store_execute(domains->store,
                            "UPDATE domains SET verdict = 0, reason = 0, warnings = '', servers = '', ttl_s = 0, "
                            "checked_s = 0, expires_s = 0, sources = 0, sure = 1, resolvers = 0 WHERE sure = 0",
                            err);
}

static ps_status name_resolvers(void *context, const char *names, ps_error *err)
{
    ps_domain_store *domains = context;
    ps_statement statement = {0};
    bool row = false;
    ps_status status = doubt(domains, err); // what a run left that was killed

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
    if (status == PS_OK && row) domains->resolvers = ps_statement_int(&statement, 0);
    if (status == PS_OK && row) status = ps_statement_run(&statement, err); // to its end, which commits it
    ps_statement_close(&statement);
    return status;
}

// ---- from run to run

// What is known of a domain's past once this run is published; 0: no more than before. A domain that lost its mail is
// asked about once: whoever published the run knew.
static unsigned news_of(const ps_domain_fact *fact)
{
    unsigned mail = fact->verdict == PS_MAIL_DELIVERABLE ? PS_PAST_MAIL : 0;

    if (fact->reason == PS_REASON_NOT_CHECKED) return 0;
    if (fact->verdict == PS_MAIL_UNKNOWN) mail = fact->past & PS_PAST_MAIL;
    unsigned now = PS_PAST_SEEN | mail;
    return now == fact->past ? 0 : now;
}

ps_status ps_store_put_domains(const ps_store *store, int64_t run, const ps_domains *domains, ps_error *err)
{
    ps_statement statement = {0};
    ps_status status =
        ps_statement_open(store, "INSERT INTO run_domains(run, name, past) VALUES(?, ?, ?)", &statement, err);

    for (size_t i = 0; domains != NULL && i < domains->names.count && status == PS_OK; i++) {
        unsigned news = domains->rows[i] == 0 ? 0 : news_of(&domains->facts[i]); // a snapshot may hold others
        if (news == 0) continue;
        ps_statement_bind_int(&statement, 1, run);
        ps_statement_bind_span(&statement, 2, ps_intern_text(&domains->names, i));
        ps_statement_bind_int(&statement, 3, news);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}

static ps_status visit_row(ps_domain_store *domains, const ps_statement *row, ps_domain_visit *visit, void *context,
                           ps_error *err)
{
    ps_domain_line line = {.expires_s = ps_statement_int(row, COLUMN_EXPIRES),
                           .resolvers = ps_statement_text(row, COLUMN_RESOLVERS)};

    take_row(domains, row, &line.entry);
    line.entry.answer.domain = ps_statement_span(row, COLUMN_NAME);
    return visit(context, &line, err);
}

ps_status ps_domain_store_each(ps_domain_store *domains, ps_domain_visit *visit, void *context, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = flush(domains, err);

    if (status == PS_OK) status = ps_statement_open(domains->store, each_sql, &statement, err);
    if (status == PS_OK) status = ps_statement_step(&statement, &row, err);
    while (status == PS_OK && row) {
        status = visit_row(domains, &statement, visit, context, err);
        if (status == PS_OK) status = ps_statement_step(&statement, &row, err);
    }
    ps_statement_close(&statement);
    return status;
}

ps_status ps_domain_store_clear(ps_domain_store *domains, uint64_t *out_count, ps_error *err)
{
    int64_t before = sqlite3_total_changes64(domains->store->database);
    ps_status status = flush(domains, err);

    if (status == PS_OK) status = ps_store_begin(domains->store, err);
    if (status != PS_OK) return status;
    status = ps_store_execute(domains->store,
                              "DELETE FROM domains WHERE past = 0;"
                              "UPDATE domains SET verdict = 0, reason = 0, warnings = '', servers = '', ttl_s = 0, "
                              "checked_s = 0, expires_s = 0, sources = 0, sure = 1, resolvers = 0, failures = 0, "
                              "first_failed_s = 0 WHERE verdict <> 0 OR failures <> 0",
                              err);
    *out_count = (uint64_t)(sqlite3_total_changes64(domains->store->database) - before);
    if (status == PS_OK) status = ps_store_execute(domains->store, "DELETE FROM domain_resolvers", err);
    return ps_store_end(domains->store, status, err);
}

// ---- open, close

static ps_status look_whether_empty(ps_domain_store *domains, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(domains->store, "SELECT 1 FROM domains LIMIT 1", &statement, err);

    if (status == PS_OK) status = ps_statement_step(&statement, &row, err);
    domains->empty = !row;
    ps_statement_close(&statement);
    return status;
}

static ps_status prepare(ps_domain_store *domains, ps_error *err)
{
    // Every flush touches most pages of a large file: written back to it each time they would be written twice. 64 MiB.
    ps_status status = ps_store_execute(domains->store, "PRAGMA wal_autocheckpoint = 16384", err);

    if (status == PS_OK) status = ps_statement_open(domains->store, find_sql, &domains->find, err);
    if (status == PS_OK) status = ps_statement_open(domains->store, keep_sql, &domains->keep, err);
    if (status == PS_OK) status = ps_statement_open(domains->store, fail_sql, &domains->fail, err);
    if (status == PS_OK) status = ps_arena_open(KEPT_BYTES, &domains->texts, err);
    if (status != PS_OK) return status;
    domains->kept = ps_memory_new(KEPT_MAX, sizeof *domains->kept, err);
    return domains->kept == NULL ? PS_RETRY : look_whether_empty(domains, err);
}

ps_status ps_domain_store_open(ps_store *store, const ps_domain_store_options *options, ps_domain_store **out,
                               ps_error *err)
{
    ps_domain_store *domains = ps_memory_new(1, sizeof *domains, err);

    if (domains == NULL) return PS_RETRY;
    domains->store = store;
    domains->lifetime_s = (int64_t)options->lifetime_days * DAY_S;
    domains->as_of = options->as_of;
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
    ps_statement_close(&domains->find);
    ps_statement_close(&domains->keep);
    ps_statement_close(&domains->fail);
    ps_arena_close(&domains->texts);
    ps_memory_free(domains->kept);
    ps_memory_free(domains);
}

void ps_domain_store_cache(ps_domain_store *domains, ps_domain_cache *out)
{
    *out = (ps_domain_cache){.context = domains,
                             .find = find,
                             .keep = keep,
                             .vouch = vouch,
                             .doubt = doubt,
                             .flush = flush,
                             .resolvers = name_resolvers};
}
