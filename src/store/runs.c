// Runs: prepared, settled or dropped; and what the earlier ones of a job were like.

#include <assert.h>
#include <stdio.h>

#include "store/listings.h"

// A win-back that nobody has heard of for so long belongs to a spell that every profile ends by its hard sunset.
enum { LISTING_DAYS = 730 };

enum { BULK_LISTED = 16 << 10 }; // people on a run's win-back list: 1 MiB to write until it is settled

// ---- writing

static ps_status put_job(ps_store *store, const ps_store_job *job, ps_error *err)
{
    ps_statement statement = {0};
    ps_status status =
        ps_statement_open(store, "INSERT OR IGNORE INTO jobs(name, campaign) VALUES(?, ?)", &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_text(&statement, 1, job->name);
        ps_statement_bind_text(&statement, 2, job->campaign);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}

static ps_status put_run(ps_store *store, const ps_store_run *new_run, ps_error *err)
{
    const ps_run *run = new_run->run;
    const int64_t numbers[] = {
        run->job->as_of,
        new_run->retain_days,
        run->started_s,
        run->finished_s,
        (int64_t)run->rows,
        (int64_t)run->verdict[PS_VERDICT_CLEAN],
        (int64_t)run->verdict[PS_VERDICT_WINBACK],
        (int64_t)run->verdict[PS_VERDICT_HELD],
        (int64_t)run->verdict[PS_VERDICT_REMOVED],
        (int64_t)ps_run_addresses(run),
    };
    const char *const texts[] = {new_run->job.name,  new_run->job.campaign, run->id,
                                 run->job->timezone, new_run->owner,        new_run->directory};
    ps_statement statement = {0};
    ps_status status = ps_statement_open(
        store,
        "INSERT INTO runs(job, settled, run_id, timezone, owner, directory, as_of, retain_days, started_s, finished_s, "
        "rows, clean, winback, held, removed, addresses) SELECT id, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
        "?14, "
        "?15, ?16 FROM jobs WHERE name = ?1 AND campaign = ?2",
        &statement, err);

    if (status != PS_OK) return status;
    for (size_t i = 0; i < PS_COUNT_OF(texts); i++)
        ps_statement_bind_text(&statement, (int)i + 1, texts[i]);
    for (size_t i = 0; i < PS_COUNT_OF(numbers); i++)
        ps_statement_bind_int(&statement, (int)(PS_COUNT_OF(texts) + i) + 1, numbers[i]);
    status = ps_statement_run(&statement, err);
    ps_statement_close(&statement);
    return status;
}

static ps_status put_reasons(ps_store *store, int64_t id, const ps_run *run, ps_error *err)
{
    ps_statement statement = {0};
    ps_status status = ps_statement_open(
        store, "INSERT INTO run_reasons(run, reason, decided, removed) VALUES(?, ?, ?, ?)", &statement, err);

    for (int reason = 0; status == PS_OK && reason < PS_REASON_NUMBER_MAX; reason++) {
        if (run->decided[reason] == 0) continue;
        ps_statement_bind_int(&statement, 1, id);
        ps_statement_bind_int(&statement, 2, reason);
        ps_statement_bind_int(&statement, 3, (int64_t)run->decided[reason]);
        ps_statement_bind_int(&statement, 4, (int64_t)ps_run_removed(run, (ps_reason)reason));
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}

static ps_status put_sources(ps_store *store, int64_t id, const ps_run *run, ps_error *err)
{
    ps_statement statement = {0};
    ps_status status =
        ps_statement_open(store, "INSERT INTO run_sources(run, name, entries) VALUES(?, ?, ?)", &statement, err);

    for (size_t i = 0; status == PS_OK && i < run->sources_count; i++) {
        ps_statement_bind_int(&statement, 1, id);
        ps_statement_bind_text(&statement, 2, run->sources[i].name);
        ps_statement_bind_int(&statement, 3, (int64_t)ps_run_source_entries(&run->sources[i]));
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}

ps_status ps_store_prepare(ps_store *store, const ps_store_run *run, ps_error *err)
{
    if (ps_listed_count(run->listed) >= BULK_LISTED) ps_store_begin_bulk(store);
    ps_status status = ps_store_begin(store, err);
    if (status != PS_OK) return status;
    status = put_job(store, &run->job, err);
    if (status == PS_OK) status = put_run(store, run, err);
    int64_t id = sqlite3_last_insert_rowid(store->database);
    if (status == PS_OK) status = put_reasons(store, id, run->run, err);
    if (status == PS_OK) status = put_sources(store, id, run->run, err);
    if (status == PS_OK) status = ps_listings_put_run(store, id, run->listed, err);
    const ps_store_seen seen = {.run = id, .as_of = run->run->job->as_of, .domains = run->domains};
    if (status == PS_OK) status = ps_store_put_domains(store, &seen, err);
    return ps_store_end(store, status, err);
}

// ---- what became of it

static ps_status run_each(ps_store *store, const char *const *sql, size_t count, const char *run_id, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < count; i++) {
        ps_statement statement = {0};
        status = ps_statement_open(store, sql[i], &statement, err);
        if (status == PS_OK) {
            ps_statement_bind_text(&statement, 1, run_id);
            status = ps_statement_run(&statement, err);
        }
        ps_statement_close(&statement);
    }
    return status;
}

// Where people were listed before, their pages are written anew, and the journal that takes what was there before has
// more to do than SQLite's log of changes: 0.55 s for 2 million people, not 0.35.
static ps_status choose_journal(ps_store *store, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(store, "SELECT 1 FROM listing_pages LIMIT 1", &statement, err);

    if (status == PS_OK) status = ps_statement_step(&statement, &row, err);
    ps_statement_close(&statement);
    if (row) ps_store_end_bulk(store);
    return status;
}

ps_status ps_store_settle(ps_store *store, const char *run_id, ps_error *err)
{
    static const char *const sql[] = {
        "INSERT OR IGNORE INTO meta(name, value) SELECT 'owner', owner FROM runs "
        "WHERE run_id = ?1 AND settled = 0 AND owner <> ''",
        "DELETE FROM run_domain_log WHERE run = (SELECT id FROM runs WHERE run_id = ?1)",
        "UPDATE runs SET settled = 1 WHERE run_id = ?1",
        "DELETE FROM runs WHERE as_of < (SELECT as_of - retain_days FROM runs WHERE run_id = ?1)",
        "DELETE FROM suppression_departed WHERE at_s < 86400 * (SELECT as_of - retain_days FROM runs WHERE run_id = "
        "?1)",
        "DELETE FROM suppression_syncs WHERE started_s < 86400 * (SELECT as_of - retain_days FROM runs WHERE run_id = "
        "?1) AND started_s < (SELECT max(s.started_s) FROM suppression_syncs s WHERE s.source = "
        "suppression_syncs.source)",
    };
    ps_listing_change change;
    bool open = false;
    ps_status status = choose_journal(store, err);

    if (status == PS_OK) status = ps_store_begin(store, err);
    if (status != PS_OK) return status;
    status = ps_listings_of_run(store, run_id, false, &change, &open, err);
    if (open) change.oldest = change.listed_at - LISTING_DAYS;
    if (status == PS_OK && open) status = ps_listings_change(store, &change, err);
    if (status == PS_OK && open) status = ps_store_settle_domains(store, change.run, err);
    if (status == PS_OK && open) status = run_each(store, sql, PS_COUNT_OF(sql), run_id, err);
    return ps_store_end(store, status, err);
}

ps_status ps_store_drop(ps_store *store, const char *run_id, ps_error *err)
{
    static const char *const sql[] = {"DELETE FROM runs WHERE run_id = ?1 AND settled = 0"};
    ps_status status = ps_store_begin(store, err);

    if (status != PS_OK) return status;
    status = run_each(store, sql, PS_COUNT_OF(sql), run_id, err);
    return ps_store_end(store, status, err);
}

// One open run after that of number `after`; `*out_after` is 0 when there is none.
static ps_status next_open(ps_store *store, int64_t *after, ps_store_look *look, void *context, char out_id[37],
                           ps_store_fate *out_fate, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(
        store, "SELECT id, run_id, directory FROM runs WHERE settled = 0 AND id > ? ORDER BY id LIMIT 1", &statement,
        err);

    if (status == PS_OK) {
        ps_statement_bind_int(&statement, 1, *after);
        status = ps_statement_step(&statement, &row, err);
    }
    *after = row ? ps_statement_int(&statement, 0) : 0;
    if (status == PS_OK && row) {
        snprintf(out_id, 37, "%s", ps_statement_text(&statement, 1));
        *out_fate = look(context, out_id, ps_statement_text(&statement, 2));
    }
    ps_statement_close(&statement);
    return status;
}

ps_status ps_store_recover(ps_store *store, ps_store_look *look, void *context, ps_error *err)
{
    char id[37] = "";
    int64_t after = 0;
    ps_store_fate fate = PS_STORE_WAITS;
    ps_status status = next_open(store, &after, look, context, id, &fate, err);

    while (status == PS_OK && after != 0) {
        if (fate == PS_STORE_PUBLISHED) status = ps_store_settle(store, id, err);
        if (fate == PS_STORE_GONE) status = ps_store_drop(store, id, err);
        if (status == PS_OK) status = next_open(store, &after, look, context, id, &fate, err);
    }
    return status;
}

// ---- reading

static ps_status read_reasons(ps_store *store, int64_t id, ps_run_past *out, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(
        store, "SELECT reason, removed FROM run_reasons WHERE run = ? AND reason BETWEEN 0 AND 255", &statement, err);
    static_assert(PS_REASON_NUMBER_MAX == 256, "the query knows the number");

    if (status == PS_OK) {
        ps_statement_bind_int(&statement, 1, id);
        status = ps_statement_step(&statement, &row, err);
    }
    while (status == PS_OK && row) {
        out->removed[ps_statement_int(&statement, 0)] = ps_statement_count(&statement, 1);
        status = ps_statement_step(&statement, &row, err);
    }
    ps_statement_close(&statement);
    return status;
}

static void bind_job(ps_statement *statement, const ps_store_job *job, ps_day as_of)
{
    ps_statement_bind_text(statement, 1, job->name);
    ps_statement_bind_text(statement, 2, job->campaign);
    ps_statement_bind_int(statement, 3, as_of);
}

static ps_status read_last(ps_store *store, const ps_store_job *job, ps_day *out, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status =
        ps_statement_open(store,
                          "SELECT as_of FROM runs JOIN jobs ON jobs.id = job WHERE name = ?1 AND campaign = ?2 AND "
                          "settled = 1 ORDER BY runs.id DESC LIMIT 1",
                          &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_text(&statement, 1, job->name);
        ps_statement_bind_text(&statement, 2, job->campaign);
        status = ps_statement_step(&statement, &row, err);
    }
    if (status == PS_OK) *out = row ? ps_statement_day(&statement, 0) : PS_DAY_NONE;
    ps_statement_close(&statement);
    return status;
}

static ps_status read_past(ps_store *store, const ps_statement *statement, ps_run_past *out, ps_error *err)
{
    *out = (ps_run_past){.as_of = ps_statement_day(statement, 1), .rows = ps_statement_count(statement, 2)};
    out->verdict[PS_VERDICT_CLEAN] = ps_statement_count(statement, 3);
    out->verdict[PS_VERDICT_WINBACK] = ps_statement_count(statement, 4);
    out->verdict[PS_VERDICT_HELD] = ps_statement_count(statement, 5);
    out->verdict[PS_VERDICT_REMOVED] = ps_statement_count(statement, 6);
    out->addresses = ps_statement_count(statement, 7);
    return read_reasons(store, ps_statement_int(statement, 0), out, err);
}

ps_status ps_store_history(ps_store *store, const ps_store_job *job, ps_day as_of, ps_run_history *out, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(
        store,
        "SELECT r.id, r.as_of, r.rows, r.clean, r.winback, r.held, r.removed, r.addresses FROM runs r JOIN jobs j ON "
        "j.id = r.job "
        "WHERE j.name = ?1 AND j.campaign = ?2 AND r.settled = 1 AND r.as_of < ?3 AND r.id = (SELECT max(s.id) FROM "
        "runs s WHERE s.job = r.job AND s.as_of = r.as_of AND s.settled = 1) ORDER BY r.as_of DESC LIMIT ?4",
        &statement, err);

    *out = (ps_run_history){.last_as_of = PS_DAY_NONE};
    if (status == PS_OK) {
        bind_job(&statement, job, as_of);
        ps_statement_bind_int(&statement, 4, PS_RUN_PAST_MAX);
        status = ps_statement_step(&statement, &row, err);
    }
    while (status == PS_OK && row && out->count < PS_RUN_PAST_MAX) {
        status = read_past(store, &statement, &out->runs[out->count], err);
        if (status != PS_OK) break;
        out->count++;
        status = ps_statement_step(&statement, &row, err);
    }
    ps_statement_close(&statement);
    return status == PS_OK ? read_last(store, job, &out->last_as_of, err) : status;
}

ps_status ps_store_source_entries(ps_store *store, const ps_store_job *job, ps_day as_of, const char *source,
                                  uint64_t *out, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(
        store,
        "SELECT s.entries FROM runs r JOIN jobs j ON j.id = r.job JOIN run_sources s ON s.run = r.id WHERE j.name = ?1 "
        "AND j.campaign = ?2 AND r.settled = 1 AND r.as_of < ?3 AND s.name = ?4 ORDER BY r.as_of DESC, r.id DESC LIMIT "
        "1",
        &statement, err);

    if (status == PS_OK) {
        bind_job(&statement, job, as_of);
        ps_statement_bind_text(&statement, 4, source);
        status = ps_statement_step(&statement, &row, err);
    }
    if (status == PS_OK) *out = row ? ps_statement_count(&statement, 0) : 0;
    ps_statement_close(&statement);
    return status;
}
