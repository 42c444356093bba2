#include "store/pages.h"

#include <assert.h>

#include "store/packed.h"
#include "store/waiting.h"

enum {
    // Of a page whose entries are small: large enough that a row is worth SQLite's while, and small enough that a few
    // new entries do not write a large list anew.
    PAGE_BYTES = 16 << 10,
    BYTES_MAX = 4 * PS_ENTRY_ROOM_BYTES_MAX // two pages with the largest entries there are
};

// ---- reading

static void name_entry(ps_buf *to, size_t *out_text_len, const ps_stored_entry *entry)
{
    ps_buf_clear(to);
    ps_buf_add_span(to, entry->text);
    ps_buf_add_span(to, entry->scope);
    *out_text_len = entry->text.len;
}

static ps_stored_entry named(const ps_buf *name, size_t text_len)
{
    ps_span all = ps_buf_span(name);

    if (all.bytes == NULL || all.len < text_len) return (ps_stored_entry){.kind = PS_STORED_ADDRESS}; // it has failed
    return (ps_stored_entry){.text = {all.bytes, text_len}, .scope = {all.bytes + text_len, all.len - text_len}};
}

static ps_status check_room(const ps_pages *pages, ps_error *err)
{
    const ps_buf *const buffers[] = {&pages->bytes, &pages->name, &pages->last};
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < PS_COUNT_OF(buffers); i++)
        status = ps_buf_status(buffers[i], "a page of entries", err);
    return status;
}

static ps_status read_page(ps_pages *pages, bool *out_row, ps_error *err)
{
    ps_span text = {NULL, 0}, scope = text;
    bool end = false;
    // Behind the last entry: what was made of this page meanwhile stands before that. Of a damaged one no entry says
    // where it ends.
    bool by_name = !pages->begun || pages->mends;

    ps_statement_bind_span(&pages->next, 2, by_name ? pages->text : pages->current.text);
    ps_statement_bind_span(&pages->next, 3, by_name ? pages->scope : pages->current.scope);
    ps_statement_bind_int(&pages->next, 4, pages->begun);
    ps_status status = ps_statement_step(&pages->next, out_row, err);
    pages->begun = true;
    if (status != PS_OK || !*out_row) return status;
    ps_span entries = ps_statement_bytes(&pages->next, 2);
    text = ps_statement_span(&pages->next, 0);
    scope = ps_statement_span(&pages->next, 1);
    ps_buf_clear(&pages->bytes);
    ps_buf_add_span(&pages->bytes, text);
    ps_buf_add_span(&pages->bytes, scope);
    ps_buf_add_span(&pages->bytes, entries);
    size_t text_len = text.len, len = text.len + scope.len;
    status = ps_statement_step(&pages->next, &end, err); // so that it can be bound anew
    if (status == PS_OK) status = check_room(pages, err);
    if (status != PS_OK) return status;
    ps_buf_clear(&pages->name);
    ps_buf_add(&pages->name, ps_buf_text(&pages->bytes), len);
    status = check_room(pages, err);
    if (status != PS_OK) return status;
    const char *name = ps_buf_text(&pages->name);
    pages->text = (ps_span){name, text_len};
    pages->scope = (ps_span){name + text_len, len - text_len};
    pages->rest = (ps_span){ps_buf_text(&pages->bytes) + len, pages->bytes.len - len};
    pages->page++;
    return PS_OK;
}

// Whether entries begin here that fill the page to its end.
static bool is_packed(ps_span rest)
{
    ps_stored_entry before, entry = {.text = {NULL, 0}};

    for (bool first = true; rest.len > 0; first = false) {
        before = entry;
        if (!ps_packed_take(&rest, &entry) || entry.text.len == 0) return false;
        if (!first && ps_entry_compare(&before, &entry) >= 0) return false;
    }
    return true;
}

// Of a damaged page the entries before the damage, and those from where they fill the page again.
static bool take_sound(ps_pages *pages, ps_stored_entry *out)
{
    ps_span rest = pages->rest, packed = rest;

    while (!pages->proven && !is_packed(packed))
        packed = (ps_span){packed.bytes + 1, packed.len - 1};
    pages->proven = packed.len == rest.len;
    bool sound = ps_packed_take(&rest, out) && (pages->proven || rest.len >= packed.len);
    pages->rest = sound ? rest : packed;
    return sound;
}

static void note_damage(ps_pages *pages)
{
    pages->damaged = !pages->mends;
}

static ps_status next_page(ps_pages *pages, bool *out_more, ps_error *err)
{
    name_entry(&pages->last, &pages->last_text_len, &pages->current);
    pages->current = named(&pages->last, pages->last_text_len);
    ps_status status = read_page(pages, out_more, err);
    pages->proven = false;
    if (status == PS_OK && *out_more && pages->rest.len == 0) note_damage(pages); // no page is empty
    return status;
}

// The next entry of any page. `*out_new_page`: it is the first of one.
static ps_status take_entry(ps_pages *pages, ps_stored_entry *out, bool *out_more, bool *out_new_page, ps_error *err)
{
    ps_status status = PS_OK;

    *out_more = true;
    *out_new_page = false;
    while (status == PS_OK && *out_more && !pages->damaged) {
        if (pages->rest.len == 0) {
            *out_new_page = true;
            status = next_page(pages, out_more, err);
        } else if (pages->mends ? take_sound(pages, out) : ps_packed_take(&pages->rest, out)) {
            return PS_OK;
        } else {
            note_damage(pages);
        }
    }
    return status;
}

static void check_order(ps_pages *pages, const ps_stored_entry *next, bool new_page)
{
    const ps_stored_entry name = {.text = pages->text, .scope = pages->scope};
    bool ascends = pages->count == 0 || ps_entry_compare(&pages->current, next) < 0;
    bool fits = !new_page || ps_entry_compare(&name, next) == 0;

    if (!ascends || !fits) note_damage(pages);
}

ps_status ps_pages_next(ps_pages *pages, ps_error *err)
{
    ps_stored_entry next = {.kind = PS_STORED_ADDRESS};
    bool more = false, new_page = false;

    pages->entry = NULL;
    ps_status status = take_entry(pages, &next, &more, &new_page, err);
    if (status != PS_OK || !more || pages->damaged) return status;
    check_order(pages, &next, new_page);
    if (pages->damaged) return PS_OK;
    pages->current = next;
    pages->count++;
    status = ps_entry_add_to(&pages->sum, &next, &pages->room, err);
    if (status == PS_OK) pages->entry = &pages->current;
    return status;
}

static ps_status open_pages(const ps_store *store, int64_t list, const ps_span *from, ps_pages *out, ps_error *err)
{
    ps_buf *const buffers[] = {&out->bytes, &out->name, &out->last};
    ps_status status = ps_statement_open(store,
                                         "SELECT text, scope, entries FROM suppression_pages WHERE list = ?1 AND "
                                         "(text, scope, 1) > (?2, ?3, ?4) ORDER BY text, scope LIMIT 1",
                                         &out->next, err);

    for (size_t i = 0; i < PS_COUNT_OF(buffers); i++)
        ps_buf_init(buffers[i], BYTES_MAX);
    ps_buf_init(&out->room, PS_ENTRY_ROOM_BYTES_MAX);
    if (status != PS_OK) return status;
    ps_statement_bind_int(&out->next, 1, list);
    if (from != NULL) out->text = *from;
    return ps_pages_next(out, err);
}

ps_status ps_pages_open(const ps_store *store, int64_t list, const ps_span *from, ps_pages *out, ps_error *err)
{
    *out = (ps_pages){.page = 0};
    return open_pages(store, list, from, out, err);
}

void ps_pages_close(ps_pages *pages)
{
    ps_statement_close(&pages->next);
    ps_buf_done(&pages->bytes);
    ps_buf_done(&pages->name);
    ps_buf_done(&pages->last);
    ps_buf_done(&pages->room);
}

// ---- writing

static ps_status drop_row(ps_page_writer *writer, ps_error *err)
{
    ps_stored_entry name = named(&writer->name, writer->name_text_len);

    writer->replaces = false;
    ps_statement_bind_span(&writer->drop, 2, name.text);
    ps_statement_bind_span(&writer->drop, 3, name.scope);
    return ps_statement_run(&writer->drop, err);
}

// The first `len` bytes become a page.
static ps_status write_page(ps_page_writer *writer, size_t len, ps_error *err)
{
    ps_span page = {writer->bytes.bytes, len}, first = page;
    ps_stored_entry entry = {.kind = PS_STORED_ADDRESS};
    ps_status status = writer->replaces ? drop_row(writer, err) : PS_OK;

    if (status != PS_OK) return status;
    (void)ps_packed_take(&first, &entry); // as it was written
    ps_statement_bind_span(&writer->put, 2, entry.text);
    ps_statement_bind_span(&writer->put, 3, entry.scope);
    ps_statement_bind_bytes(&writer->put, 4, page.bytes, page.len);
    status = ps_statement_run(&writer->put, err);
    writer->bytes.len -= len;
    memmove(writer->bytes.bytes, writer->bytes.bytes + len, writer->bytes.len);
    return status;
}

ps_status ps_page_writer_add(ps_page_writer *writer, const ps_stored_entry *entry, ps_error *err)
{
    ps_packed_add(&writer->bytes, entry);
    ps_status status = ps_buf_status(&writer->bytes, "a page of entries", err);
    if (status != PS_OK) return status;
    if (writer->full == 0 && writer->bytes.len >= PAGE_BYTES) writer->full = writer->bytes.len;
    if (writer->full == 0 || writer->bytes.len - writer->full < PAGE_BYTES) return PS_OK;
    status = write_page(writer, writer->full, err);
    writer->full = writer->bytes.len;
    writer->changed = true;
    return status;
}

// The end of the entry that the middle of them falls into.
static size_t middle_of(ps_span bytes)
{
    ps_span rest = bytes;
    ps_stored_entry entry;

    while (rest.len > bytes.len / 2 && ps_packed_take(&rest, &entry))
        ;
    return bytes.len - rest.len;
}

// More than a page becomes two halves, which have room for others.
ps_status ps_page_writer_end(ps_page_writer *writer, ps_error *err)
{
    bool halves = writer->full > 0 && writer->bytes.len > writer->full;
    ps_status status = PS_OK;

    if (writer->changed && halves) status = write_page(writer, middle_of(ps_buf_span(&writer->bytes)), err);
    if (writer->changed && status == PS_OK && writer->bytes.len > 0)
        status = write_page(writer, writer->bytes.len, err);
    if (writer->changed && status == PS_OK && writer->replaces) status = drop_row(writer, err);
    ps_buf_clear(&writer->bytes);
    writer->full = 0;
    writer->changed = writer->replaces = false;
    return status;
}

ps_status ps_page_writer_follow(ps_page_writer *writer, const ps_pages *pages, ps_error *err)
{
    ps_status status = PS_OK;

    if (pages->entry == NULL || pages->page == writer->page) return PS_OK;
    status = ps_page_writer_end(writer, err);
    if (status != PS_OK) return status;
    name_entry(&writer->name, &writer->name_text_len, &(ps_stored_entry){.text = pages->text, .scope = pages->scope});
    writer->replaces = true;
    writer->page = pages->page;
    return ps_buf_status(&writer->name, "the key of a page", err);
}

ps_status ps_page_writer_open(const ps_store *store, int64_t list, ps_page_writer *out, ps_error *err)
{
    *out = (ps_page_writer){.page = 0};
    ps_buf_init(&out->bytes, BYTES_MAX);
    ps_buf_init(&out->name, BYTES_MAX);
    ps_status status = ps_statement_open(
        store, "INSERT INTO suppression_pages(list, text, scope, entries) VALUES(?, ?, ?, ?)", &out->put, err);
    if (status == PS_OK) {
        status = ps_statement_open(store, "DELETE FROM suppression_pages WHERE list = ? AND text = ? AND scope = ?",
                                   &out->drop, err);
    }
    if (status != PS_OK) return status;
    ps_statement_bind_int(&out->put, 1, list);
    ps_statement_bind_int(&out->drop, 1, list);
    return PS_OK;
}

void ps_page_writer_close(ps_page_writer *writer)
{
    ps_statement_close(&writer->put);
    ps_statement_close(&writer->drop);
    ps_buf_done(&writer->bytes);
    ps_buf_done(&writer->name);
}

// ---- mending

// Those that can be read, as a list that waits: it comes out in order and without repeats.
static ps_status gather(const ps_store *store, int64_t list, int64_t room, ps_error *err)
{
    ps_pages pages = {.mends = true};
    ps_buf bytes;
    ps_hash ignored = {0, 0};
    ps_status status = open_pages(store, list, NULL, &pages, err);

    ps_buf_init(&bytes, PS_WAITING_RUN_BYTES + PS_ENTRY_ROOM_BYTES_MAX);
    while (status == PS_OK && pages.entry != NULL) {
        ps_packed_add(&bytes, pages.entry);
        if (bytes.len >= PS_WAITING_RUN_BYTES) {
            status = ps_waiting_put(store, room, ps_buf_span(&bytes), &ignored, err);
            ps_buf_clear(&bytes);
        }
        if (status == PS_OK) status = ps_buf_status(&bytes, "entries", err);
        if (status == PS_OK) status = ps_pages_next(&pages, err);
    }
    if (status == PS_OK) status = ps_waiting_put(store, room, ps_buf_span(&bytes), &ignored, err);
    ps_buf_done(&bytes);
    ps_pages_close(&pages);
    return status;
}

static ps_status write_gathered(const ps_store *store, int64_t list, int64_t room, ps_error *err)
{
    ps_page_writer writer = {.page = 0};
    ps_waiting gathered = {.list = room};
    ps_status status = ps_page_writer_open(store, list, &writer, err);

    if (status == PS_OK) status = ps_waiting_open(store, room, true, &gathered, err);
    writer.changed = true;
    while (status == PS_OK && gathered.entry != NULL) {
        status = ps_page_writer_add(&writer, gathered.entry, err);
        if (status == PS_OK) status = ps_waiting_next(&gathered, err);
    }
    assert(status != PS_OK || !gathered.damaged); // it was written just now
    if (status == PS_OK) status = ps_page_writer_end(&writer, err);
    ps_waiting_close(&gathered);
    ps_page_writer_close(&writer);
    return status;
}

static ps_status drop_pages(const ps_store *store, int64_t list, ps_error *err)
{
    ps_statement drop = {0};
    ps_status status = ps_statement_open(store, "DELETE FROM suppression_pages WHERE list = ?", &drop, err);

    if (status == PS_OK) {
        ps_statement_bind_int(&drop, 1, list);
        status = ps_statement_run(&drop, err);
    }
    ps_statement_close(&drop);
    return status;
}

ps_status ps_pages_mend(const ps_store *store, int64_t list, ps_error *err)
{
    int64_t room = -list; // no list has such a number
    ps_status status = gather(store, list, room, err);

    if (status == PS_OK) status = drop_pages(store, list, err);
    return status == PS_OK ? write_gathered(store, list, room, err) : status;
}

// ---- states of before

static ps_status pack_list(const ps_store *store, ps_statement *rows, int64_t list, ps_error *err)
{
    ps_page_writer writer = {.page = 0};
    bool row = false;
    ps_status status = ps_page_writer_open(store, list, &writer, err);

    writer.changed = true;
    ps_statement_bind_int(rows, 1, list);
    if (status == PS_OK) status = ps_statement_step(rows, &row, err);
    while (status == PS_OK && row) {
        ps_stored_entry entry;
        bool sound = ps_entry_read(rows, 0, &entry); // without what is damaged its list does not fit its sum
        entry.first_seen_s = ps_statement_int(rows, PS_ENTRY_COLUMN_COUNT);
        entry.gone_s = ps_statement_int(rows, PS_ENTRY_COLUMN_COUNT + 1);
        if (sound) status = ps_page_writer_add(&writer, &entry, err);
        if (status == PS_OK) status = ps_statement_step(rows, &row, err);
    }
    if (status == PS_OK) status = ps_page_writer_end(&writer, err);
    ps_page_writer_close(&writer);
    return status;
}

ps_status ps_pages_pack(const ps_store *store, ps_error *err)
{
    ps_statement lists = {0}, rows = {0};
    bool row = false;
    ps_status status = ps_statement_open(store, "SELECT id FROM suppression_lists", &lists, err);

    if (status == PS_OK) {
        status = ps_statement_open(store,
                                   "SELECT " PS_ENTRY_COLUMNS ", first_seen_s, gone_s FROM suppression_entries "
                                   "WHERE list = ? ORDER BY text, scope",
                                   &rows, err);
    }
    if (status == PS_OK) status = ps_statement_step(&lists, &row, err);
    while (status == PS_OK && row) {
        status = pack_list(store, &rows, ps_statement_int(&lists, 0), err);
        if (status == PS_OK) status = ps_statement_step(&lists, &row, err);
    }
    ps_statement_close(&lists);
    ps_statement_close(&rows);
    return status == PS_OK ? ps_store_execute(store, "DROP TABLE suppression_entries", err) : status;
}
