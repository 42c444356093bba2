// What was read of a source becomes its state, all of its lists in one transaction.

#include <inttypes.h>
#include <string.h>

#include "store/intake.h"
#include "store/packed.h"
#include "store/pages.h"
#include "store/waiting.h"

enum {
    LIFT_MIN = 100, // so few bounces may always be lifted at once
    LIFT_SHARE = 20 // and a twentieth of what the ESP listed
};

// What is found of a list before anything is changed.
typedef struct weighed {
    bool done; // else it had no entries
    uint64_t before; // entries that the ESP listed
    uint64_t fresh; // that it lists now
    uint64_t differing; // among them, those that are not as they are stored
    uint64_t gone, wishes_gone; // that it lists no more, and those of them that stay
    int64_t oldest_s; // of what it lists now; 0: none has a time
} weighed;

// The source on its way to its new state.
typedef struct applying {
    ps_store_intake *intake;
    const ps_intake_accept *options;
    ps_intake_change *change;
    ps_stored_list *list; // the one at hand
    const ps_intake_list *read; // what was read of it
    weighed *found; // of it
    bool full;
    int64_t now_s; // when the reading began: what is new or gone has been so since then
    bool hold_back; // too many bounces vanished at once
    bool spoilt; // pages that waited are not those that were written
    weighed lists[PS_STORED_LISTS_MAX];
    ps_buf room;
} applying;

// ---- what waits beside what is stored

typedef struct pairing {
    ps_pages pages;
    ps_waiting waiting;
    const ps_stored_entry *old, *fresh; // of one key; one of them may be NULL. Both: the end
} pairing;

static void pair(pairing *p)
{
    const ps_stored_entry *old = p->pages.entry, *fresh = p->waiting.entry;
    int order = old == NULL ? 1 : fresh == NULL ? -1 : ps_entry_compare(old, fresh);

    p->old = order <= 0 ? old : NULL;
    p->fresh = order >= 0 ? fresh : NULL;
}

static ps_status open_pairing(const applying *a, bool takes, pairing *out, ps_error *err)
{
    const ps_store *store = a->intake->store;
    ps_status status = ps_pages_open(store, a->list->id, NULL, &out->pages, err);

    if (status == PS_OK) status = ps_waiting_open(store, a->list->id, takes, &out->waiting, err);
    if (status == PS_OK) pair(out);
    return status;
}

static void close_pairing(pairing *p)
{
    ps_pages_close(&p->pages);
    ps_waiting_close(&p->waiting);
}

static bool is_over(const pairing *p)
{
    return p->old == NULL && p->fresh == NULL;
}

static ps_status next_pair(pairing *p, ps_error *err)
{
    ps_status status = p->old == NULL ? PS_OK : ps_pages_next(&p->pages, err);

    if (status == PS_OK && p->fresh != NULL) status = ps_waiting_next(&p->waiting, err);
    if (status == PS_OK) pair(p);
    return status;
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

// At the end: nothing that was found may be used unless both are what was written. `before` is what the list was.
static ps_status check_pairing(applying *a, const pairing *p, const ps_stored_list *before, ps_error *err)
{
    if (p->waiting.damaged || !ps_hash_equal(p->waiting.sum, a->read->sum)) return refuse_waiting(a, err);
    return ps_list_check(a->intake->store, &a->intake->source, before, &p->pages, err);
}

// ---- entries that came, changed or came back

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

static bool is_same(const ps_stored_entry *a, const ps_stored_entry *b)
{
    return a->kind == b->kind && a->class == b->class && a->created_s == b->created_s && a->expires_s == b->expires_s &&
           a->gone_s == b->gone_s && ps_span_equal(a->code, b->code) && ps_span_equal(a->reason, b->reason);
}

// The entry as it will stand. `old` is NULL for one that is new.
static ps_stored_entry merged(const applying *a, const ps_stored_entry *old, const ps_stored_entry *fresh)
{
    ps_stored_entry entry = *fresh;

    entry.first_seen_s = old == NULL ? a->now_s : old->first_seen_s;
    if (old != NULL) keep_wish(old, &entry);
    return entry;
}

// ---- entries that the ESP lists no more

// ESPs delete bounces by age; then nothing is left that is as old. Somebody who takes one off by hand leaves older
// ones.
static bool was_purged(const applying *a, const ps_stored_entry *entry)
{
    return entry->created_s != 0 && entry->created_s < a->found->oldest_s;
}

static bool stays(const applying *a, const ps_stored_entry *gone)
{
    return class_stays(gone->class) || was_purged(a, gone);
}

// A window of time says nothing of what is older.
static bool is_gone(const applying *a, const pairing *p)
{
    return a->full && p->fresh == NULL && p->old->gone_s == 0;
}

// ---- before anything is changed

static void choose(applying *a, size_t number)
{
    ps_store_intake *intake = a->intake;

    a->read = &intake->lists[number];
    for (size_t i = 0; i < intake->source.list_count; i++) {
        if (intake->source.lists[i].id == a->read->reading.id) a->list = &intake->source.lists[i];
    }
    a->found = &a->lists[number];
    a->full = a->read->reading.since_s == 0;
    a->now_s = a->read->reading.started_s;
}

static void weigh_pair(applying *a, const pairing *p)
{
    weighed *found = a->found;

    if (p->old != NULL) found->before += p->old->gone_s == 0;
    if (p->fresh == NULL) {
        bool gone = is_gone(a, p);
        found->gone += gone;
        found->wishes_gone += gone && class_stays(p->old->class);
        return;
    }
    ps_stored_entry entry = merged(a, p->old, p->fresh);
    found->fresh++;
    found->differing += p->old == NULL || !is_same(p->old, &entry);
    int64_t created_s = p->fresh->created_s;
    if (created_s > 0 && (found->oldest_s == 0 || created_s < found->oldest_s)) found->oldest_s = created_s;
}

static ps_status weigh_list(applying *a, ps_error *err)
{
    pairing p = {.old = NULL};
    ps_status status = open_pairing(a, false, &p, err);

    a->found->done = true;
    while (status == PS_OK && !is_over(&p)) {
        weigh_pair(a, &p);
        status = next_pair(&p, err);
    }
    if (status == PS_OK) status = check_pairing(a, &p, a->list, err);
    close_pairing(&p);
    return status;
}

static ps_status count_lifts(applying *a, uint64_t *lifts, ps_error *err)
{
    pairing p = {.old = NULL};
    ps_status status = open_pairing(a, false, &p, err);

    while (status == PS_OK && !is_over(&p)) {
        *lifts += is_gone(a, &p) && !stays(a, p.old);
        status = next_pair(&p, err);
    }
    close_pairing(&p);
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

// Somebody says that the entries count as they stand, whatever their sum was.
static ps_status sum_anew(applying *a, ps_error *err)
{
    bool mended = false, again = true;
    ps_status status = PS_OK;

    while (status == PS_OK && again) {
        ps_pages pages;
        status = ps_pages_open(a->intake->store, a->list->id, NULL, &pages, err);
        while (status == PS_OK && pages.entry != NULL)
            status = ps_pages_next(&pages, err);
        a->list->count = pages.count;
        a->list->sum = pages.sum;
        again = status == PS_OK && pages.damaged && !mended;
        ps_pages_close(&pages);
        if (again) status = ps_pages_mend(a->intake->store, a->list->id, err);
        mended = true;
    }
    return status;
}

// A list without any entry is looked at when it gets some.
static ps_status weigh_one(applying *a, ps_error *err)
{
    const weighed *found = a->found;
    ps_status status = a->options->accept_checksum ? sum_anew(a, err) : PS_OK;

    if (status == PS_OK && a->list->count > 0) status = weigh_list(a, err);
    if (status != PS_OK) return status;
    a->change->before += found->before;
    if (!a->full || found->before == 0 || found->fresh > 0) return PS_OK;
    a->change->emptied = true;
    return a->options->accept_empty ? PS_OK : refuse_empty(a, err);
}

// Whether the lists may be taken, and whether more bounces vanished than may be lifted at once.
static ps_status weigh(applying *a, ps_error *err)
{
    uint64_t lifts = 0, most = 0;
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < a->intake->list_count; i++) {
        choose(a, i);
        status = weigh_one(a, err);
        most += a->found->gone - a->found->wishes_gone;
    }
    uint64_t share = a->change->before / LIFT_SHARE, limit = share > LIFT_MIN ? share : LIFT_MIN;
    if (a->options->accept_lift || most <= limit) return status; // however many of them the ESP purged
    for (size_t i = 0; status == PS_OK && i < a->intake->list_count; i++) {
        choose(a, i);
        if (a->found->gone > 0) status = count_lifts(a, &lifts, err);
    }
    a->hold_back = lifts > limit;
    return status;
}

// ---- the change

// A list on its way into its new pages.
typedef struct rewriting {
    applying *a;
    ps_page_writer to;
    ps_statement departed;
    uint64_t after; // entries that the ESP lists
} rewriting;

static ps_status write_entry(rewriting *r, const ps_stored_entry *entry, ps_error *err)
{
    r->after += entry->gone_s == 0;
    return ps_page_writer_add(&r->to, entry, err);
}

static ps_status replace_entry(rewriting *r, const ps_stored_entry *old, const ps_stored_entry *entry, ps_error *err)
{
    applying *a = r->a;
    ps_status status = old == NULL ? PS_OK : ps_entry_take_from(&a->list->sum, old, &a->room, err);

    r->to.changed = true;
    if (status == PS_OK) status = ps_entry_add_to(&a->list->sum, entry, &a->room, err);
    return status == PS_OK ? write_entry(r, entry, err) : status;
}

static ps_status take_fresh(rewriting *r, const pairing *p, ps_error *err)
{
    applying *a = r->a;
    ps_stored_entry entry = merged(a, p->old, p->fresh);

    if (p->old != NULL && is_same(p->old, &entry)) return write_entry(r, p->old, err);
    if (p->old == NULL) {
        a->list->count++;
        a->change->added++;
    } else {
        a->change->returned += p->old->gone_s != 0;
        a->change->changed += p->old->gone_s == 0;
    }
    return replace_entry(r, p->old, &entry, err);
}

static ps_status lift_entry(rewriting *r, const ps_stored_entry *entry, ps_error *err)
{
    applying *a = r->a;

    a->change->lifted++;
    a->list->count--;
    r->to.changed = true;
    ps_status status = ps_entry_take_from(&a->list->sum, entry, &a->room, err);
    if (status != PS_OK) return status;
    ps_statement_bind_int(&r->departed, 1, a->list->id);
    ps_entry_bind(&r->departed, 2, entry);
    ps_statement_bind_int(&r->departed, 2 + PS_ENTRY_COLUMN_COUNT, entry->first_seen_s);
    ps_statement_bind_int(&r->departed, 3 + PS_ENTRY_COLUMN_COUNT, a->now_s);
    ps_statement_bind_int(&r->departed, 4 + PS_ENTRY_COLUMN_COUNT, PS_STORE_LIFTED);
    return ps_statement_run(&r->departed, err);
}

static ps_status take_gone(rewriting *r, const ps_stored_entry *entry, ps_error *err)
{
    applying *a = r->a;
    ps_stored_entry kept = *entry;

    a->change->gone++;
    if (stays(a, entry)) {
        a->change->kept++;
        kept.gone_s = a->now_s;
        return replace_entry(r, entry, &kept, err);
    }
    if (!a->hold_back) return lift_entry(r, entry, err);
    a->change->held_back++; // and stays as if it were listed: it comes up again until somebody decides
    return write_entry(r, entry, err);
}

static ps_status take_pair(rewriting *r, const pairing *p, ps_error *err)
{
    if (p->fresh != NULL) return take_fresh(r, p, err);
    return is_gone(r->a, p) ? take_gone(r, p->old, err) : write_entry(r, p->old, err);
}

static ps_status rewrite_pages(rewriting *r, pairing *p, ps_error *err)
{
    const ps_stored_list before = *r->a->list;
    ps_status status = ps_page_writer_follow(&r->to, &p->pages, err); // what stands before the first one joins it

    while (status == PS_OK && !is_over(p)) {
        if (p->old != NULL) status = ps_page_writer_follow(&r->to, &p->pages, err);
        if (status == PS_OK) status = take_pair(r, p, err);
        if (status == PS_OK) status = next_pair(p, err);
    }
    if (status == PS_OK) status = ps_page_writer_end(&r->to, err);
    return status == PS_OK ? check_pairing(r->a, p, &before, err) : status;
}

static ps_status rewrite_list(applying *a, uint64_t *out_after, ps_error *err)
{
    rewriting r = {.a = a};
    pairing p = {.old = NULL};
    ps_store *store = a->intake->store;
    ps_status status = ps_page_writer_open(store, a->list->id, &r.to, err);

    if (status == PS_OK) {
        status = ps_statement_open(store,
                                   "INSERT INTO suppression_departed(list, " PS_ENTRY_COLUMNS
                                   ", first_seen_s, at_s, event, who, why) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                                   "'', '')",
                                   &r.departed, err);
    }
    if (status == PS_OK) status = open_pairing(a, true, &p, err);
    if (status == PS_OK) status = rewrite_pages(&r, &p, err);
    *out_after = r.after;
    close_pairing(&p);
    ps_statement_close(&r.departed);
    ps_page_writer_close(&r.to);
    return status;
}

static ps_status apply_list(applying *a, ps_error *err)
{
    const weighed *found = a->found;
    uint64_t after = found->before;
    bool same = found->done && found->differing == 0 && found->gone == 0;
    ps_status status = same ? PS_OK : rewrite_list(a, &after, err);

    a->list->whole_s = a->now_s;
    if (a->full) a->list->full_s = a->now_s;
    if (status == PS_OK) status = ps_list_save(a->intake->store, a->list, err);
    a->change->after += after;
    a->change->entries += a->list->count;
    return status;
}

// ---- the source

static int64_t first_start(const ps_store_intake *intake)
{
    int64_t first = INT64_MAX;

    for (size_t i = 0; i < intake->list_count; i++) {
        int64_t started_s = intake->lists[i].reading.started_s;
        first = started_s < first ? started_s : first;
    }
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

static ps_status clear_all(const applying *a, ps_error *err)
{
    ps_statement readings = {0};
    ps_store *store = a->intake->store;
    ps_status status = ps_statement_open(store, "DELETE FROM suppression_readings WHERE list = ?", &readings, err);

    for (size_t i = 0; status == PS_OK && i < a->intake->list_count; i++) {
        ps_statement_bind_int(&readings, 1, a->intake->lists[i].reading.id);
        status = ps_statement_run(&readings, err);
        if (status == PS_OK) status = ps_waiting_forget(store, a->intake->lists[i].reading.id, err);
    }
    ps_statement_close(&readings);
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
        status = apply_list(a, err);
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
    ps_status status = ps_intake_commit(intake, err);

    if (status == PS_OK) status = ps_store_begin(intake->store, err);
    if (status != PS_OK) return status;
    ps_buf_init(&a.room, PS_ENTRY_ROOM_BYTES_MAX);
    status = ps_store_end(intake->store, apply_all(&a, err), err);
    if (a.spoilt) forget_waiting(&a);
    ps_buf_done(&a.room);
    if (status == PS_OK) *out = change;
    return status;
}
