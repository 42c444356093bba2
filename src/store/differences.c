// What came to the lists and what went, and what was taken out on purpose.

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/packed.h"
#include "store/pages.h"

// What came and went of a list, until it is told in the order of time.
typedef struct difference {
    int64_t at_s;
    size_t at; // of the entry among the packed ones; `who` and `why` follow as texts, if it departed
    ps_span text;
    ps_store_event event;
} difference;

// Who is told of them, and since when.
typedef struct difference_visit {
    ps_store_visit_difference *take;
    void *context;
    int64_t since_s;
} difference_visit;

typedef struct differences {
    difference *items;
    size_t count, capacity;
    ps_buf bytes;
} differences;

enum { DIFFERENCES_BYTES_MAX = INT32_MAX };

static ps_status note(differences *d, ps_store_event event, int64_t at_s, const ps_stored_entry *entry, ps_error *err)
{
    ps_status status = ps_memory_grow((void **)&d->items, &d->capacity, d->count + 1, sizeof *d->items, err);

    if (status != PS_OK) return status;
    d->items[d->count++] = (difference){.at_s = at_s, .at = d->bytes.len, .event = event};
    ps_packed_add(&d->bytes, entry);
    return ps_buf_status(&d->bytes, "what came and went", err);
}

static ps_status note_stored(ps_store *store, const ps_stored_list *list, int64_t since_s, differences *d,
                             bool *out_sound, ps_error *err)
{
    ps_pages pages;
    ps_status status = ps_pages_open(store, list->id, NULL, &pages, err);

    while (status == PS_OK && pages.entry != NULL) {
        const ps_stored_entry *entry = pages.entry;
        bool went = entry->gone_s > 0 && entry->gone_s >= since_s;
        if (entry->first_seen_s >= since_s) status = note(d, PS_STORE_CAME, entry->first_seen_s, entry, err);
        if (status == PS_OK && went) status = note(d, PS_STORE_WENT, entry->gone_s, entry, err);
        if (status == PS_OK) status = ps_pages_next(&pages, err);
    }
    *out_sound = !pages.damaged;
    ps_pages_close(&pages);
    return status;
}

static ps_status note_row(const ps_statement *row, differences *d, bool *out_sound, ps_error *err)
{
    ps_stored_entry entry;
    int64_t event = ps_statement_int(row, PS_ENTRY_COLUMN_COUNT + 1);

    *out_sound = ps_entry_read(row, 0, &entry) && event >= 0 && event < PS_STORE_EVENT_COUNT;
    if (!*out_sound) return PS_OK;
    entry.first_seen_s = ps_statement_int(row, PS_ENTRY_COLUMN_COUNT);
    entry.gone_s = 0;
    ps_status status = note(d, (ps_store_event)event, ps_statement_int(row, PS_ENTRY_COLUMN_COUNT + 2), &entry, err);
    for (int i = 3; i <= 4; i++) {
        const char *text = ps_statement_text(row, PS_ENTRY_COLUMN_COUNT + i);
        ps_buf_add(&d->bytes, text, strlen(text) + 1);
    }
    return status == PS_OK ? ps_buf_status(&d->bytes, "what came and went", err) : status;
}

static ps_status note_departed(ps_store *store, const ps_stored_list *list, int64_t since_s, differences *d,
                               bool *out_sound, ps_error *err)
{
    ps_statement rows = {0};
    bool row = false;
    ps_status status = ps_statement_open(store,
                                         "SELECT " PS_ENTRY_COLUMNS ", first_seen_s, event, at_s, who, why FROM "
                                         "suppression_departed WHERE list = ? AND at_s >= ?",
                                         &rows, err);

    if (status == PS_OK) {
        ps_statement_bind_int(&rows, 1, list->id);
        ps_statement_bind_int(&rows, 2, since_s);
        status = ps_statement_step(&rows, &row, err);
    }
    while (status == PS_OK && row && *out_sound) {
        status = note_row(&rows, d, out_sound, err);
        if (status == PS_OK) status = ps_statement_step(&rows, &row, err);
    }
    ps_statement_close(&rows);
    return status;
}

static int compare_differences(const void *a, const void *b)
{
    const difference *one = a, *other = b;

    if (one->at_s != other->at_s) return one->at_s < other->at_s ? -1 : 1;
    int order = ps_span_compare(one->text, other->text);
    return order != 0 ? order : (one->at > other->at) - (one->at < other->at);
}

static ps_span bytes_of(const differences *d, const difference *item)
{
    return (ps_span){d->bytes.bytes + item->at, d->bytes.len - item->at};
}

static void sort_differences(differences *d)
{
    for (size_t i = 0; i < d->count; i++) {
        ps_span bytes = bytes_of(d, &d->items[i]);
        ps_stored_entry entry = {.kind = PS_STORED_ADDRESS};
        (void)ps_packed_take(&bytes, &entry); // as it was noted
        d->items[i].text = entry.text;
    }
    if (d->count > 0) qsort(d->items, d->count, sizeof *d->items, compare_differences);
}

static ps_status tell_difference(const differences *d, const difference *item, const char *list,
                                 const difference_visit *visit, ps_error *err)
{
    ps_span bytes = bytes_of(d, item);
    ps_store_difference told = {.list = list, .event = item->event, .at_s = item->at_s, .who = "", .why = ""};
    bool departed = item->event != PS_STORE_CAME && item->event != PS_STORE_WENT;

    (void)ps_packed_take(&bytes, &told.entry); // as it was noted
    if (departed) {
        told.who = bytes.bytes;
        told.why = told.who + strlen(told.who) + 1;
    }
    return visit->take(visit->context, &told, err);
}

static ps_status tell_list(ps_store *store, const ps_stored_source *source, const ps_stored_list *list,
                           const difference_visit *visit, ps_error *err)
{
    differences d = {.count = 0};
    bool sound = true;

    ps_buf_init(&d.bytes, DIFFERENCES_BYTES_MAX);
    ps_status status = note_stored(store, list, visit->since_s, &d, &sound, err);
    if (status == PS_OK && sound) status = note_departed(store, list, visit->since_s, &d, &sound, err);
    if (status == PS_OK && !sound) status = ps_list_damaged(store, source, list, err);
    if (status == PS_OK) sort_differences(&d);
    for (size_t i = 0; status == PS_OK && i < d.count; i++)
        status = tell_difference(&d, &d.items[i], list->name, visit, err);
    ps_buf_done(&d.bytes);
    ps_memory_free(d.items);
    return status;
}

ps_status ps_store_differences(ps_store *store, const ps_stored_source *source, int64_t since_s,
                               ps_store_visit_difference *visit, void *context, ps_error *err)
{
    const difference_visit told = {visit, context, since_s};
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < source->list_count; i++)
        status = tell_list(store, source, &source->lists[i], &told, err);
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

static bool is_meant(const taking *t, const ps_stored_entry *entry)
{
    const ps_span *scope = t->removal->scope;

    return ps_span_equal(entry->text, t->removal->text) && (scope == NULL || ps_span_equal(entry->scope, *scope));
}

static ps_status take_entry(taking *t, const ps_stored_entry *entry, ps_page_writer *to, ps_error *err)
{
    if (!is_meant(t, entry)) return ps_page_writer_add(to, entry, err);
    ps_status status = record(t, entry, err);
    if (status == PS_OK) status = ps_entry_take_from(&t->list.sum, entry, &t->room, err);
    to->changed = true;
    t->list.count--;
    t->count++;
    return status;
}

// Of the pages from that on in which its entries may begin.
static ps_status take_pages(taking *t, ps_pages *pages, ps_error *err)
{
    ps_page_writer to = {.page = 0};
    ps_status status = ps_page_writer_open(t->store, t->list.id, &to, err);

    while (status == PS_OK && pages->entry != NULL) {
        bool begins = pages->page != to.page;
        if (begins && ps_span_compare(pages->entry->text, t->removal->text) > 0) break;
        status = ps_page_writer_follow(&to, pages, err);
        if (status == PS_OK) status = take_entry(t, pages->entry, &to, err);
        if (status == PS_OK) status = ps_pages_next(pages, err);
    }
    if (status == PS_OK && pages->damaged) status = ps_list_damaged(t->store, t->source, &t->list, err);
    if (status == PS_OK) status = ps_page_writer_end(&to, err);
    ps_page_writer_close(&to);
    return status;
}

static ps_status take_from_list(taking *t, ps_error *err)
{
    ps_statement first = {0};
    ps_pages pages = {.page = 0};
    uint64_t before = t->count;
    bool row = false;
    ps_status status = ps_statement_open(
        t->store, "SELECT ifnull(max(text), '') FROM suppression_pages WHERE list = ? AND text < ?", &first, err);

    if (status == PS_OK) {
        ps_statement_bind_int(&first, 1, t->list.id);
        ps_statement_bind_span(&first, 2, t->removal->text);
        status = ps_statement_step(&first, &row, err);
    }
    if (status == PS_OK) {
        ps_span from = ps_statement_span(&first, 0);
        status = ps_pages_open(t->store, t->list.id, &from, &pages, err);
        if (status == PS_OK) status = take_pages(t, &pages, err);
    }
    ps_pages_close(&pages);
    ps_statement_close(&first);
    return status == PS_OK && t->count > before ? ps_list_save(t->store, &t->list, err) : status;
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
