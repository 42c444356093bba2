// Who was listed for win-back, and which lists were mailed.

#include <stdio.h>
#include <string.h>

#include "store/database.h"

static ps_status read_key(ps_store *store, unsigned char out[PS_LISTING_KEY_BYTES], ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(store, "SELECT value FROM meta WHERE name = 'digest_key'", &statement, err);

    if (status == PS_OK) status = ps_statement_step(&statement, &row, err);
    if (status == PS_OK) {
        const void *key = row ? sqlite3_column_blob(statement.handle, 0) : NULL;
        bool whole = key != NULL && sqlite3_column_bytes(statement.handle, 0) == PS_LISTING_KEY_BYTES;
        if (whole) memcpy(out, key, PS_LISTING_KEY_BYTES);
        if (!whole) status = ps_store_fail(store, SQLITE_CORRUPT, err); // without the key no listing can be found again
    }
    ps_statement_close(&statement);
    return status;
}

static ps_status take_listing(const ps_statement *statement, ps_day as_of, ps_listings *out, ps_error *err)
{
    ps_listing listing = {.listed_at = ps_statement_day(statement, 1), .sent_at = ps_statement_day(statement, 2)};
    bool own = ps_statement_int(statement, 3) != 0;

    // A run that is made again lists the same people again; they are pending only from the next day on.
    if (listing.listed_at > as_of || (own && listing.listed_at == as_of)) listing.listed_at = PS_DAY_NONE;
    if (listing.sent_at > as_of) listing.sent_at = PS_DAY_NONE;
    if (listing.listed_at == PS_DAY_NONE && listing.sent_at == PS_DAY_NONE) return PS_OK;
    return ps_listings_add(out, ps_statement_hash(statement, 0), listing, err);
}

ps_status ps_store_listings(ps_store *store, const ps_store_job *job, ps_day as_of, ps_listings *out, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = read_key(store, out->key, err);

    if (status != PS_OK) return status;
    status = ps_statement_open(store,
                               "SELECT key, listed_at, sent_at, name = ?1 AND campaign = ?2 FROM listings "
                               "JOIN jobs ON jobs.id = job",
                               &statement, err);
    if (status == PS_OK) {
        ps_statement_bind_text(&statement, 1, job->name);
        ps_statement_bind_text(&statement, 2, job->campaign);
        status = ps_statement_step(&statement, &row, err);
    }
    while (status == PS_OK && row) {
        status = take_listing(&statement, as_of, out, err);
        if (status == PS_OK) status = ps_statement_step(&statement, &row, err);
    }
    ps_statement_close(&statement);
    return status;
}

static ps_status unknown_run(const ps_store *store, const char *run_id, ps_error *err)
{
    ps_error_set(err, PS_MISSING, "The state file '%s' does not know the run %s.", store->path, run_id);
    ps_error_hint(err, "Name the job that made the set with --job JOB.yaml, or its state with --state FILE.");
    return PS_MISSING;
}

ps_status ps_store_find(ps_store *store, const char *run_id, ps_store_found *out, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status =
        ps_statement_open(store,
                          "SELECT as_of, timezone, (SELECT count(*) FROM run_listed WHERE run = runs.id) FROM runs "
                          "WHERE run_id = ? AND settled = 1",
                          &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_text(&statement, 1, run_id);
        status = ps_statement_step(&statement, &row, err);
    }
    if (status == PS_OK && !row) status = unknown_run(store, run_id, err);
    if (status == PS_OK) {
        *out = (ps_store_found){.as_of = ps_statement_day(&statement, 0), .listed = ps_statement_count(&statement, 2)};
        snprintf(out->timezone, sizeof out->timezone, "%s", ps_statement_text(&statement, 1));
    }
    ps_statement_close(&statement);
    return status;
}

ps_status ps_store_mark_sent(ps_store *store, const char *run_id, ps_day sent_at, ps_error *err)
{
    ps_statement statement = {0};
    // Told again with another day, that day holds: it is how a slip is put right.
    ps_status status = ps_statement_open(
        store,
        "INSERT INTO listings(key, job, listed_at, sent_at) SELECT l.key, r.job, r.as_of, ?2 FROM run_listed l "
        "JOIN runs r ON r.id = l.run WHERE r.run_id = ?1 AND r.settled = 1 "
        "ON CONFLICT(key) DO UPDATE SET sent_at = excluded.sent_at",
        &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_text(&statement, 1, run_id);
        ps_statement_bind_int(&statement, 2, sent_at);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}
