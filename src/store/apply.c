// What was read of a source becomes its state, all of its lists in one transaction.

#include <inttypes.h>
#include <string.h>

#include "store/intake.h"

enum {
    LIFT_MIN = 100, // so few bounces may always be lifted at once
    LIFT_SHARE = 20 // and a twentieth of what the ESP listed
};

// The source on its way to its new state.
typedef struct applying {
    ps_store_intake *intake;
    const ps_intake_accept *options;
    ps_intake_change *change;
    ps_stored_list *list; // the one at hand
    bool full;
    int64_t now_s; // when the reading began: what is new or gone has been so since then
    int64_t oldest_s; // the oldest entry that the ESP still lists here; 0: none has a time
    bool hold_back; // too many bounces vanished at once
    bool spoilt; // pages that waited are not those that were written
    uint64_t gone[PS_STORED_LISTS_MAX]; // entries that vanished, by list
    ps_buf room;
} applying;

// ---- entries that came, changed or came back

static ps_status write_entry(const applying *a, ps_statement *put, const ps_stored_entry *entry, ps_error *err)
{
    ps_statement_bind_int(put, 1, a->list->id);
    ps_entry_bind(put, 2, entry);
    ps_statement_bind_int(put, 2 + PS_ENTRY_COLUMN_COUNT, entry->first_seen_s);
    ps_statement_bind_int(put, 3 + PS_ENTRY_COLUMN_COUNT, entry->gone_s);
    return ps_statement_run(put, err);
}

enum { OLD_COLUMN = PS_ENTRY_COLUMN_COUNT, OLD_FIRST = 2 * PS_ENTRY_COLUMN_COUNT };

// What somebody wanted, or may have wanted, stays until it is taken out on purpose.
static bool class_stays(ps_class class)
{
    switch (class) {
    case PS_CLASS_COMPLAINT:
    case PS_CLASS_UNSUBSCRIBE:
    case PS_CLASS_MANUAL:
    case PS_CLASS_UNKNOWN:
        return true;
    case PS_CLASS_HARD:
    case PS_CLASS_INVALID:
    case PS_CLASS_BLOCK:
    case PS_CLASS_SOFT:
    case PS_CLASS_VERIFIED:
    case PS_CLASS_COUNT:
        break;
    }
    return false;
}

// Listed for a lesser reason now: who unsubscribed and bounced later has unsubscribed still.
static void keep_wish(const ps_stored_entry *old, ps_stored_entry *entry)
{
    if (!class_stays(old->class) || old->class >= entry->class) return;
    entry->class = old->class;
    entry->expires_s = old->expires_s;
}

// Columns: the staged entry, then the stored one (NULL where it is new), its first_seen_s and gone_s.
static ps_status take_staged(applying *a, const ps_statement *row, ps_statement *put, ps_error *err)
{
    ps_stored_entry entry, old;
    bool known = ps_statement_int(row, OLD_FIRST) != 0;
    ps_status status = PS_OK;

    bool sound = ps_entry_read(row, 0, &entry) && (!known || ps_entry_read(row, OLD_COLUMN, &old));
    if (!sound) return ps_list_damaged(a->intake->store, &a->intake->source, a->list, err);
    entry.first_seen_s = a->now_s;
    if (known) {
        old.first_seen_s = entry.first_seen_s = ps_statement_int(row, OLD_FIRST);
        old.gone_s = ps_statement_int(row, OLD_FIRST + 1);
        keep_wish(&old, &entry);
        status = ps_entry_take_from(&a->list->sum, &old, &a->room, err);
        a->change->returned += old.gone_s != 0;
        a->change->changed += old.gone_s == 0;
    } else {
        a->list->count++;
        a->change->added++;
    }
    if (status == PS_OK) status = ps_entry_add_to(&a->list->sum, &entry, &a->room, err);
    return status == PS_OK ? write_entry(a, put, &entry, err) : status;
}

static const char came[] =
    "SELECT s.text, s.scope, s.kind, s.class, s.code, s.reason, s.created_s, s.expires_s, e.text, e.scope, e.kind, "
    "e.class, e.code, e.reason, e.created_s, e.expires_s, e.first_seen_s, e.gone_s FROM suppression_staged s "
    "LEFT JOIN suppression_entries e ON e.list = s.list AND e.text = s.text AND e.scope = s.scope WHERE s.list = ? "
    "AND (e.text IS NULL OR e.gone_s <> 0 OR e.kind <> s.kind OR e.class <> s.class OR e.created_s <> s.created_s "
    "OR e.expires_s <> s.expires_s OR e.code <> s.code OR e.reason <> s.reason)";

static ps_status apply_came(applying *a, ps_error *err)
{
    ps_store *store = a->intake->store;
    ps_statement staged = {0}, put = {0};
    bool row = false;
    ps_status status = ps_statement_open(store, came, &staged, err);

    if (status == PS_OK) {
        status = ps_statement_open(store,
                                   "INSERT OR REPLACE INTO suppression_entries(list, " PS_ENTRY_COLUMNS
                                   ", first_seen_s, gone_s) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                   &put, err);
    }
    if (status == PS_OK) {
        ps_statement_bind_int(&staged, 1, a->list->id);
        status = ps_statement_step(&staged, &row, err);
    }
    while (status == PS_OK && row) {
        status = take_staged(a, &staged, &put, err);
        if (status == PS_OK) status = ps_statement_step(&staged, &row, err);
    }
    ps_statement_close(&put);
    ps_statement_close(&staged);
    return status;
}

// ---- entries that the ESP lists no more

// ESPs delete bounces by age; then nothing is left that is as old. Somebody who takes one off by hand leaves older
// ones.
static bool was_purged(const applying *a, const ps_stored_entry *entry)
{
    return entry->created_s != 0 && entry->created_s < a->oldest_s;
}

static ps_status open_gone(const applying *a, ps_statement *out, ps_error *err)
{
    ps_status status = ps_statement_open(
        a->intake->store,
        "SELECT " PS_ENTRY_COLUMNS ", first_seen_s FROM suppression_entries e WHERE list = ? AND gone_s = 0 AND NOT "
        "EXISTS (SELECT 1 FROM suppression_staged s WHERE s.list = e.list AND s.text = e.text AND s.scope = e.scope)",
        out, err);

    if (status == PS_OK) ps_statement_bind_int(out, 1, a->list->id);
    return status;
}

typedef ps_status see_gone(applying *a, const ps_stored_entry *entry, void *context, ps_error *err);

static ps_status each_gone(applying *a, see_gone *see, void *context, ps_error *err)
{
    ps_statement gone = {0};
    bool row = false;
    ps_status status = open_gone(a, &gone, err);

    if (status == PS_OK) status = ps_statement_step(&gone, &row, err);
    while (status == PS_OK && row) {
        ps_stored_entry entry;
        bool sound = ps_entry_read(&gone, 0, &entry);
        entry.first_seen_s = ps_statement_int(&gone, PS_ENTRY_COLUMN_COUNT);
        status =
            sound ? see(a, &entry, context, err) : ps_list_damaged(a->intake->store, &a->intake->source, a->list, err);
        if (status == PS_OK) status = ps_statement_step(&gone, &row, err);
    }
    ps_statement_close(&gone);
    return status;
}

static ps_status count_gone(applying *a, const ps_stored_entry *entry, void *context, ps_error *err)
{
    uint64_t *gone = context;
    (void)a;
    (void)entry;
    (void)err;

    (*gone)++;
    return PS_OK;
}

static ps_status count_lift(applying *a, const ps_stored_entry *entry, void *context, ps_error *err)
{
    uint64_t *lift = context;
    (void)err;

    *lift += !class_stays(entry->class) && !was_purged(a, entry);
    return PS_OK;
}

// The statements that an entry which is gone is written by.
typedef struct gone_statements {
    ps_statement keep, lift, record;
} gone_statements;

static ps_status keep_entry(applying *a, const ps_stored_entry *entry, ps_statement *keep, ps_error *err)
{
    ps_stored_entry kept = *entry;

    kept.gone_s = a->now_s;
    a->change->kept++;
    ps_status status = ps_entry_take_from(&a->list->sum, entry, &a->room, err);
    if (status == PS_OK) status = ps_entry_add_to(&a->list->sum, &kept, &a->room, err);
    if (status != PS_OK) return status;
    ps_statement_bind_int(keep, 1, a->list->id);
    ps_statement_bind_span(keep, 2, entry->text);
    ps_statement_bind_span(keep, 3, entry->scope);
    ps_statement_bind_int(keep, 4, a->now_s);
    return ps_statement_run(keep, err);
}

static ps_status lift_entry(applying *a, const ps_stored_entry *entry, gone_statements *s, ps_error *err)
{
    a->change->lifted++;
    a->list->count--;
    ps_status status = ps_entry_take_from(&a->list->sum, entry, &a->room, err);
    if (status != PS_OK) return status;
    ps_statement_bind_int(&s->record, 1, a->list->id);
    ps_entry_bind(&s->record, 2, entry);
    ps_statement_bind_int(&s->record, 2 + PS_ENTRY_COLUMN_COUNT, entry->first_seen_s);
    ps_statement_bind_int(&s->record, 3 + PS_ENTRY_COLUMN_COUNT, a->now_s);
    ps_statement_bind_int(&s->record, 4 + PS_ENTRY_COLUMN_COUNT, PS_STORE_LIFTED);
    status = ps_statement_run(&s->record, err);
    if (status != PS_OK) return status;
    ps_statement_bind_int(&s->lift, 1, a->list->id);
    ps_statement_bind_span(&s->lift, 2, entry->text);
    ps_statement_bind_span(&s->lift, 3, entry->scope);
    return ps_statement_run(&s->lift, err);
}

static ps_status take_gone(applying *a, const ps_stored_entry *entry, void *context, ps_error *err)
{
    gone_statements *statements = context;

    a->change->gone++;
    if (class_stays(entry->class) || was_purged(a, entry)) return keep_entry(a, entry, &statements->keep, err);
    if (!a->hold_back) return lift_entry(a, entry, statements, err);
    a->change->held_back++; // and stays as if it were listed: it comes up again until somebody decides
    return PS_OK;
}

static ps_status apply_gone(applying *a, ps_error *err)
{
    ps_store *store = a->intake->store;
    gone_statements s = {.keep = {0}};
    ps_status status = ps_statement_open(
        store, "UPDATE suppression_entries SET gone_s = ?4 WHERE list = ?1 AND text = ?2 AND scope = ?3", &s.keep, err);

    if (status == PS_OK) {
        status = ps_statement_open(store, "DELETE FROM suppression_entries WHERE list = ? AND text = ? AND scope = ?",
                                   &s.lift, err);
    }
    if (status == PS_OK) {
        status = ps_statement_open(store,
                                   "INSERT INTO suppression_departed(list, " PS_ENTRY_COLUMNS
                                   ", first_seen_s, at_s, event, who, why) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                                   "'', '')",
                                   &s.record, err);
    }
    if (status == PS_OK) status = each_gone(a, take_gone, &s, err);
    ps_statement_close(&s.keep);
    ps_statement_close(&s.lift);
    ps_statement_close(&s.record);
    return status;
}

// ---- the lists of a source

static ps_status number_of(const applying *a, const char *sql, uint64_t *out, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(a->intake->store, sql, &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_int(&statement, 1, a->list->id);
        status = ps_statement_step(&statement, &row, err);
    }
    if (status == PS_OK && row) *out = ps_statement_count(&statement, 0);
    ps_statement_close(&statement);
    return status;
}

static void choose(applying *a, size_t number)
{
    ps_store_intake *intake = a->intake;

    for (size_t i = 0; i < intake->source.list_count; i++) {
        if (intake->source.lists[i].id == intake->list_ids[number]) a->list = &intake->source.lists[i];
    }
    a->full = intake->full[number];
    a->now_s = intake->started_s[number];
}

static ps_status oldest_of(applying *a, ps_error *err)
{
    uint64_t oldest = 0;
    ps_status status = number_of(
        a, "SELECT ifnull(min(created_s), 0) FROM suppression_staged WHERE list = ? AND created_s > 0", &oldest, err);

    a->oldest_s = (int64_t)oldest;
    return status;
}

static ps_status refuse_empty(const applying *a, ps_error *err)
{
    const char *name = a->intake->options.name;

    ps_error_set(err, PS_SOURCE,
                 "Suppression source '%s' cannot be used: its list %s is empty now, and it had entries before.", name,
                 a->list->name);
    ps_error_hint(err,
                  "Look at the account, its region and its key. If the list was emptied on purpose: --accept %s:empty",
                  name);
    return PS_SOURCE;
}

static ps_status refuse_waiting(applying *a, ps_error *err)
{
    a->spoilt = true;
    ps_error_set(err, PS_SOURCE,
                 "Suppression source '%s' cannot be used: the pages of its list %s that an earlier sync left in the "
                 "state file '%s' are not those that were written. They are forgotten now.",
                 a->intake->options.name, a->list->name, a->intake->store->path);
    ps_error_hint(err, "Run the same command again: the list is read from its beginning.");
    return PS_SOURCE;
}

// Pages of this process were just written; those that waited have lain on a disk for hours.
static ps_status check_waiting(applying *a, size_t number, ps_error *err)
{
    ps_statement staged = {0};
    ps_hash sum = {0, 0};
    bool row = false, sound = true;
    ps_status status = PS_OK;

    if (!a->intake->waited[number]) return PS_OK;
    status = ps_statement_open(a->intake->store, "SELECT " PS_ENTRY_COLUMNS " FROM suppression_staged WHERE list = ?",
                               &staged, err);
    if (status == PS_OK) {
        ps_statement_bind_int(&staged, 1, a->list->id);
        status = ps_statement_step(&staged, &row, err);
    }
    while (status == PS_OK && row && sound) {
        ps_stored_entry entry;
        sound = ps_entry_read(&staged, 0, &entry);
        if (sound) status = ps_entry_add_to(&sum, &entry, &a->room, err);
        if (status == PS_OK) status = ps_statement_step(&staged, &row, err);
    }
    ps_statement_close(&staged);
    if (status != PS_OK || (sound && ps_hash_equal(sum, a->intake->sums[number]))) return status;
    return refuse_waiting(a, err);
}

// What the lists say before anything is changed: whether they may be taken, and how many bounces would be lifted.
static ps_status weigh(applying *a, ps_error *err)
{
    ps_store_intake *intake = a->intake;
    uint64_t lift = 0;
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < intake->list_count; i++) {
        uint64_t before = 0, staged = 0;
        choose(a, i);
        status = check_waiting(a, i, err);
        if (status != PS_OK) return status;
        status = number_of(a, "SELECT count(*) FROM suppression_entries WHERE list = ? AND gone_s = 0", &before, err);
        if (status == PS_OK)
            status = number_of(a, "SELECT count(*) FROM suppression_staged WHERE list = ?", &staged, err);
        a->change->before += before;
        if (status != PS_OK || !a->full || before == 0) continue;
        a->change->emptied = a->change->emptied || (before > 0 && staged == 0);
        if (before > 0 && staged == 0 && !a->options->accept_empty) return refuse_empty(a, err);
        status = each_gone(a, count_gone, &a->gone[i], err);
        if (status == PS_OK && a->gone[i] > 0) status = oldest_of(a, err);
        if (status == PS_OK && a->gone[i] > 0) status = each_gone(a, count_lift, &lift, err);
    }
    uint64_t share = a->change->before / LIFT_SHARE;
    a->hold_back = !a->options->accept_lift && lift > (share > LIFT_MIN ? share : LIFT_MIN);
    return status;
}

// Somebody says that the entries count as they stand, whatever their sum was.
static ps_status sum_anew(applying *a, ps_error *err)
{
    return ps_list_sum(a->intake->store, &a->intake->source, a->list, &a->list->count, &a->list->sum, err);
}

static ps_status check_sum(applying *a, ps_error *err)
{
    uint64_t count = 0;
    ps_hash sum = {0, 0};
    ps_status status = ps_list_sum(a->intake->store, &a->intake->source, a->list, &count, &sum, err);

    if (status != PS_OK) return status;
    if (count == a->list->count && ps_hash_equal(sum, a->list->sum)) return PS_OK;
    return ps_list_damaged(a->intake->store, &a->intake->source, a->list, err);
}

static ps_status clear(const applying *a, const char *sql, ps_error *err)
{
    uint64_t ignored = 0;

    return number_of(a, sql, &ignored, err); // it gives no rows
}

static ps_status apply_list(applying *a, uint64_t gone, ps_error *err)
{
    uint64_t after = 0;
    ps_status status = a->options->accept_checksum ? sum_anew(a, err) : check_sum(a, err);

    if (status == PS_OK && gone > 0) status = oldest_of(a, err);
    if (status == PS_OK && gone > 0) status = apply_gone(a, err);
    if (status == PS_OK) status = apply_came(a, err);
    a->list->whole_s = a->now_s;
    if (a->full) a->list->full_s = a->now_s;
    if (status == PS_OK) status = ps_list_save(a->intake->store, a->list, err);
    if (status == PS_OK)
        status = number_of(a, "SELECT count(*) FROM suppression_entries WHERE list = ? AND gone_s = 0", &after, err);
    a->change->after += after;
    a->change->entries += a->list->count;
    return status;
}

static int64_t first_start(const ps_store_intake *intake)
{
    int64_t first = INT64_MAX;

    for (size_t i = 0; i < intake->list_count; i++)
        first = intake->started_s[i] < first ? intake->started_s[i] : first;
    return first;
}

static ps_status record(const applying *a, ps_error *err)
{
    const ps_store_intake *intake = a->intake;
    const ps_intake_change *change = a->change;
    const int64_t numbers[] = {
        intake->source.id,        first_start(intake),        a->full,
        (int64_t)intake->pages,   (int64_t)intake->fetched,   (int64_t)change->added,
        (int64_t)change->changed, (int64_t)change->returned,  (int64_t)change->lifted,
        (int64_t)change->kept,    (int64_t)change->held_back,
    };
    ps_statement statement = {0};
    ps_status status = ps_statement_open(intake->store,
                                         "INSERT INTO suppression_syncs(source, started_s, full, pages, fetched, "
                                         "added, changed, returned, lifted, kept, "
                                         "held_back) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                         &statement, err);

    if (status == PS_OK) {
        for (size_t i = 0; i < PS_COUNT_OF(numbers); i++)
            ps_statement_bind_int(&statement, (int)i + 1, numbers[i]);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}

// Without another source in the waiting room it is emptied as a whole, which costs next to nothing.
static ps_status clear_all(applying *a, ps_error *err)
{
    uint64_t others = 0;
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < a->intake->list_count; i++) {
        choose(a, i);
        status = clear(a, "DELETE FROM suppression_readings WHERE list = ?", err);
    }
    if (status == PS_OK) status = number_of(a, "SELECT count(*) + 0 * ? FROM suppression_readings", &others, err);
    if (status == PS_OK && others == 0)
        return ps_store_execute(a->intake->store, "DELETE FROM suppression_staged", err);
    for (size_t i = 0; status == PS_OK && i < a->intake->list_count; i++) {
        choose(a, i);
        status = clear(a, "DELETE FROM suppression_staged WHERE list = ?", err);
    }
    return status;
}

// A list that the job reads no more keeps its entries, and says nothing about how old the source is.
static ps_status leave_others(const applying *a, ps_error *err)
{
    ps_statement statement = {0};
    ps_status status =
        ps_statement_open(a->intake->store,
                          "UPDATE suppression_lists SET whole_s = -1 WHERE source = ? AND name <> "
                          "'" PS_STORED_IMPORTED "' AND id NOT IN (SELECT list FROM suppression_readings)",
                          &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_int(&statement, 1, a->intake->source.id);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}

static ps_status apply_all(applying *a, ps_error *err)
{
    ps_status status = PS_OK;

    if (!a->options->accept_checksum) status = ps_store_source_check(a->intake->store, &a->intake->source, err);
    if (status == PS_OK) status = weigh(a, err);
    if (status == PS_OK && !a->intake->options.adds) status = leave_others(a, err);
    for (size_t i = 0; status == PS_OK && i < a->intake->list_count; i++) {
        choose(a, i);
        status = apply_list(a, a->gone[i], err);
    }
    if (status == PS_OK) status = clear_all(a, err);
    if (status == PS_OK) status = ps_source_seal(a->intake->store, a->intake->options.name, err);
    return status == PS_OK ? record(a, err) : status;
}

// After the rollback: what is spoilt must not be met again.
static void forget_waiting(applying *a)
{
    ps_status status = ps_store_begin(a->intake->store, NULL);

    if (status != PS_OK) return; // they are met again, and refused again
    status = clear_all(a, NULL);
    (void)ps_store_end(a->intake->store, status, NULL); // likewise
}

ps_status ps_store_intake_apply(ps_store_intake *intake, const ps_intake_accept *apply, ps_intake_change *out,
                                ps_error *err)
{
    ps_intake_change change = {.entries = 0};
    applying a = {.intake = intake, .options = apply, .change = &change};
    ps_status status = ps_intake_commit(intake->store, err);

    if (status == PS_OK) status = ps_store_begin(intake->store, err);
    if (status != PS_OK) return status;
    ps_buf_init(&a.room, PS_ENTRY_ROOM_BYTES_MAX);
    status = ps_store_end(intake->store, apply_all(&a, err), err);
    if (a.spoilt) forget_waiting(&a);
    ps_buf_done(&a.room);
    if (status == PS_OK) *out = change;
    return status;
}
