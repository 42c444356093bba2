#include "store/listings.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    PAGE_MAX = 4096, // listings: about 100 KiB, so that a row is worth SQLite's while
    KEYS_MAX = 4096, // of a run in one row
    LISTING_BYTES = 28, // as it is stored: the struct without its last four
    KEY_BYTES = sizeof(ps_hash),
};
static_assert(offsetof(ps_stored_listing, sent_at) + sizeof(ps_day) == LISTING_BYTES, "no gap between the members");

// Compilers copy the whole in two parts that overlap, and who reads the key then waits until both are in the cache.
static inline void pack(const ps_stored_listing *from, char *to)
{
    memcpy(to, &from->key, KEY_BYTES);
    memcpy(to + KEY_BYTES, &from->job, LISTING_BYTES - KEY_BYTES);
}

static inline void unpack(const char *from, ps_stored_listing *to)
{
    memcpy(&to->key, from, KEY_BYTES);
    memcpy(&to->job, from + KEY_BYTES, LISTING_BYTES - KEY_BYTES);
}

// Through all pages, or somebody would be found in one and not in another.
typedef struct ascent {
    ps_hash last;
    bool begun;
} ascent;

static bool ascends(ascent *of, const ps_hash *next)
{
    bool does = !of->begun || ps_hash_is_less(&of->last, next);

    *of = (ascent){*next, true};
    return does;
}

// SQLite compares bytes from the first on.
static void name_page(const ps_hash *first, unsigned char out[KEY_BYTES])
{
    const uint64_t words[] = {__builtin_bswap64(first->high), __builtin_bswap64(first->low)};
    static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "as all digests in the file are stored");

    memcpy(out, words, sizeof words);
}

static ps_hash hash_of_name(const void *name)
{
    uint64_t words[2];

    memcpy(words, name, sizeof words);
    return (ps_hash){.high = __builtin_bswap64(words[0]), .low = __builtin_bswap64(words[1])};
}

// The bytes of a page, after they are checked against its sum.
static ps_status page_bytes(const ps_statement *statement, int column, size_t item, ps_span *out, ps_error *err)
{
    const char *bytes = sqlite3_column_blob(statement->handle, column);
    size_t len = (size_t)sqlite3_column_bytes(statement->handle, column);
    ps_hash sum = ps_statement_hash(statement, column + 1);

    if (len == 0 || len % item != 0 || !ps_hash_equal(sum, ps_hash_of((ps_span){bytes, len})))
        return ps_store_fail(statement->store, SQLITE_CORRUPT, err);
    *out = (ps_span){bytes, len};
    return PS_OK;
}

// ---- the people of a run

static ps_status put_keys(ps_statement *put, int64_t number, const ps_hash *keys, size_t count, ps_error *err)
{
    ps_hash sum = ps_hash_of((ps_span){(const char *)keys, count * KEY_BYTES});

    ps_statement_bind_int(put, 2, number);
    ps_statement_bind_bytes(put, 3, keys, count * KEY_BYTES);
    ps_statement_bind_bytes(put, 4, &sum, sizeof sum);
    return ps_statement_run(put, err);
}

// Pages of them on their way into the state.
typedef struct key_writer {
    ps_statement put;
    int64_t number;
    ps_hash keys[KEYS_MAX];
    size_t count;
    ps_hash last; // the latest of all
    bool begun; // there is one
} key_writer;

static ps_status put_page(key_writer *to, ps_error *err)
{
    ps_status status = put_keys(&to->put, to->number++, to->keys, to->count, err);

    to->count = 0;
    return status;
}

// In order. An address may stand twice where the job does not look for duplicates.
static ps_status put_more(void *context, const ps_hash *keys, size_t count, ps_error *err)
{
    key_writer *to = context;
    ps_status status = PS_OK;

    for (size_t i = 0; i < count && status == PS_OK; i++) {
        if (to->begun && ps_hash_equal(keys[i], to->last)) continue;
        if (to->count == KEYS_MAX) status = put_page(to, err);
        to->keys[to->count++] = to->last = keys[i];
        to->begun = true;
    }
    return status;
}

ps_status ps_listings_put_run(const ps_store *store, int64_t run, ps_listed *listed, ps_error *err)
{
    key_writer *to = ps_memory_new(1, sizeof *to, err);

    if (to == NULL) return PS_RETRY;
    ps_status status = ps_statement_open(
        store, "INSERT INTO run_listed_pages(run, number, keys, sum) VALUES(?, ?, ?, ?)", &to->put, err);
    if (status == PS_OK) ps_statement_bind_int(&to->put, 1, run);
    if (status == PS_OK) status = ps_listed_each(listed, put_more, to, err);
    if (status == PS_OK && to->count > 0) status = put_page(to, err);
    ps_statement_close(&to->put);
    ps_memory_free(to);
    return status;
}

// A walk through them.
typedef struct people {
    ps_statement pages;
    ps_span rest; // of the page at hand
    ps_hash next;
    bool more; // `next` is one
} people;

static ps_status next_people(people *of, ps_error *err)
{
    ps_status status = ps_statement_step(&of->pages, &of->more, err);

    return status == PS_OK && of->more ? page_bytes(&of->pages, 0, KEY_BYTES, &of->rest, err) : status;
}

static inline ps_status next_person(people *of, ps_error *err)
{
    ps_status status = of->rest.len > 0 ? PS_OK : next_people(of, err);

    if (status != PS_OK || !of->more) return status;
    memcpy(&of->next, of->rest.bytes, KEY_BYTES);
    of->rest = (ps_span){of->rest.bytes + KEY_BYTES, of->rest.len - KEY_BYTES};
    return PS_OK;
}

static ps_status open_people(const ps_store *store, int64_t run, people *out, ps_error *err)
{
    ps_status status = ps_statement_open(store, "SELECT keys, sum FROM run_listed_pages WHERE run = ? ORDER BY number",
                                         &out->pages, err);

    if (status != PS_OK) return status;
    ps_statement_bind_int(&out->pages, 1, run);
    return next_person(out, err);
}

// ---- pages of listings

typedef struct writer {
    ps_statement put;
    unsigned char name[KEY_BYTES]; // of the page that is written next
    size_t count;
    char bytes[PAGE_MAX * LISTING_BYTES];
} writer;

static ps_status open_writer(const ps_store *store, writer **out, ps_error *err)
{
    writer *made = ps_memory_new(1, sizeof *made, err);

    if (made == NULL) return PS_RETRY;
    ps_status status = ps_statement_open(
        store, "INSERT OR REPLACE INTO listing_pages(first, listings, sum) VALUES(?, ?, ?)", &made->put, err);
    if (status == PS_OK) {
        *out = made;
    } else {
        ps_memory_free(made);
    }
    return status;
}

static void close_writer(writer *to)
{
    if (to == NULL) return;
    ps_statement_close(&to->put);
    ps_memory_free(to);
}

// The first `count` of the writer's become a page; the rest begins the next.
static ps_status write_page(writer *to, size_t count, ps_error *err)
{
    const ps_span page = {to->bytes, count * LISTING_BYTES};
    ps_hash sum = ps_hash_of(page), first;

    ps_statement_bind_bytes(&to->put, 1, to->name, sizeof to->name);
    ps_statement_bind_bytes(&to->put, 2, page.bytes, page.len);
    ps_statement_bind_bytes(&to->put, 3, &sum, sizeof sum);
    ps_status status = ps_statement_run(&to->put, err);
    to->count -= count;
    memmove(to->bytes, to->bytes + page.len, to->count * LISTING_BYTES);
    memcpy(&first, to->bytes, KEY_BYTES);
    if (to->count > 0) name_page(&first, to->name);
    return status;
}

// A full page becomes two halves, which have room for others.
static inline ps_status write_listing(writer *to, const ps_stored_listing *listing, ps_error *err)
{
    ps_status status = to->count == PAGE_MAX ? write_page(to, PAGE_MAX / 2, err) : PS_OK;

    if (status == PS_OK) pack(listing, to->bytes + to->count++ * LISTING_BYTES);
    return status;
}

// ---- changing them

typedef struct sweep {
    const ps_listing_change *change;
    ps_statement pages, drop;
    people people;
    writer *to;
    ascent read;
    ps_stored_listing page[PAGE_MAX]; // the page at hand
    size_t page_count; // its listings
    bool begun;
    bool last; // no page comes after it
    ps_hash until; // else the first digest of that
    bool changed;
} sweep;

static ps_status open_sweep(const ps_store *store, sweep *out, ps_error *err)
{
    ps_status status = ps_statement_open(store,
                                         "SELECT p.listings, p.sum, p.first, (SELECT min(n.first) FROM listing_pages n "
                                         "WHERE n.first > p.first) FROM listing_pages p WHERE p.first > ? "
                                         "ORDER BY p.first LIMIT 1",
                                         &out->pages, err);

    if (status == PS_OK)
        status = ps_statement_open(store, "DELETE FROM listing_pages WHERE first = ?", &out->drop, err);
    if (status == PS_OK) status = open_people(store, out->change->run, &out->people, err);
    return status == PS_OK ? open_writer(store, &out->to, err) : status;
}

static void close_sweep(sweep *of)
{
    if (of == NULL) return;
    ps_statement_close(&of->pages);
    ps_statement_close(&of->drop);
    ps_statement_close(&of->people.pages);
    close_writer(of->to);
    ps_memory_free(of);
}

static ps_status take_page(sweep *of, ps_error *err)
{
    ps_span bytes;
    ps_status status = page_bytes(&of->pages, 0, LISTING_BYTES, &bytes, err);

    if (status != PS_OK) return status;
    of->page_count = bytes.len / LISTING_BYTES;
    bool named = sqlite3_column_bytes(of->pages.handle, 2) == KEY_BYTES;
    if (of->page_count > PAGE_MAX || !named) return ps_store_fail(of->pages.store, SQLITE_CORRUPT, err);
    for (size_t i = 0; i < of->page_count; i++) {
        unpack(bytes.bytes + i * LISTING_BYTES, &of->page[i]);
        if (!ascends(&of->read, &of->page[i].key)) return ps_store_fail(of->pages.store, SQLITE_CORRUPT, err);
    }
    memcpy(of->to->name, sqlite3_column_blob(of->pages.handle, 2), KEY_BYTES);
    of->last = sqlite3_column_bytes(of->pages.handle, 3) != KEY_BYTES;
    if (!of->last) of->until = hash_of_name(sqlite3_column_blob(of->pages.handle, 3));
    return PS_OK;
}

// The first page, which takes whoever comes before all others, has the least name. When it is dropped, the next one
// inherits that: under its own it would stand after the halves that it is split into.
static ps_status name_first(sweep *of, ps_error *err)
{
    static const unsigned char least[KEY_BYTES];

    if (memcmp(of->to->name, least, sizeof least) == 0) return PS_OK;
    ps_statement_bind_bytes(&of->drop, 1, of->to->name, KEY_BYTES);
    ps_status status = ps_statement_run(&of->drop, err);
    memcpy(of->to->name, least, sizeof least);
    of->changed = true;
    return status;
}

// The page after the one that was written last; what stands before the first one belongs to it. Without any, all comes
// into a new one.
static ps_status next_page(sweep *of, ps_error *err)
{
    bool row = false, end = false, first = !of->begun;

    ps_statement_bind_bytes(&of->pages, 1, of->to->name, of->begun ? KEY_BYTES : 0);
    ps_status status = ps_statement_step(&of->pages, &row, err);
    of->begun = true;
    of->last = true;
    of->changed = false;
    of->page_count = 0;
    if (status == PS_OK && row) status = take_page(of, err);
    if (status == PS_OK && row) status = ps_statement_step(&of->pages, &end, err); // so that it can be bound anew
    return status == PS_OK && row && first ? name_first(of, err) : status;
}

// A new listing begins a new spell, so what an older one was sent does not count for it. A run of an earlier day that
// is published late takes nothing back. Told again with another day, that day of sending holds: it is how a slip is put
// right.
static ps_stored_listing changed_listing(const ps_stored_listing *old, const ps_listing_change *change)
{
    ps_stored_listing out = *old;

    if (change->sent_at != PS_DAY_NONE) {
        out.sent_at = change->sent_at;
    } else if (change->listed_at >= old->listed_at) {
        out.job = (uint32_t)change->job;
        out.listed_at = change->listed_at;
        if (out.sent_at < change->listed_at) out.sent_at = PS_DAY_NONE;
    }
    return out;
}

static bool is_old(const ps_stored_listing *listing, ps_day oldest)
{
    return listing->listed_at < oldest && listing->sent_at < oldest;
}
static_assert(PS_DAY_NONE == INT32_MIN, "never is before any day");

// Whether the run's next person belongs before `bound`; NULL: before the end of the page at hand.
static bool is_before(const sweep *of, const ps_hash *bound)
{
    if (bound == NULL && !of->last) bound = &of->until;
    return of->people.more && (bound == NULL || ps_hash_is_less(&of->people.next, bound));
}

// The run's people before `bound`, of whom no page knows.
static ps_status add_people(sweep *of, const ps_hash *bound, ps_error *err)
{
    const ps_listing_change *change = of->change;
    ps_stored_listing now = {.job = (uint32_t)change->job, .listed_at = change->listed_at, .sent_at = change->sent_at};
    bool gone = is_old(&now, change->oldest);
    ps_status status = PS_OK;

    while (status == PS_OK && is_before(of, bound)) {
        now.key = of->people.next;
        of->changed = true;
        if (!gone) status = write_listing(of->to, &now, err);
        if (status == PS_OK) status = next_person(&of->people, err);
    }
    return status;
}

// One whom the page knows.
static ps_status change_person(sweep *of, const ps_stored_listing *old, ps_error *err)
{
    bool listed = of->people.more && ps_hash_equal(of->people.next, old->key);
    ps_stored_listing now = listed ? changed_listing(old, of->change) : *old;
    bool gone = is_old(&now, of->change->oldest);

    of->changed = of->changed || gone || memcmp(&now, old, LISTING_BYTES) != 0;
    ps_status status = gone ? PS_OK : write_listing(of->to, &now, err);
    return status == PS_OK && listed ? next_person(&of->people, err) : status;
}

// Only a page that changed is written.
static ps_status end_page(sweep *of, ps_error *err)
{
    ps_status status = PS_OK;

    if (of->changed && of->to->count > 0) {
        status = write_page(of->to, of->to->count, err);
    } else if (of->changed && of->page_count > 0) {
        ps_statement_bind_bytes(&of->drop, 1, of->to->name, KEY_BYTES);
        status = ps_statement_run(&of->drop, err);
    }
    of->to->count = 0;
    return status;
}

static ps_status change_page(sweep *of, ps_error *err)
{
    ps_status status = next_page(of, err);

    for (size_t i = 0; i < of->page_count && status == PS_OK; i++) {
        status = add_people(of, &of->page[i].key, err);
        if (status == PS_OK) status = change_person(of, &of->page[i], err);
    }
    if (status == PS_OK) status = add_people(of, NULL, err);
    return status == PS_OK ? end_page(of, err) : status;
}

ps_status ps_listings_of_run(const ps_store *store, const char *run_id, bool settled, ps_listing_change *out,
                             bool *out_found, ps_error *err)
{
    ps_statement statement = {0};
    ps_status status =
        ps_statement_open(store, "SELECT id, job, as_of FROM runs WHERE run_id = ? AND settled = ?", &statement, err);

    *out = (ps_listing_change){.listed_at = PS_DAY_NONE, .sent_at = PS_DAY_NONE, .oldest = PS_DAY_NONE};
    *out_found = false;
    if (status == PS_OK) {
        ps_statement_bind_text(&statement, 1, run_id);
        ps_statement_bind_int(&statement, 2, settled);
        status = ps_statement_step(&statement, out_found, err);
    }
    if (status == PS_OK && *out_found) {
        out->run = ps_statement_int(&statement, 0);
        out->job = ps_statement_int(&statement, 1);
        out->listed_at = ps_statement_day(&statement, 2);
    }
    ps_statement_close(&statement);
    return status;
}

ps_status ps_listings_change(const ps_store *store, const ps_listing_change *change, ps_error *err)
{
    sweep *of = ps_memory_new(1, sizeof *of, err);

    if (of == NULL) return PS_RETRY;
    of->change = change;
    ps_status status = open_sweep(store, of, err);
    while (status == PS_OK && !(of->begun && of->last))
        status = change_page(of, err);
    close_sweep(of);
    return status;
}

// ---- reading them

static ps_status tell_page(const ps_statement *pages, const ps_listings_visit *visit, ascent *told, ps_error *err)
{
    ps_stored_listing listing = {.job = 0};
    ps_span bytes;
    ps_status status = page_bytes(pages, 0, LISTING_BYTES, &bytes, err);

    for (size_t at = 0; status == PS_OK && at < bytes.len; at += LISTING_BYTES) {
        unpack(bytes.bytes + at, &listing);
        if (!ascends(told, &listing.key)) return ps_store_fail(pages->store, SQLITE_CORRUPT, err);
        status = visit->take(visit->context, &listing, err);
    }
    return status;
}

static ps_status tell_count(const ps_store *store, const ps_listings_visit *visit, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(store, "SELECT sum(length(listings)) FROM listing_pages", &statement, err);

    if (status == PS_OK) status = ps_statement_step(&statement, &row, err);
    if (status == PS_OK) status = visit->expect(visit->context, ps_statement_count(&statement, 0) / LISTING_BYTES, err);
    ps_statement_close(&statement);
    return status;
}

ps_status ps_listings_each(const ps_store *store, const ps_listings_visit *visit, ps_error *err)
{
    ps_statement pages = {0};
    ascent told = {.begun = false};
    bool row = false;
    ps_status status = tell_count(store, visit, err);

    if (status == PS_OK)
        status = ps_statement_open(store, "SELECT listings, sum FROM listing_pages ORDER BY first", &pages, err);
    if (status == PS_OK) status = ps_statement_step(&pages, &row, err);
    while (status == PS_OK && row) {
        status = tell_page(&pages, visit, &told, err);
        if (status == PS_OK) status = ps_statement_step(&pages, &row, err);
    }
    ps_statement_close(&pages);
    return status;
}

// ---- states of before

static ps_status collect_run(ps_statement *keys, int64_t run, ps_listed *out, ps_error *err)
{
    bool row = false;

    out->count = 0;
    ps_statement_bind_int(keys, 1, run);
    ps_status status = ps_statement_step(keys, &row, err);
    while (status == PS_OK && row) {
        ps_hash key = ps_statement_hash(keys, 0);
        status = ps_listed_add(out, &key, 1, err);
        if (status == PS_OK) status = ps_statement_step(keys, &row, err);
    }
    return status;
}

static ps_status pack_runs(const ps_store *store, ps_error *err)
{
    ps_statement runs = {0}, keys = {0};
    ps_listed listed = {0};
    bool row = false;
    ps_status status = ps_statement_open(store, "SELECT id FROM runs", &runs, err);

    if (status == PS_OK) status = ps_statement_open(store, "SELECT key FROM run_listed WHERE run = ?", &keys, err);
    if (status == PS_OK) status = ps_statement_step(&runs, &row, err);
    while (status == PS_OK && row) {
        int64_t run = ps_statement_int(&runs, 0);
        status = collect_run(&keys, run, &listed, err);
        if (status == PS_OK) status = ps_listings_put_run(store, run, &listed, err);
        if (status == PS_OK) status = ps_statement_step(&runs, &row, err);
    }
    ps_statement_close(&runs);
    ps_statement_close(&keys);
    ps_listed_done(&listed);
    return status;
}

typedef struct packing {
    ps_stored_listing *items;
    size_t count, capacity;
} packing;

static ps_status collect_listings(const ps_store *store, packing *out, ps_error *err)
{
    ps_statement rows = {0};
    bool row = false;
    ps_status status = ps_statement_open(store, "SELECT key, job, listed_at, sent_at FROM listings", &rows, err);

    if (status == PS_OK) status = ps_statement_step(&rows, &row, err);
    while (status == PS_OK && row) {
        status = ps_memory_grow((void **)&out->items, &out->capacity, out->count + 1, sizeof *out->items, err);
        if (status != PS_OK) break;
        out->items[out->count++] =
            (ps_stored_listing){ps_statement_hash(&rows, 0), (uint32_t)ps_statement_int(&rows, 1),
                                ps_statement_day(&rows, 2), ps_statement_day(&rows, 3)};
        status = ps_statement_step(&rows, &row, err);
    }
    ps_statement_close(&rows);
    return status;
}

static ps_status pack_listings(const ps_store *store, ps_error *err)
{
    packing all = {.count = 0};
    writer *to = NULL;
    ps_status status = collect_listings(store, &all, err);

    if (status == PS_OK) status = open_writer(store, &to, err);
    if (status == PS_OK && all.count > 0)
        qsort(all.items, all.count, sizeof *all.items, ps_hash_compare); // the key is first
    for (size_t i = 0; status == PS_OK && i < all.count; i++)
        status = write_listing(to, &all.items[i], err);
    if (status == PS_OK && all.count > 0) status = write_page(to, to->count, err);
    close_writer(to);
    ps_memory_free(all.items);
    return status;
}

ps_status ps_listings_pack(const ps_store *store, ps_error *err)
{
    ps_status status = pack_runs(store, err);

    if (status == PS_OK) status = pack_listings(store, err);
    return status == PS_OK ? ps_store_execute(store, "DROP TABLE run_listed; DROP TABLE listings", err) : status;
}
