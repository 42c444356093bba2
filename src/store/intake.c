#include "store/intake.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/packed.h"
#include "store/waiting.h"

enum {
    ARRIVED_BYTES_MAX = PS_WAITING_RUN_BYTES + PS_ENTRY_ROOM_BYTES_MAX,
    COMMIT_MS = 1000, // what a killed process loses of its reading,
    LOST_SHARE = 64, // or one part of so many
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

ps_status ps_store_intake_open(ps_store *store, const ps_intake_options *options, ps_store_intake **out, ps_error *err)
{
    ps_store_intake *intake = ps_memory_new(1, sizeof *intake, err);

    if (intake == NULL) return PS_RETRY;
    intake->store = store;
    intake->options = *options;
    ps_status status = find_source(intake, err);
    if (status == PS_OK) {
        *out = intake;
    } else {
        ps_store_intake_close(intake);
    }
    return status;
}

// ---- writing what was read

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

static ps_status put_progress(const ps_store *store, const ps_intake_list *list, ps_error *err)
{
    const ps_reading *reading = &list->reading;
    ps_hash sum = list->sum;
    ps_statement statement = {0};
    const int64_t numbers[] = {reading->id,    reading->since_s,        reading->started_s,
                               reading->ended, (int64_t)reading->pages, (int64_t)reading->entries};
    ps_status status = ps_statement_open(store,
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

static ps_status put_arrived(const ps_store *store, ps_intake_list *list, ps_error *err)
{
    ps_status status = ps_buf_status(&list->arrived, "the entries of a page", err);

    if (status == PS_OK) status = ps_waiting_put(store, list->reading.id, ps_buf_span(&list->arrived), &list->sum, err);
    ps_buf_clear(&list->arrived);
    return status;
}

static ps_status begin_writing(ps_store_intake *intake, ps_error *err)
{
    if (intake->broken) {
        return ps_error_set(err, PS_IO, "Pages of suppression source '%s' could not be written to the state file '%s'.",
                            intake->options.name, intake->store->path);
    }
    ps_status status = intake->writing ? PS_OK : ps_store_begin(intake->store, err);
    if (status == PS_OK) intake->writing = true;
    return status;
}

// What could not be written is gone, so that nothing may be written that tells of later pages.
static ps_status end_writing(ps_store_intake *intake, ps_status status, ps_error *err)
{
    if (intake->writing) status = ps_store_end(intake->store, status, err);
    intake->writing = false;
    intake->broken = intake->broken || status != PS_OK;
    return status;
}

ps_status ps_intake_commit(ps_store_intake *intake, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < intake->list_count; i++) {
        ps_intake_list *list = &intake->lists[i];
        if (!list->pending) continue;
        list->pending = false;
        status = begin_writing(intake, err);
        if (status == PS_OK) status = put_arrived(intake->store, list, err);
        if (status == PS_OK) status = put_progress(intake->store, list, err);
    }
    return end_writing(intake, status, err);
}

void ps_store_intake_close(ps_store_intake *intake)
{
    if (intake == NULL) return;
    (void)ps_intake_commit(intake, NULL); // what is lost here is read again
    for (size_t i = 0; i < PS_STORED_LISTS_MAX; i++)
        ps_buf_done(&intake->lists[i].arrived);
    ps_memory_free(intake);
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

static ps_status read_progress(const ps_store_intake *intake, ps_intake_list *list, bool *out_found, ps_error *err)
{
    ps_reading *reading = &list->reading;
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
        list->sum = ps_statement_hash(&statement, 5);
        join_progress(reading, &list->sum);
    }
    ps_statement_close(&statement);
    return status;
}

static ps_status forget(const ps_store_intake *intake, ps_intake_list *list, ps_error *err)
{
    ps_reading *reading = &list->reading;

    reading->token[0] = '\0';
    reading->ended = false;
    reading->pages = reading->entries = 0;
    reading->started_s = intake->options.now_s;
    list->sum = (ps_hash){0, 0};
    ps_buf_clear(&list->arrived);
    ps_status status = ps_waiting_forget(intake->store, reading->id, err);
    if (status != PS_OK) return status;
    return run_about(intake->store, "DELETE FROM suppression_readings WHERE list = ?", reading->id, err);
}

static ps_status take_up(ps_store_intake *intake, ps_intake_list *list, ps_error *err)
{
    bool found = false;
    ps_status status = find_list(intake, &list->reading, err);

    if (status == PS_OK && !intake->options.fresh) status = read_progress(intake, list, &found, err);
    return status == PS_OK && !found ? forget(intake, list, err) : status;
}

ps_status ps_store_reading_begin(ps_store_intake *intake, ps_reading *reading, ps_error *err)
{
    if (intake->list_count == PS_STORED_LISTS_MAX) {
        return ps_error_set(err, PS_CONFIG, "Suppression source '%s' has more than %d lists.", intake->options.name,
                            PS_STORED_LISTS_MAX);
    }
    ps_intake_list *list = &intake->lists[intake->list_count];
    list->reading = *reading;
    list->begun_ms = ps_clock_monotonic_ms();
    ps_buf_init(&list->arrived, ARRIVED_BYTES_MAX);
    ps_status status = ps_store_begin(intake->store, err);
    if (status == PS_OK) status = ps_store_end(intake->store, take_up(intake, list, err), err);
    if (status != PS_OK) return status;
    *reading = list->reading;
    intake->list_count++;
    return PS_OK;
}

// ---- a page

// Many of them do not stay in memory until their page is whole.
static ps_status add_entries(ps_store_intake *intake, ps_intake_list *list, const ps_intake_page *page, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < page->count; i++) {
        ps_packed_add(&list->arrived, &page->entries[i]);
        if (list->arrived.len < PS_WAITING_RUN_BYTES && !list->arrived.failed) continue;
        status = begin_writing(intake, err);
        if (status == PS_OK) status = put_arrived(intake->store, list, err);
    }
    return status;
}

static ps_status check_token(const ps_store_intake *intake, const ps_intake_page *page, ps_error *err)
{
    if (page->token == NULL || strlen(page->token) <= PS_READING_TOKEN_BYTES_MAX) return PS_OK;
    return ps_error_set(err, PS_SOURCE, "Suppression source '%s' cannot be used: its cursors are over %d bytes.",
                        intake->options.name, PS_READING_TOKEN_BYTES_MAX);
}

static ps_status take_page(ps_store_intake *intake, ps_intake_list *list, const ps_intake_page *page, ps_error *err)
{
    ps_reading *reading = &list->reading;
    bool again = page->first && reading->pages > 0;
    ps_status status = again ? begin_writing(intake, err) : PS_OK;

    if (status == PS_OK && again) status = forget(intake, list, err);
    if (status == PS_OK) status = add_entries(intake, list, page, err);
    if (status != PS_OK) return status;
    snprintf(reading->token, sizeof reading->token, "%s", page->token == NULL ? "" : page->token);
    reading->ended = page->token == NULL;
    reading->pages++;
    reading->entries += page->count;
    intake->pages++;
    intake->fetched += page->count;
    if (!list->pending) list->pending_ms = ps_clock_monotonic_ms();
    list->pending = true;
    return PS_OK;
}

// Of a list that is long in coming a sixty-fourth may be lost, so that it does not come to wait in thousands of runs.
static bool is_due(const ps_store_intake *intake, const ps_intake_list *list)
{
    uint64_t now_ms = ps_clock_monotonic_ms(), share_ms = (now_ms - list->begun_ms) / LOST_SHARE;

    return intake->writing || list->reading.ended ||
           now_ms - list->pending_ms >= (share_ms > COMMIT_MS ? share_ms : COMMIT_MS);
}

static ps_intake_list *list_of(ps_store_intake *intake, const ps_reading *reading)
{
    size_t i = 0;

    while (intake->lists[i].reading.id != reading->id)
        i++;
    assert(i < intake->list_count); // it was begun
    return &intake->lists[i];
}

ps_status ps_store_reading_page(ps_store_intake *intake, ps_reading *reading, const ps_intake_page *page, ps_error *err)
{
    ps_intake_list *list = list_of(intake, reading);
    ps_status status = check_token(intake, page, err);

    if (status != PS_OK) return status;
    status = take_page(intake, list, page, err);
    if (status != PS_OK) return end_writing(intake, status, err);
    *reading = list->reading;
    return is_due(intake, list) ? ps_intake_commit(intake, err) : PS_OK;
}
