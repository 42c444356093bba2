// What came to the lists and what went, and what was taken out on purpose.

#include <assert.h>
#include <string.h>

#include "store/entries.h"

// Of one list since a moment, in the order of time; the columns of an entry, first_seen_s, gone_s, then event, at_s,
// who, why.
static const char differences[] =
    "SELECT " PS_ENTRY_COLUMNS ", first_seen_s, gone_s, 0, first_seen_s AS at_s, '', '' FROM suppression_entries "
    "WHERE list = ?1 AND first_seen_s >= ?2 UNION ALL "
    "SELECT " PS_ENTRY_COLUMNS ", first_seen_s, gone_s, 1, gone_s, '', '' FROM suppression_entries "
    "WHERE list = ?1 AND gone_s >= ?2 AND gone_s > 0 UNION ALL "
    "SELECT " PS_ENTRY_COLUMNS ", first_seen_s, 0, event, at_s, who, why FROM suppression_departed "
    "WHERE list = ?1 AND at_s >= ?2 ORDER BY at_s, text";

static_assert(PS_STORE_CAME == 0 && PS_STORE_WENT == 1, "the query knows the numbers");

static bool read_difference(const ps_statement *row, ps_store_difference *out)
{
    int64_t event = ps_statement_int(row, PS_ENTRY_COLUMN_COUNT + 2);

    if (!ps_entry_read(row, 0, &out->entry)) return false;
    out->entry.first_seen_s = ps_statement_int(row, PS_ENTRY_COLUMN_COUNT);
    out->entry.gone_s = ps_statement_int(row, PS_ENTRY_COLUMN_COUNT + 1);
    out->event = (ps_store_event)event;
    out->at_s = ps_statement_int(row, PS_ENTRY_COLUMN_COUNT + 3);
    out->who = ps_statement_text(row, PS_ENTRY_COLUMN_COUNT + 4);
    out->why = ps_statement_text(row, PS_ENTRY_COLUMN_COUNT + 5);
    return event >= 0 && event < PS_STORE_EVENT_COUNT;
}

ps_status ps_store_differences(ps_store *store, const ps_stored_source *source, int64_t since_s,
                               ps_store_visit_difference *visit, void *context, ps_error *err)
{
    ps_statement rows = {0};
    ps_status status = ps_statement_open(store, differences, &rows, err);

    for (size_t i = 0; status == PS_OK && i < source->list_count; i++) {
        const ps_stored_list *list = &source->lists[i];
        ps_store_difference difference = {.list = list->name};
        bool row = false;
        ps_statement_bind_int(&rows, 1, list->id);
        ps_statement_bind_int(&rows, 2, since_s);
        status = ps_statement_step(&rows, &row, err);
        while (status == PS_OK && row) {
            bool sound = read_difference(&rows, &difference);
            status = sound ? visit(context, &difference, err) : ps_list_damaged(store, source, list, err);
            if (status == PS_OK) status = ps_statement_step(&rows, &row, err);
        }
    }
    ps_statement_close(&rows);
    return status;
}

ps_status ps_store_last_sync(ps_store *store, const ps_stored_source *source, int64_t *out_s, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(
        store, "SELECT started_s FROM suppression_syncs WHERE source = ? ORDER BY id DESC LIMIT 1", &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_int(&statement, 1, source->id);
        status = ps_statement_step(&statement, &row, err);
    }
    if (status == PS_OK) *out_s = row ? ps_statement_int(&statement, 0) : 0;
    ps_statement_close(&statement);
    return status;
}

// ---- taking out

typedef struct taking {
    ps_store *store;
    const ps_stored_source *source;
    const ps_store_removal *removal;
    ps_stored_list list;
    uint64_t count;
    ps_buf room;
} taking;

static ps_status record(const taking *t, const ps_stored_entry *entry, ps_error *err)
{
    ps_statement put = {0};
    ps_status status = ps_statement_open(t->store,
                                         "INSERT INTO suppression_departed(list, " PS_ENTRY_COLUMNS
                                         ", first_seen_s, at_s, event, who, why) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                                         "?, ?, ?, ?)",
                                         &put, err);

    if (status == PS_OK) {
        ps_statement_bind_int(&put, 1, t->list.id);
        ps_entry_bind(&put, 2, entry);
        ps_statement_bind_int(&put, 2 + PS_ENTRY_COLUMN_COUNT, entry->first_seen_s);
        ps_statement_bind_int(&put, 3 + PS_ENTRY_COLUMN_COUNT, t->removal->now_s);
        ps_statement_bind_int(&put, 4 + PS_ENTRY_COLUMN_COUNT, PS_STORE_TAKEN_OUT);
        ps_statement_bind_text(&put, 5 + PS_ENTRY_COLUMN_COUNT, t->removal->who);
        ps_statement_bind_text(&put, 6 + PS_ENTRY_COLUMN_COUNT, t->removal->why);
        status = ps_statement_run(&put, err);
    }
    ps_statement_close(&put);
    return status;
}

static void bind_removal(ps_statement *statement, const taking *t)
{
    const ps_span *scope = t->removal->scope;

    ps_statement_bind_int(statement, 1, t->list.id);
    ps_statement_bind_span(statement, 2, t->removal->text);
    ps_statement_bind_span(statement, 3, scope == NULL ? ps_span_of("") : *scope);
    ps_statement_bind_int(statement, 4, scope == NULL);
}

static ps_status take_rows(taking *t, ps_error *err)
{
    ps_statement rows = {0};
    bool row = false;
    ps_status status = ps_statement_open(t->store,
                                         "SELECT " PS_ENTRY_COLUMNS ", first_seen_s, gone_s FROM suppression_entries "
                                         "WHERE list = ? AND text = ? AND (scope = ? OR ?)",
                                         &rows, err);

    if (status == PS_OK) {
        bind_removal(&rows, t);
        status = ps_statement_step(&rows, &row, err);
    }
    while (status == PS_OK && row) {
        ps_stored_entry entry;
        bool sound = ps_entry_read(&rows, 0, &entry);
        entry.first_seen_s = ps_statement_int(&rows, PS_ENTRY_COLUMN_COUNT);
        entry.gone_s = ps_statement_int(&rows, PS_ENTRY_COLUMN_COUNT + 1);
        status = sound ? record(t, &entry, err) : ps_list_damaged(t->store, t->source, &t->list, err);
        if (status == PS_OK) status = ps_entry_take_from(&t->list.sum, &entry, &t->room, err);
        t->list.count--;
        t->count++;
        if (status == PS_OK) status = ps_statement_step(&rows, &row, err);
    }
    ps_statement_close(&rows);
    return status;
}

static ps_status take_from_list(taking *t, ps_error *err)
{
    ps_statement erase = {0};
    uint64_t before = t->count;
    ps_status status = take_rows(t, err);

    if (status != PS_OK || t->count == before) return status;
    status = ps_statement_open(
        t->store, "DELETE FROM suppression_entries WHERE list = ? AND text = ? AND (scope = ? OR ?)", &erase, err);
    if (status == PS_OK) {
        bind_removal(&erase, t);
        status = ps_statement_run(&erase, err);
    }
    ps_statement_close(&erase);
    return status == PS_OK ? ps_list_save(t->store, &t->list, err) : status;
}

ps_status ps_store_take_out(ps_store *store, const ps_stored_source *source, const ps_store_removal *removal,
                            uint64_t *out_count, ps_error *err)
{
    taking t = {.store = store, .source = source, .removal = removal};
    ps_status status = ps_store_source_check(store, source, err);

    if (status == PS_OK) status = ps_store_begin(store, err);
    if (status != PS_OK) return status;
    ps_buf_init(&t.room, PS_ENTRY_ROOM_BYTES_MAX);
    for (size_t i = 0; status == PS_OK && i < source->list_count; i++) {
        t.list = source->lists[i];
        if (removal->list == NULL || strcmp(removal->list, t.list.name) == 0) status = take_from_list(&t, err);
    }
    ps_buf_done(&t.room);
    if (status == PS_OK) status = ps_source_seal(store, source->name, err);
    status = ps_store_end(store, status, err);
    if (status == PS_OK) *out_count = t.count;
    return status;
}
