// The sources and lists that the state knows.

#include <stdio.h>

#include "store/entries.h"

static ps_status too_many_lists(const ps_store *store, const ps_stored_source *source, ps_error *err)
{
    return ps_error_set(err, PS_SOURCE, "The state file '%s' has more than %d lists of suppression source '%s'.",
                        store->path, PS_STORED_LISTS_MAX, source->name);
}

static void read_list(const ps_statement *statement, ps_stored_list *out)
{
    *out = (ps_stored_list){
        .id = ps_statement_int(statement, 0),
        .allowlist = ps_statement_int(statement, 2) != 0,
        .whole_s = ps_statement_int(statement, 3),
        .full_s = ps_statement_int(statement, 4),
        .count = ps_statement_count(statement, 5),
        .sum = ps_statement_hash(statement, 6),
    };
    snprintf(out->name, sizeof out->name, "%s", ps_statement_text(statement, 1));
}

static ps_status read_lists(ps_store *store, ps_stored_source *source, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(store,
                                         "SELECT id, name, allowlist, whole_s, full_s, count, sum FROM "
                                         "suppression_lists WHERE source = ? ORDER BY name",
                                         &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_int(&statement, 1, source->id);
        status = ps_statement_step(&statement, &row, err);
    }
    while (status == PS_OK && row) {
        if (source->list_count == PS_STORED_LISTS_MAX) {
            status = too_many_lists(store, source, err);
            break;
        }
        read_list(&statement, &source->lists[source->list_count++]);
        status = ps_statement_step(&statement, &row, err);
    }
    ps_statement_close(&statement);
    return status;
}

static void read_source(const ps_statement *statement, ps_stored_source *out)
{
    *out = (ps_stored_source){.id = ps_statement_int(statement, 0)};
    snprintf(out->name, sizeof out->name, "%s", ps_statement_text(statement, 1));
    snprintf(out->type, sizeof out->type, "%s", ps_statement_text(statement, 2));
    snprintf(out->origin, sizeof out->origin, "%s", ps_statement_text(statement, 3));
}

ps_status ps_store_source(ps_store *store, const char *name, ps_stored_source *out, bool *out_found, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(store, "SELECT id, name, type, origin FROM suppression_sources WHERE name = ?",
                                         &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_text(&statement, 1, name);
        status = ps_statement_step(&statement, &row, err);
    }
    if (status == PS_OK && row) read_source(&statement, out);
    ps_statement_close(&statement);
    if (status == PS_OK && row) status = read_lists(store, out, err);
    if (status == PS_OK) *out_found = row;
    return status;
}

ps_status ps_store_sources(ps_store *store, ps_store_visit_source *visit, void *context, ps_error *err)
{
    ps_statement statement = {0};
    ps_stored_source source;
    bool row = false;
    ps_status status = ps_statement_open(store, "SELECT id, name, type, origin FROM suppression_sources ORDER BY name",
                                         &statement, err);

    if (status == PS_OK) status = ps_statement_step(&statement, &row, err);
    while (status == PS_OK && row) {
        read_source(&statement, &source);
        status = read_lists(store, &source, err);
        if (status == PS_OK) status = visit(context, &source, err);
        if (status == PS_OK) status = ps_statement_step(&statement, &row, err);
    }
    ps_statement_close(&statement);
    return status;
}
