// Who was listed for win-back, and which lists were mailed.

#include <stdio.h>
#include <string.h>

#include "store/listings.h"

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

// What of the listings a run may know.
typedef struct taker {
    ps_listings *out;
    ps_day as_of;
    int64_t own_job; // 0: it has no number yet
} taker;

static ps_status expect(void *context, uint64_t count, ps_error *err)
{
    const taker *to = context;

    return ps_listings_expect(to->out, count, err);
}

static ps_status take_listing(void *context, const ps_stored_listing *stored, ps_error *err)
{
    const taker *to = context;
    ps_listing listing = {.listed_at = stored->listed_at, .sent_at = stored->sent_at};
    bool own = stored->job == to->own_job;

    // A run that is made again lists the same people again; they are pending only from the next day on.
    if (listing.listed_at > to->as_of || (own && listing.listed_at == to->as_of)) listing.listed_at = PS_DAY_NONE;
    if (listing.sent_at > to->as_of) listing.sent_at = PS_DAY_NONE;
    if (listing.listed_at == PS_DAY_NONE && listing.sent_at == PS_DAY_NONE) return PS_OK;
    return ps_listings_add(to->out, stored->key, listing, err);
}

static ps_status find_job(ps_store *store, const ps_store_job *job, int64_t *out, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(store, "SELECT id FROM jobs WHERE name = ? AND campaign = ?", &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_text(&statement, 1, job->name);
        ps_statement_bind_text(&statement, 2, job->campaign);
        status = ps_statement_step(&statement, &row, err);
    }
    if (status == PS_OK) *out = row ? ps_statement_int(&statement, 0) : 0;
    ps_statement_close(&statement);
    return status;
}

ps_status ps_store_listings(ps_store *store, const ps_store_job *job, ps_day as_of, ps_listings *out, ps_error *err)
{
    taker to = {.out = out, .as_of = as_of};
    const ps_listings_visit visit = {expect, take_listing, &to};
    ps_status status = read_key(store, out->key, err);

    if (status == PS_OK) status = find_job(store, job, &to.own_job, err);
    return status == PS_OK ? ps_listings_each(store, &visit, err) : status;
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
    ps_status status = ps_statement_open(
        store,
        "SELECT as_of, timezone, (SELECT sum(length(keys)) / 16 FROM run_listed_pages WHERE run = runs.id) FROM runs "
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
    ps_listing_change change;
    bool known = false;
    ps_status status = ps_store_begin(store, err);

    if (status != PS_OK) return status;
    status = ps_listings_of_run(store, run_id, true, &change, &known, err);
    change.sent_at = sent_at;
    if (status == PS_OK && known) status = ps_listings_change(store, &change, err);
    return ps_store_end(store, status, err);
}
