// States of before: a row for every domain, in two tables.

#include <string.h>

#include "store/domain_log.h"
#include "store/domain_merge.h"

static const char domains_sql[] =
    "SELECT name, verdict, reason, warnings, servers, ttl_s, checked_s, expires_s, sources, sure, resolvers, failures, "
    "first_failed_s, past, past_since, past_before FROM domains";
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
    COLUMN_RESOLVERS,
    COLUMN_FAILURES,
    COLUMN_FIRST_FAILED,
    COLUMN_PAST,
    COLUMN_PAST_SINCE,
    COLUMN_PAST_BEFORE
};

// Warnings stood there by their names.
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

static uint32_t number_of(const ps_statement *row, int column, uint32_t max)
{
    uint64_t value = ps_statement_count(row, column);

    return value > max ? max : (uint32_t)value;
}

// An answer that no run could have written, and one that nobody vouched for, is left behind.
static void take_answer(const ps_statement *row, ps_domain_record *out)
{
    int64_t verdict = ps_statement_int(row, COLUMN_VERDICT), reason = ps_statement_int(row, COLUMN_REASON);
    bool none = verdict == PS_MAIL_NONE;

    if (!none && verdict != PS_MAIL_DELIVERABLE) return;
    if (reason < 0 || reason > UINT8_MAX || ps_statement_int(row, COLUMN_SURE) == 0) return;
    out->parts |= PS_RECORD_ANSWER | (none ? PS_RECORD_NO_MAIL : 0);
    out->reason = (uint8_t)reason;
    out->sources = (uint8_t)number_of(row, COLUMN_SOURCES, UINT8_MAX);
    out->resolvers = (uint16_t)(number_of(row, COLUMN_RESOLVERS, UINT16_MAX) % UINT16_MAX); // too large: nobody
    out->ttl_s = number_of(row, COLUMN_TTL, UINT32_MAX);
    out->checked_s = number_of(row, COLUMN_CHECKED, UINT32_MAX);
    out->expires_s = number_of(row, COLUMN_EXPIRES, UINT32_MAX);
    out->warnings = warnings_of(ps_statement_span(row, COLUMN_WARNINGS));
    ps_span servers = ps_statement_span(row, COLUMN_SERVERS);
    if (servers.len <= PS_RECORD_SERVERS_MAX) out->servers = servers;
}

static ps_domain_record record_of(const ps_statement *row)
{
    ps_span name = ps_statement_span(row, COLUMN_NAME);
    ps_domain_record record = {.key = ps_domain_key(name), .name = name, .past_since = PS_DAY_NONE};

    take_answer(row, &record);
    record.failures = number_of(row, COLUMN_FAILURES, UINT32_MAX);
    record.first_failed_s = number_of(row, COLUMN_FIRST_FAILED, UINT32_MAX);
    if (record.failures > 0) record.parts |= PS_RECORD_FAILURES;
    record.past = (uint8_t)(ps_statement_int(row, COLUMN_PAST) & (PS_PAST_SEEN | PS_PAST_MAIL));
    record.past_before = (uint8_t)(ps_statement_int(row, COLUMN_PAST_BEFORE) & (PS_PAST_SEEN | PS_PAST_MAIL));
    record.past_since = ps_statement_day(row, COLUMN_PAST_SINCE);
    if ((record.past | record.past_before) != 0) record.parts |= PS_RECORD_PAST;
    return record;
}

static ps_status pack_domains(const ps_store *store, ps_domain_log *log, ps_error *err)
{
    ps_statement rows = {0};
    int64_t segment = 1;
    bool row = false;
    ps_status status = ps_statement_open(store, domains_sql, &rows, err);

    if (status == PS_OK) status = ps_statement_step(&rows, &row, err);
    while (status == PS_OK && row) {
        const ps_domain_record record = record_of(&rows);
        if (record.parts != 0 && record.name.len <= PS_RECORD_NAME_MAX) ps_domain_log_add(log, &record);
        if (!ps_domain_log_has_room(log)) status = ps_domain_log_write(log, segment++, err);
        if (status == PS_OK) status = ps_statement_step(&rows, &row, err);
    }
    ps_statement_close(&rows);
    return status == PS_OK ? ps_domain_log_write(log, segment, err) : status;
}

// What runs that are not settled will have made of domains. A segment never holds domains of two of them.
static ps_status pack_runs(const ps_store *store, ps_domain_log *log, ps_error *err)
{
    ps_statement rows = {0};
    int64_t segment = 0, run = 0;
    bool row = false;
    ps_status status = ps_statement_open(
        store, "SELECT d.run, d.name, d.past, r.as_of FROM run_domains d JOIN runs r ON r.id = d.run ORDER BY d.run",
        &rows, err);

    if (status == PS_OK) status = ps_statement_step(&rows, &row, err);
    while (status == PS_OK && row) {
        int64_t next = ps_statement_int(&rows, 0);
        if (!ps_domain_log_has_room(log) || next != run) status = ps_domain_log_write(log, segment++, err);
        if (status != PS_OK) break;
        run = next;
        ps_statement_bind_int(&log->put, 4, run);
        const ps_domain_record record = {.key = ps_domain_key(ps_statement_span(&rows, 1)),
                                         .parts = PS_RECORD_PAST,
                                         .past = (uint8_t)(ps_statement_int(&rows, 2) & (PS_PAST_SEEN | PS_PAST_MAIL)),
                                         .past_since = ps_statement_day(&rows, 3)};
        ps_domain_log_add(log, &record);
        status = ps_statement_step(&rows, &row, err);
    }
    ps_statement_close(&rows);
    return status == PS_OK ? ps_domain_log_write(log, segment, err) : status;
}

ps_status ps_domains_pack(const ps_store *store, ps_error *err)
{
    ps_domain_log log = {.count = 0};
    ps_status status = ps_domain_log_open(store, "INSERT INTO domain_log(at, records, sum) VALUES(?, ?, ?)", &log, err);

    if (status == PS_OK) status = pack_domains(store, &log, err);
    ps_domain_log_close(&log);
    if (status == PS_OK)
        status = ps_domain_log_open(store, "INSERT INTO run_domain_log(at, records, sum, run) VALUES(?, ?, ?, ?)", &log,
                                    err);
    if (status == PS_OK) status = pack_runs(store, &log, err);
    ps_domain_log_close(&log);
    return status == PS_OK ? ps_store_execute(store, "DROP TABLE domains; DROP TABLE run_domains", err) : status;
}
