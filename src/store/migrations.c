// The forms that the file has had: each step brings it from one version to the next. All steps that a file lacks are
// one transaction, as a new file lacks them all.

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

#include "store/domain_merge.h"
#include "store/listings.h"
#include "store/pages.h"

// `PSND`: a program that finds the file can tell whose it is.
#define APPLICATION_ID 0x50534E44
#define TEXT_OF(value) TEXT_OF_EXPANDED(value)
#define TEXT_OF_EXPANDED(value) #value

static ps_status begin_file(const ps_store *store, ps_error *err)
{
    unsigned char key[PS_LISTING_KEY_BYTES];
    ps_statement statement = {0};

    if (getrandom(key, sizeof key, 0) != (ssize_t)sizeof key) {
        return ps_error_set(err, PS_RETRY, "The system gives no random numbers.");
    }
    ps_status status =
        ps_statement_open(store, "INSERT INTO meta(name, value) VALUES('digest_key', ?)", &statement, err);
    if (status == PS_OK) {
        ps_statement_bind_bytes(&statement, 1, key, sizeof key);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status == PS_OK ? ps_store_execute(store, "PRAGMA application_id = " TEXT_OF(APPLICATION_ID), err) : status;
}

// Days count from 1970-01-01, reasons by the numbers of reason.def.
static const struct {
    const char *sql;
    ps_status (*further)(const ps_store *store, ps_error *err); // what SQL alone cannot do; or NULL
} migrations[] = {
    {"CREATE TABLE meta(name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;"
     "CREATE TABLE jobs(id INTEGER PRIMARY KEY, name TEXT NOT NULL, campaign TEXT NOT NULL, UNIQUE(name, campaign)) "
     "STRICT;"
     "CREATE TABLE runs(id INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, job INTEGER NOT NULL REFERENCES jobs(id), "
     "settled INTEGER NOT NULL CHECK(settled IN (0, 1)), as_of INTEGER NOT NULL, timezone TEXT NOT NULL, "
     "owner TEXT NOT NULL, directory TEXT NOT NULL, retain_days INTEGER NOT NULL, "
     "started_s INTEGER NOT NULL, finished_s INTEGER NOT NULL, rows INTEGER NOT NULL, clean INTEGER NOT NULL, "
     "winback INTEGER NOT NULL, held INTEGER NOT NULL, removed INTEGER NOT NULL) STRICT;"
     "CREATE INDEX runs_by_day ON runs(job, as_of, id);"
     "CREATE TABLE run_reasons(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, reason INTEGER NOT NULL, "
     "decided INTEGER NOT NULL, removed INTEGER NOT NULL, PRIMARY KEY(run, reason)) STRICT, WITHOUT ROWID;"
     "CREATE TABLE run_listed(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, "
     "key BLOB NOT NULL CHECK(length(key) = 16), PRIMARY KEY(run, key)) STRICT, WITHOUT ROWID;"
     "CREATE TABLE listings(key BLOB PRIMARY KEY CHECK(length(key) = 16), job INTEGER NOT NULL REFERENCES jobs(id), "
     "listed_at INTEGER NOT NULL, sent_at INTEGER) STRICT, WITHOUT ROWID;",
     begin_file},
    // Suppression lists as their ESPs tell them; times in seconds since 1970, 0 for never. What is being read waits in
    // suppression_staged until its source is whole.
    {"CREATE TABLE suppression_sources(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, type TEXT NOT NULL, "
     "origin TEXT NOT NULL) STRICT;"
     "CREATE TABLE suppression_lists(id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES "
     "suppression_sources(id), name TEXT NOT NULL, allowlist INTEGER NOT NULL, whole_s INTEGER NOT NULL, "
     "full_s INTEGER NOT NULL, count INTEGER NOT NULL, sum BLOB NOT NULL CHECK(length(sum) = 16), "
     "UNIQUE(source, name)) STRICT;"
     "CREATE TABLE suppression_entries(list INTEGER NOT NULL, text TEXT NOT NULL, scope TEXT NOT NULL, "
     "kind INTEGER NOT NULL, class INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, "
     "created_s INTEGER NOT NULL, expires_s INTEGER NOT NULL, first_seen_s INTEGER NOT NULL, gone_s INTEGER NOT NULL, "
     "PRIMARY KEY(list, text, scope)) STRICT, WITHOUT ROWID;"
     "CREATE TABLE suppression_readings(list INTEGER PRIMARY KEY REFERENCES suppression_lists(id), "
     "since_s INTEGER NOT NULL, started_s INTEGER NOT NULL, token TEXT NOT NULL, ended INTEGER NOT NULL, "
     "pages INTEGER NOT NULL, entries INTEGER NOT NULL) STRICT;"
     "CREATE TABLE suppression_staged(list INTEGER NOT NULL, text TEXT NOT NULL, scope TEXT NOT NULL, "
     "kind INTEGER NOT NULL, class INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, "
     "created_s INTEGER NOT NULL, expires_s INTEGER NOT NULL, PRIMARY KEY(list, text, scope)) STRICT, WITHOUT ROWID;"
     "CREATE TABLE suppression_departed(id INTEGER PRIMARY KEY, list INTEGER NOT NULL REFERENCES "
     "suppression_lists(id), event INTEGER NOT NULL, at_s INTEGER NOT NULL, text TEXT NOT NULL, scope TEXT NOT NULL, "
     "kind INTEGER NOT NULL, class INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, "
     "created_s INTEGER NOT NULL, expires_s INTEGER NOT NULL, first_seen_s INTEGER NOT NULL, who TEXT NOT NULL, "
     "why TEXT NOT NULL) STRICT;"
     "CREATE INDEX suppression_departed_by_time ON suppression_departed(list, at_s);"
     "CREATE TABLE suppression_syncs(id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES "
     "suppression_sources(id), started_s INTEGER NOT NULL, full INTEGER NOT NULL, pages INTEGER NOT NULL, "
     "fetched INTEGER NOT NULL, added INTEGER NOT NULL, changed INTEGER NOT NULL, returned INTEGER NOT NULL, "
     "lifted INTEGER NOT NULL, kept INTEGER NOT NULL, held_back INTEGER NOT NULL) STRICT;"
     "CREATE INDEX suppression_syncs_by_source ON suppression_syncs(source, started_s);",
     NULL},
    // What DNS said of domains (store/domains.c), and what published runs knew of them; times in seconds since 1970. An
    // answer that nobody vouched for is not `sure`.
    {"CREATE TABLE domain_resolvers(id INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE) STRICT;"
     "CREATE TABLE domains(name TEXT NOT NULL PRIMARY KEY, verdict INTEGER NOT NULL DEFAULT 0, "
     "reason INTEGER NOT NULL DEFAULT 0, warnings TEXT NOT NULL DEFAULT '', servers TEXT NOT NULL DEFAULT '', "
     "ttl_s INTEGER NOT NULL DEFAULT 0, checked_s INTEGER NOT NULL DEFAULT 0, expires_s INTEGER NOT NULL DEFAULT 0, "
     "sources INTEGER NOT NULL DEFAULT 0, sure INTEGER NOT NULL DEFAULT 1, resolvers INTEGER NOT NULL DEFAULT 0, "
     "failures INTEGER NOT NULL DEFAULT 0, first_failed_s INTEGER NOT NULL DEFAULT 0, "
     "past INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"
     "CREATE INDEX domains_unsure ON domains(sure) WHERE sure = 0;",
     NULL},
    // What a run will have made of domains once it is published.
    {"CREATE TABLE run_domains(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, name TEXT NOT NULL, "
     "past INTEGER NOT NULL, PRIMARY KEY(run, name)) STRICT, WITHOUT ROWID;",
     NULL},
    // How many entries each source had: a list that shrank is seen by the next run.
    {"CREATE TABLE run_sources(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, name TEXT NOT NULL, "
     "entries INTEGER NOT NULL, PRIMARY KEY(run, name)) STRICT, WITHOUT ROWID;",
     NULL},
    // Over a source and its lists: one flipped bit makes an allowlist of a list, or leaves it to nobody. NULL: not yet.
    {"ALTER TABLE suppression_sources ADD COLUMN seal BLOB;", NULL},
    // The past of a domain since the day `past_since`, and before: a run made again on its day is judged as it was.
    {"ALTER TABLE domains ADD COLUMN past_since INTEGER NOT NULL DEFAULT -2147483648;"
     "ALTER TABLE domains ADD COLUMN past_before INTEGER NOT NULL DEFAULT 0;",
     NULL},
    // Who was listed, many to a row (store/listings.c).
    {"CREATE TABLE run_listed_pages(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, "
     "number INTEGER NOT NULL, keys BLOB NOT NULL, sum BLOB NOT NULL CHECK(length(sum) = 16), "
     "PRIMARY KEY(run, number)) STRICT, WITHOUT ROWID;"
     "CREATE TABLE listing_pages(first BLOB PRIMARY KEY CHECK(length(first) = 16), listings BLOB NOT NULL, "
     "sum BLOB NOT NULL CHECK(length(sum) = 16)) STRICT, WITHOUT ROWID;",
     ps_listings_pack},
    // Whom a message about new entries did not reach (store/alerts.h).
    {"CREATE TABLE alerts_owed(room TEXT NOT NULL, source INTEGER NOT NULL REFERENCES suppression_sources(id), "
     "since_s INTEGER NOT NULL, PRIMARY KEY(room, source)) STRICT, WITHOUT ROWID;",
     NULL},
    // The order-free sum of a list's pages that wait. Those that wait now have none, and are read again.
    {"DELETE FROM suppression_staged; DELETE FROM suppression_readings;"
     "ALTER TABLE suppression_readings ADD COLUMN sum BLOB NOT NULL DEFAULT x'00000000000000000000000000000000' "
     "CHECK(length(sum) = 16);",
     NULL},
    // What the addresses that a reason removed are a share of. Of earlier runs it is not known how many rows that were
    // removed for another reason named an address once more.
    {"ALTER TABLE runs ADD COLUMN addresses INTEGER NOT NULL DEFAULT 0;"
     "UPDATE runs SET addresses = rows - (SELECT coalesce(sum(decided), 0) FROM run_reasons WHERE run = runs.id AND "
     "reason IN (56, 2));",
     NULL},
    // Entries, many to a row (store/pages.h), and those that wait (store/waiting.h). What waits now is read again.
    {"DROP TABLE suppression_staged; DELETE FROM suppression_readings;"
     "CREATE TABLE suppression_pages(list INTEGER NOT NULL, text TEXT NOT NULL, scope TEXT NOT NULL, "
     "entries BLOB NOT NULL, PRIMARY KEY(list, text, scope)) STRICT, WITHOUT ROWID;"
     "CREATE TABLE suppression_waiting(list INTEGER NOT NULL, run INTEGER NOT NULL, number INTEGER NOT NULL, "
     "entries BLOB NOT NULL, PRIMARY KEY(list, run, number)) STRICT, WITHOUT ROWID;",
     ps_pages_pack},
    // What is known of domains, many to a row (store/domain_pages.h, store/domain_log.h).
    {"CREATE TABLE domain_pages(first INTEGER PRIMARY KEY, records BLOB NOT NULL, sum BLOB NOT NULL "
     "CHECK(length(sum) = 16)) STRICT;"
     "CREATE TABLE domain_log(at INTEGER PRIMARY KEY, records BLOB NOT NULL, sum BLOB NOT NULL "
     "CHECK(length(sum) = 16)) STRICT;"
     "CREATE TABLE domain_vouched(segment INTEGER PRIMARY KEY) STRICT;"
     "CREATE TABLE run_domain_log(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, at INTEGER NOT NULL, "
     "records BLOB NOT NULL, sum BLOB NOT NULL CHECK(length(sum) = 16), PRIMARY KEY(run, at)) STRICT, WITHOUT ROWID;",
     ps_domains_pack},
    // Who was listed, in tables with row numbers. Without them SQLite reads whole rows to find a place among them: a
    // megabyte for each row that was put there.
    {"CREATE TABLE run_listed_numbered(run INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE, "
     "number INTEGER NOT NULL, keys BLOB NOT NULL, sum BLOB NOT NULL CHECK(length(sum) = 16), "
     "PRIMARY KEY(run, number)) STRICT;"
     "INSERT INTO run_listed_numbered(run, number, keys, sum) SELECT run, number, keys, sum FROM run_listed_pages "
     "ORDER BY run, number;"
     "DROP TABLE run_listed_pages; ALTER TABLE run_listed_numbered RENAME TO run_listed_pages;"
     "CREATE TABLE listing_numbered(first BLOB PRIMARY KEY NOT NULL CHECK(length(first) = 16), listings BLOB NOT NULL, "
     "sum BLOB NOT NULL CHECK(length(sum) = 16)) STRICT;"
     "INSERT INTO listing_numbered(first, listings, sum) SELECT first, listings, sum FROM listing_pages "
     "ORDER BY first;"
     "DROP TABLE listing_pages; ALTER TABLE listing_numbered RENAME TO listing_pages;",
     NULL},
};

static ps_status number_of(const ps_store *store, const char *sql, int64_t *out, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(store, sql, &statement, err);

    if (status == PS_OK) status = ps_statement_step(&statement, &row, err);
    if (status == PS_OK) *out = row ? ps_statement_int(&statement, 0) : 0;
    ps_statement_close(&statement);
    return status;
}

static ps_status foreign(const ps_store *store, ps_error *err)
{
    ps_error_set(err, PS_CONFIG, "The file '%s' is another program's database, not presend's state.", store->path);
    ps_error_hint(err, "Name another file as `state`; presend has not changed this one.");
    return PS_CONFIG;
}

// An empty file is ours to fill: presend makes it before SQLite opens it.
static ps_status check_program(const ps_store *store, int64_t *out_version, ps_error *err)
{
    int64_t application = 0, objects = 0;
    ps_status status = number_of(store, "PRAGMA application_id", &application, err);

    if (status == PS_OK) status = number_of(store, "PRAGMA user_version", out_version, err);
    if (status == PS_OK) status = number_of(store, "SELECT count(*) FROM sqlite_schema", &objects, err);
    if (status != PS_OK) return status;
    bool is_new = application == 0 && *out_version == 0 && objects == 0;
    if (!is_new && application != APPLICATION_ID) return foreign(store, err);
    if (*out_version < 0) return ps_store_fail(store, SQLITE_CORRUPT, err);
    if (*out_version <= (int64_t)PS_COUNT_OF(migrations)) return PS_OK;
    ps_error_set(err, PS_CONFIG,
                 "The state file '%s' was written by a newer presend: its form is %" PRId64 ", this one knows %zu.",
                 store->path, *out_version, PS_COUNT_OF(migrations));
    ps_error_hint(err, "Use the newer presend, or name another file as `state`.");
    return PS_CONFIG;
}

static ps_status migrate_one(const ps_store *store, size_t version, ps_error *err)
{
    char mark[64];
    ps_status status = ps_store_execute(store, migrations[version].sql, err);

    if (status == PS_OK && migrations[version].further != NULL) status = migrations[version].further(store, err);
    snprintf(mark, sizeof mark, "PRAGMA user_version = %zu", version + 1); // a pragma takes no bound value
    return status == PS_OK ? ps_store_execute(store, mark, err) : status;
}

ps_status ps_store_migrate(const ps_store *store, ps_error *err)
{
    int64_t version = 0;
    ps_status status = check_program(store, &version, err);

    if (status != PS_OK || version == (int64_t)PS_COUNT_OF(migrations)) return status;
    status = ps_store_begin(store, err);
    if (status != PS_OK) return status;
    for (size_t i = (size_t)version; status == PS_OK && i < PS_COUNT_OF(migrations); i++)
        status = migrate_one(store, i, err);
    return ps_store_end(store, status, err);
}
