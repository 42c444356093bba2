#include "store/intake.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

enum {
    ENTRY_BYTES = 4096,
    COMMIT_MS = 1000, // what a killed process loses of its reading
    RESUME_S = 6 * 3600 // a list that began to be read longer ago has moved on; cursors live for minutes to hours
};

// ---- the source

static ps_status other_account(const ps_store_intake *intake, ps_error *err)
{
    const ps_intake_options *options = &intake->options;

    ps_error_set(
        err, PS_CONFIG, "The state file '%s' knows suppression source '%s' as another account: %s %s, now %s %s.",
        intake->store->path, options->name, intake->source.type, intake->source.origin, options->type, options->origin);
    ps_error_hint(
        err,
        "If it is the same account, or its lists shall go on as this one's: --accept %s:account. Else give the "
        "new one a `name` of its own and leave the old one in the job with `retired: true`: whom it has counts "
        "only while the job names it.",
        options->name);
    return PS_CONFIG;
}

static ps_status put_source(ps_store_intake *intake, ps_error *err)
{
    ps_statement statement = {0};
    ps_status status = ps_statement_open(
        intake->store, "INSERT INTO suppression_sources(name, type, origin) VALUES(?, ?, ?)", &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_text(&statement, 1, intake->options.name);
        ps_statement_bind_text(&statement, 2, intake->options.type);
        ps_statement_bind_text(&statement, 3, intake->options.origin);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}

// Its lists go on as another account's: what vanishes with the change is judged as if it had vanished at the ESP.
static ps_status take_account(ps_store_intake *intake, ps_error *err)
{
    ps_statement statement = {0};
    ps_status status =
        ps_statement_open(intake->store, "UPDATE suppression_sources SET origin = ?2 WHERE id = ?1", &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_int(&statement, 1, intake->source.id);
        ps_statement_bind_text(&statement, 2, intake->options.origin);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    intake->options.fresh = true; // pages of the other account are not these
    return status;
}

static ps_status find_source(ps_store_intake *intake, ps_error *err)
{
    const ps_intake_options *options = &intake->options;
    bool found = false;
    ps_status status = ps_store_source(intake->store, options->name, &intake->source, &found, err);

    if (status == PS_OK && !found) {
        status = put_source(intake, err);
        if (status == PS_OK) status = ps_store_source(intake->store, options->name, &intake->source, &found, err);
    }
    if (status != PS_OK) return status;
    bool same_type = strcmp(intake->source.type, options->type) == 0;
    if (same_type && strcmp(intake->source.origin, options->origin) == 0) return PS_OK;
    return same_type && options->accept_account ? take_account(intake, err) : other_account(intake, err);
}

static const char add_staged[] =
    "INSERT OR IGNORE INTO suppression_staged(list, " PS_ENTRY_COLUMNS ") VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char find_staged[] =
    "SELECT " PS_ENTRY_COLUMNS " FROM suppression_staged WHERE list = ? AND text = ? AND scope = ?";

// An address may be on one list for several reasons, in any order: the strongest class stays, then what lasts longest,
// then what is newest.
#define LASTS(column) "CASE " column " WHEN 0 THEN 9223372036854775807 ELSE " column " END"
static const char put_staged[] =
    "INSERT INTO suppression_staged(list, " PS_ENTRY_COLUMNS ") VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT(list, text, scope) DO UPDATE SET kind = excluded.kind, class = excluded.class, code = excluded.code, "
    "reason = excluded.reason, created_s = excluded.created_s, expires_s = excluded.expires_s "
    "WHERE (-excluded.class, " LASTS("excluded.expires_s") ", excluded.created_s) >= "
                                                           "(-class, " LASTS("expires_s") ", created_s)";

ps_status ps_store_intake_open(ps_store *store, const ps_intake_options *options, ps_store_intake **out, ps_error *err)
{
    ps_store_intake *intake = ps_memory_new(1, sizeof *intake, err);

    if (intake == NULL) return PS_RETRY;
    intake->store = store;
    intake->options = *options;
    ps_buf_init(&intake->room, PS_ENTRY_ROOM_BYTES_MAX);
    (void)ps_buf_extend(&intake->room, ENTRY_BYTES); // the status tells; most entries need no more
    ps_status status = ps_buf_status(&intake->room, "an entry", err);
    if (status == PS_OK) status = find_source(intake, err);
    if (status == PS_OK) status = ps_statement_open(store, add_staged, &intake->add, err);
    if (status == PS_OK) status = ps_statement_open(store, put_staged, &intake->put, err);
    if (status == PS_OK) status = ps_statement_open(store, find_staged, &intake->find, err);
    if (status == PS_OK) {
        *out = intake;
    } else {
        ps_store_intake_close(intake);
    }
    return status;
}

ps_status ps_intake_commit(ps_store *store, ps_error *err)
{
    bool staging = store->staging;

    store->staging = false;
    return staging ? ps_store_end(store, PS_OK, err) : PS_OK;
}

void ps_store_intake_close(ps_store_intake *intake)
{
    if (intake == NULL) return;
    (void)ps_intake_commit(intake->store, NULL); // what is lost here is read again
    ps_statement_close(&intake->add);
    ps_statement_close(&intake->put);
    ps_statement_close(&intake->find);
    ps_buf_done(&intake->room);
    ps_memory_free(intake);
}

// Pages of several sources share a transaction.
static ps_status begin_staging(ps_store *store, ps_error *err)
{
    if (store->staging) return PS_OK;
    ps_status status = ps_store_begin(store, err);
    if (status != PS_OK) return status;
    store->staging = true;
    store->staging_ms = ps_clock_monotonic_ms();
    return PS_OK;
}

// ---- a list

// One statement about the list `id`.
static ps_status run_about(ps_store *store, const char *sql, int64_t id, ps_error *err)
{
    ps_statement statement = {0};
    ps_status status = ps_statement_open(store, sql, &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_int(&statement, 1, id);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}

static ps_status give_up(ps_store *store, ps_status status, ps_error *err)
{
    if (!store->staging) return status;
    store->staging = false;
    return ps_store_end(store, status, err);
}

static ps_status put_list(ps_store_intake *intake, const ps_reading *reading, ps_error *err)
{
    ps_statement statement = {0};
    const ps_hash zero = {0, 0};
    ps_status status = ps_statement_open(intake->store,
                                         "INSERT INTO suppression_lists(source, name, allowlist, whole_s, full_s, "
                                         "count, sum) VALUES(?, ?, ?, 0, 0, 0, ?) ON CONFLICT(source, name) DO UPDATE "
                                         "SET allowlist = excluded.allowlist",
                                         &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_int(&statement, 1, intake->source.id);
        ps_statement_bind_text(&statement, 2, reading->list);
        ps_statement_bind_int(&statement, 3, reading->allowlist);
        ps_statement_bind_bytes(&statement, 4, &zero, sizeof zero);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}

static ps_status find_list(ps_store_intake *intake, ps_reading *reading, ps_error *err)
{
    ps_stored_source source;
    bool found = false;
    ps_status status = put_list(intake, reading, err);

    // One that is damaged stays so: whether it may be used is decided when its lists are whole.
    if (status == PS_OK && !intake->source.damaged) status = ps_source_seal(intake->store, intake->options.name, err);
    if (status == PS_OK) status = ps_store_source(intake->store, intake->options.name, &source, &found, err);
    if (status != PS_OK) return status;
    intake->source = source;
    for (size_t i = 0; i < source.list_count; i++) {
        if (strcmp(source.lists[i].name, reading->list) == 0) reading->id = source.lists[i].id;
    }
    return PS_OK;
}

static size_t number_of(const ps_store_intake *intake, const ps_reading *reading)
{
    size_t number = 0;

    while (number < intake->list_count && intake->list_ids[number] != reading->id)
        number++;
    return number; // the next one, while it is begun
}

// How far a list is, too: with a flag that says it had ended half a list would pass for whole. Joined to the sum of the
// entries, and taken from it again, by the same turn.
static void join_progress(const ps_reading *reading, ps_hash *sum)
{
    char line[PS_READING_TOKEN_BYTES_MAX + 128];

    snprintf(line, sizeof line, "%" PRId64 " %" PRId64 " %d %" PRIu64 " %" PRIu64 " %s", reading->id,
             reading->started_s, reading->ended, reading->pages, reading->entries, reading->token);
    ps_hash hash = ps_hash_of(ps_span_of(line));
    sum->low ^= hash.low;
    sum->high ^= hash.high;
}

static ps_status read_progress(ps_store_intake *intake, ps_reading *reading, bool *out_found, ps_error *err)
{
    size_t number = number_of(intake, reading);
    ps_statement statement = {0};
    ps_status status = ps_statement_open(intake->store,
                                         "SELECT token, ended, started_s, pages, entries, sum FROM "
                                         "suppression_readings "
                                         "WHERE list = ? AND (since_s <> 0) = ? AND started_s > ? AND started_s <= ?",
                                         &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_int(&statement, 1, reading->id);
        ps_statement_bind_int(&statement, 2, reading->since_s != 0);
        ps_statement_bind_int(&statement, 3, intake->options.now_s - RESUME_S);
        ps_statement_bind_int(&statement, 4, intake->options.now_s);
        status = ps_statement_step(&statement, out_found, err);
    }
    if (status == PS_OK && *out_found) {
        snprintf(reading->token, sizeof reading->token, "%s", ps_statement_text(&statement, 0));
        reading->ended = ps_statement_int(&statement, 1) != 0;
        reading->started_s = ps_statement_int(&statement, 2);
        reading->pages = ps_statement_count(&statement, 3);
        reading->entries = ps_statement_count(&statement, 4);
        intake->sums[number] = ps_statement_hash(&statement, 5);
        join_progress(reading, &intake->sums[number]);
        intake->waited[number] = true;
    }
    ps_statement_close(&statement);
    return status;
}

static ps_status forget(ps_store_intake *intake, ps_reading *reading, ps_error *err)
{
    reading->token[0] = '\0';
    reading->ended = false;
    reading->pages = reading->entries = 0;
    reading->started_s = intake->options.now_s;
    intake->sums[number_of(intake, reading)] = (ps_hash){0, 0};
    intake->waited[number_of(intake, reading)] = false;
    ps_status status = run_about(intake->store, "DELETE FROM suppression_staged WHERE list = ?", reading->id, err);
    if (status != PS_OK) return status;
    return run_about(intake->store, "DELETE FROM suppression_readings WHERE list = ?", reading->id, err);
}

static ps_status take_up(ps_store_intake *intake, ps_reading *reading, ps_error *err)
{
    bool found = false;
    ps_status status = find_list(intake, reading, err);

    if (status == PS_OK && !intake->options.fresh) status = read_progress(intake, reading, &found, err);
    if (status == PS_OK && !found) status = forget(intake, reading, err);
    return status;
}

ps_status ps_store_reading_begin(ps_store_intake *intake, ps_reading *reading, ps_error *err)
{
    size_t number = intake->list_count;

    if (number == PS_STORED_LISTS_MAX) {
        return ps_error_set(err, PS_CONFIG, "Suppression source '%s' has more than %d lists.", intake->options.name,
                            PS_STORED_LISTS_MAX);
    }
    ps_status status = begin_staging(intake->store, err);
    if (status == PS_OK) status = take_up(intake, reading, err);
    if (status != PS_OK) return give_up(intake->store, status, err);
    intake->list_ids[number] = reading->id;
    intake->full[number] = reading->since_s == 0;
    intake->started_s[number] = reading->started_s;
    intake->list_count++;
    return PS_OK;
}

// ---- a page

// What waits under the same text and scope, into the sum or out of it.
static ps_status sum_waiting(ps_store_intake *intake, const ps_stored_entry *entry,
                             ps_status (*change)(ps_hash *, const ps_stored_entry *, ps_buf *, ps_error *),
                             ps_hash *sum, ps_error *err)
{
    ps_stored_entry waiting = {.text = {NULL, 0}};
    bool row = false;

    ps_statement_bind_span(&intake->find, 2, entry->text);
    ps_statement_bind_span(&intake->find, 3, entry->scope);
    ps_status status = ps_statement_step(&intake->find, &row, err);
    if (status == PS_OK && row) (void)ps_entry_read(&intake->find, 0, &waiting); // a damaged one breaks the sum
    if (status == PS_OK && row) status = change(sum, &waiting, &intake->room, err);
    while (status == PS_OK && row)
        status = ps_statement_step(&intake->find, &row, err);
    return status;
}

static ps_status put_entry(ps_store_intake *intake, const ps_stored_entry *entry, ps_hash *sum, ps_error *err)
{
    ps_entry_bind(&intake->add, 2, entry);
    ps_status status = ps_statement_run(&intake->add, err);
    if (status != PS_OK) return status;
    if (sqlite3_changes(intake->store->database) > 0) return ps_entry_add_to(sum, entry, &intake->room, err);
    status = sum_waiting(intake, entry, ps_entry_take_from, sum, err);
    ps_entry_bind(&intake->put, 2, entry);
    if (status == PS_OK) status = ps_statement_run(&intake->put, err);
    return status == PS_OK ? sum_waiting(intake, entry, ps_entry_add_to, sum, err) : status;
}

static ps_status put_entries(ps_store_intake *intake, const ps_reading *reading, const ps_intake_page *page,
                             ps_error *err)
{
    ps_hash *sum = &intake->sums[number_of(intake, reading)];
    ps_status status = PS_OK;

    ps_statement_bind_int(&intake->add, 1, reading->id);
    ps_statement_bind_int(&intake->put, 1, reading->id);
    ps_statement_bind_int(&intake->find, 1, reading->id);
    for (size_t i = 0; status == PS_OK && i < page->count; i++)
        status = put_entry(intake, &page->entries[i], sum, err);
    return status;
}

static ps_status put_progress(ps_store_intake *intake, const ps_reading *reading, ps_error *err)
{
    ps_hash sum = intake->sums[number_of(intake, reading)];
    ps_statement statement = {0};
    const int64_t numbers[] = {reading->id,    reading->since_s,        reading->started_s,
                               reading->ended, (int64_t)reading->pages, (int64_t)reading->entries};
    ps_status status = ps_statement_open(intake->store,
                                         "INSERT OR REPLACE INTO suppression_readings(list, since_s, started_s, ended, "
                                         "pages, entries, token, sum) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                                         &statement, err);

    join_progress(reading, &sum);
    if (status == PS_OK) {
        for (size_t i = 0; i < PS_COUNT_OF(numbers); i++)
            ps_statement_bind_int(&statement, (int)i + 1, numbers[i]);
        ps_statement_bind_text(&statement, (int)PS_COUNT_OF(numbers) + 1, reading->token);
        ps_statement_bind_bytes(&statement, (int)PS_COUNT_OF(numbers) + 2, &sum, sizeof sum);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}

static ps_status check_token(const ps_store_intake *intake, const ps_intake_page *page, ps_error *err)
{
    if (page->token == NULL || strlen(page->token) <= PS_READING_TOKEN_BYTES_MAX) return PS_OK;
    return ps_error_set(err, PS_SOURCE, "Suppression source '%s' cannot be used: its cursors are over %d bytes.",
                        intake->options.name, PS_READING_TOKEN_BYTES_MAX);
}

static ps_status take_page(ps_store_intake *intake, ps_reading *reading, const ps_intake_page *page, ps_error *err)
{
    ps_status status = page->first ? forget(intake, reading, err) : PS_OK;

    if (status == PS_OK) status = put_entries(intake, reading, page, err);
    if (status != PS_OK) return status;
    snprintf(reading->token, sizeof reading->token, "%s", page->token == NULL ? "" : page->token);
    reading->ended = page->token == NULL;
    reading->pages++;
    reading->entries += page->count;
    intake->pages++;
    intake->fetched += page->count;
    return put_progress(intake, reading, err);
}

ps_status ps_store_reading_page(ps_store_intake *intake, ps_reading *reading, const ps_intake_page *page, ps_error *err)
{
    ps_status status = check_token(intake, page, err);

    if (status == PS_OK) status = begin_staging(intake->store, err);
    if (status != PS_OK) return status;
    status = take_page(intake, reading, page, err);
    if (status != PS_OK) return give_up(intake->store, status, err);
    for (size_t i = 0; i < intake->list_count; i++) {
        if (intake->list_ids[i] == reading->id) intake->started_s[i] = reading->started_s;
    }
    bool due = reading->ended || ps_clock_monotonic_ms() - intake->store->staging_ms >= COMMIT_MS;
    return due ? ps_intake_commit(intake->store, err) : PS_OK;
}
