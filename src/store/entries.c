#include "store/entries.h"

#include "store/pages.h"

bool ps_entry_read(const ps_statement *statement, int column, ps_stored_entry *out)
{
    int64_t kind = ps_statement_int(statement, column + 2), class = ps_statement_int(statement, column + 3);

    *out = (ps_stored_entry){
        .text = ps_statement_span(statement, column),
        .scope = ps_statement_span(statement, column + 1),
        .kind = (ps_stored_kind)kind,
        .class = (ps_class) class,
        .code = ps_statement_span(statement, column + 4),
        .reason = ps_statement_span(statement, column + 5),
        .created_s = ps_statement_int(statement, column + 6),
        .expires_s = ps_statement_int(statement, column + 7),
    };
    return kind >= 0 && kind < PS_STORED_KIND_COUNT && class >= 0 && class < PS_CLASS_COUNT;
}

void ps_entry_bind(ps_statement *statement, int parameter, const ps_stored_entry *entry)
{
    ps_statement_bind_span(statement, parameter, entry->text);
    ps_statement_bind_span(statement, parameter + 1, entry->scope);
    ps_statement_bind_int(statement, parameter + 2, entry->kind);
    ps_statement_bind_int(statement, parameter + 3, entry->class);
    ps_statement_bind_span(statement, parameter + 4, entry->code);
    ps_statement_bind_span(statement, parameter + 5, entry->reason);
    ps_statement_bind_int(statement, parameter + 6, entry->created_s);
    ps_statement_bind_int(statement, parameter + 7, entry->expires_s);
}

// Lengths before the texts: no two entries come to the same bytes.
static ps_status hash_of(const ps_stored_entry *entry, ps_buf *room, ps_hash *out, ps_error *err)
{
    const int64_t numbers[] = {
        entry->kind,
        entry->class,
        entry->created_s,
        entry->expires_s,
        entry->first_seen_s,
        entry->gone_s,
        (int64_t)entry->text.len,
        (int64_t)entry->scope.len,
        (int64_t)entry->code.len,
    };

    ps_buf_clear(room);
    ps_buf_add(room, numbers, sizeof numbers);
    ps_buf_add_span(room, entry->text);
    ps_buf_add_span(room, entry->scope);
    ps_buf_add_span(room, entry->code);
    ps_buf_add_span(room, entry->reason);
    ps_status status = ps_buf_status(room, "an entry", err);
    if (status == PS_OK) *out = ps_hash_of(ps_buf_span(room));
    return status;
}

ps_status ps_entry_add_to(ps_hash *sum, const ps_stored_entry *entry, ps_buf *room, ps_error *err)
{
    ps_hash hash;
    ps_status status = hash_of(entry, room, &hash, err);

    if (status != PS_OK) return status;
    sum->low += hash.low;
    sum->high += hash.high + (sum->low < hash.low);
    return PS_OK;
}

ps_status ps_entry_take_from(ps_hash *sum, const ps_stored_entry *entry, ps_buf *room, ps_error *err)
{
    ps_hash hash;
    ps_status status = hash_of(entry, room, &hash, err);

    if (status != PS_OK) return status;
    sum->high -= hash.high + (sum->low < hash.low);
    sum->low -= hash.low;
    return PS_OK;
}

ps_status ps_list_save(ps_store *store, const ps_stored_list *list, ps_error *err)
{
    ps_statement statement = {0};
    ps_status status = ps_statement_open(
        store, "UPDATE suppression_lists SET whole_s = ?2, full_s = ?3, count = ?4, sum = ?5 WHERE id = ?1", &statement,
        err);

    if (status == PS_OK) {
        ps_statement_bind_int(&statement, 1, list->id);
        ps_statement_bind_int(&statement, 2, list->whole_s);
        ps_statement_bind_int(&statement, 3, list->full_s);
        ps_statement_bind_int(&statement, 4, (int64_t)list->count);
        ps_statement_bind_bytes(&statement, 5, &list->sum, sizeof list->sum);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}

ps_status ps_list_damaged(const ps_store *store, const ps_stored_source *source, const ps_stored_list *list,
                          ps_error *err)
{
    ps_error_set(err, PS_SOURCE,
                 "Suppression source '%s' cannot be used: what the state file '%s' holds of its list %s is not what "
                 "was written.",
                 source->name, store->path, list->name);
    bool imported = strcmp(source->type, PS_STORED_IMPORTED) == 0;
    ps_error_hint(err,
                  imported ? "Put a copy of the state file from a backup in its place. Without one: `presend suppress "
                             "import FILE --into %s --accept %s:checksum` adds the list again and goes on with the "
                             "entries as they stand."
                           : "Put a copy of the state file from a backup in its place. Without one: `presend suppress "
                             "sync %s --full --accept %s:checksum` reads the list anew and goes on with the entries as "
                             "they stand.",
                  source->name, source->name);
    return PS_SOURCE;
}

ps_status ps_list_check(const ps_store *store, const ps_stored_source *source, const ps_stored_list *list,
                        const ps_pages *pages, ps_error *err)
{
    bool fits = !pages->damaged && pages->count == list->count && ps_hash_equal(pages->sum, list->sum);

    return fits ? PS_OK : ps_list_damaged(store, source, list, err);
}

// What goes over the entries of a source.
typedef struct walk {
    ps_visit_entry *visit;
    void *context;
} walk;

static ps_status walk_list(ps_store *store, const ps_stored_source *source, const ps_stored_list *list, const walk *w,
                           ps_error *err)
{
    ps_pages pages;
    ps_status status = ps_pages_open(store, list->id, NULL, &pages, err);

    while (status == PS_OK && pages.entry != NULL) {
        status = w->visit(w->context, list, pages.entry, err);
        if (status == PS_OK) status = ps_pages_next(&pages, err);
    }
    if (status == PS_OK) status = ps_list_check(store, source, list, &pages, err);
    ps_pages_close(&pages);
    return status;
}

ps_status ps_store_entries(ps_store *store, const ps_stored_source *source, ps_visit_entry *visit, void *context,
                           ps_error *err)
{
    const walk w = {.visit = visit, .context = context};
    ps_status status = ps_store_source_check(store, source, err);

    for (size_t i = 0; status == PS_OK && i < source->list_count; i++)
        status = walk_list(store, source, &source->lists[i], &w, err);
    return status;
}
