// The sources and lists that the state knows.

#include <inttypes.h>
#include <stdio.h>

#include "store/entries.h"

enum { LINE_BYTES = 512 }; // the longest names and five numbers are less

// What was written of a source and its lists.
typedef struct seal {
    bool there;
    ps_hash hash;
} seal;

#define SOURCE_COLUMNS "id, name, type, origin, seal, seal IS NOT NULL"

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

static void add_line(ps_hash *sum, const char *line)
{
    ps_hash hash = ps_hash_of(ps_span_of(line));

    sum->low += hash.low;
    sum->high += hash.high + (sum->low < hash.low);
}

// What must not change by itself. The times may: one that is wrong makes a list too old, or never whole.
static ps_hash seal_of(const ps_stored_source *source)
{
    char line[LINE_BYTES];
    ps_hash sum = {0, 0};

    snprintf(line, sizeof line, "%" PRId64 " %s %s", source->id, source->type, source->name);
    add_line(&sum, line);
    for (size_t i = 0; i < source->list_count; i++) {
        const ps_stored_list *list = &source->lists[i];
        snprintf(line, sizeof line, "%" PRId64 " %d %" PRIu64 " %016" PRIx64 "%016" PRIx64 " %s", list->id,
                 list->allowlist, list->count, list->sum.high, list->sum.low, list->name);
        add_line(&sum, line);
    }
    return sum;
}

static void read_source(const ps_statement *statement, ps_stored_source *out, seal *out_seal)
{
    *out = (ps_stored_source){.id = ps_statement_int(statement, 0)};
    snprintf(out->name, sizeof out->name, "%s", ps_statement_text(statement, 1));
    snprintf(out->type, sizeof out->type, "%s", ps_statement_text(statement, 2));
    snprintf(out->origin, sizeof out->origin, "%s", ps_statement_text(statement, 3));
    *out_seal = (seal){ps_statement_int(statement, 5) != 0, ps_statement_hash(statement, 4)};
}

static ps_status read_whole(ps_store *store, const seal *sealed, ps_stored_source *source, ps_error *err)
{
    ps_status status = read_lists(store, source, err);

    source->damaged = sealed->there && !ps_hash_equal(seal_of(source), sealed->hash);
    return status;
}

ps_status ps_store_source_check(const ps_store *store, const ps_stored_source *source, ps_error *err)
{
    static const ps_stored_list lists = {.name = "of lists"};

    return source->damaged ? ps_list_damaged(store, source, &lists, err) : PS_OK;
}

ps_status ps_source_seal(ps_store *store, const char *name, ps_error *err)
{
    ps_statement statement = {0};
    ps_stored_source source;
    bool found = false;
    ps_status status = ps_store_source(store, name, &source, &found, err);

    if (status != PS_OK || !found) return status;
    ps_hash hash = seal_of(&source);
    status = ps_statement_open(store, "UPDATE suppression_sources SET seal = ?2 WHERE id = ?1", &statement, err);
    if (status == PS_OK) {
        ps_statement_bind_int(&statement, 1, source.id);
        ps_statement_bind_bytes(&statement, 2, &hash, sizeof hash);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}

ps_status ps_store_source(ps_store *store, const char *name, ps_stored_source *out, bool *out_found, ps_error *err)
{
    ps_statement statement = {0};
    seal sealed = {.there = false};
    bool row = false;
    ps_status status =
        ps_statement_open(store, "SELECT " SOURCE_COLUMNS " FROM suppression_sources WHERE name = ?", &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_text(&statement, 1, name);
        status = ps_statement_step(&statement, &row, err);
    }
    if (status == PS_OK && row) read_source(&statement, out, &sealed);
    ps_statement_close(&statement);
    if (status == PS_OK && row) status = read_whole(store, &sealed, out, err);
    if (status == PS_OK) *out_found = row;
    return status;
}

ps_status ps_store_sources(ps_store *store, ps_store_visit_source *visit, void *context, ps_error *err)
{
    ps_statement statement = {0};
    ps_stored_source source;
    seal sealed = {.there = false};
    bool row = false;
    ps_status status =
        ps_statement_open(store, "SELECT " SOURCE_COLUMNS " FROM suppression_sources ORDER BY name", &statement, err);

    if (status == PS_OK) status = ps_statement_step(&statement, &row, err);
    while (status == PS_OK && row) {
        read_source(&statement, &source, &sealed);
        status = read_whole(store, &sealed, &source, err);
        if (status == PS_OK) status = visit(context, &source, err);
        if (status == PS_OK) status = ps_statement_step(&statement, &row, err);
    }
    ps_statement_close(&statement);
    return status;
}
