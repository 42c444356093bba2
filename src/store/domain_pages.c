#include "store/domain_pages.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/memory.h"
#include "store/domain_log.h"

enum {
    SLOT_BITS = 10, // first bits of a key that pages are kept by
    FULL_BYTES = 3600, // of a page that others follow: new domains find room
    FILLER_BYTES = 3 * PS_DOMAIN_PAGE_BYTES, // two pages, and a record
    FILLER_RECORDS = FILLER_BYTES / PS_DOMAIN_PAGE_EACH
};

static_assert(1 << SLOT_BITS == PS_DOMAIN_PAGES_KEPT, "a place for each that is kept");
static_assert(offsetof(ps_domain_page, len) == PS_DOMAIN_PAGE_BYTES, "no more than the bytes");
static_assert(offsetof(struct ps_domain_page_head, keys) == PS_DOMAIN_PAGE_HEAD, "the head is as it says");
static_assert(PS_DOMAIN_RECORD_BYTES + PS_DOMAIN_PAGE_EACH < PS_DOMAIN_PAGE_BYTES / 2 - PS_DOMAIN_PAGE_HEAD,
              "two records fit a page, so that one that is too full can be cut anywhere");

// Pages are rows by the first of their keys. SQLite's numbers have a sign, which must not change the order.
static int64_t row_of(uint64_t first)
{
    return (int64_t)(first ^ UINT64_C(1) << 63);
}

// Bytes of a page with so many records of so many bytes.
static size_t size_of(size_t count, size_t bytes)
{
    return PS_DOMAIN_PAGE_HEAD + count * PS_DOMAIN_PAGE_EACH + bytes;
}

// ---- one page

static const char *ends_of(const ps_domain_page *page)
{
    return (const char *)(page->bytes.keys + page->bytes.count);
}

static size_t end_of(const ps_domain_page *page, size_t number)
{
    uint16_t end;

    memcpy(&end, ends_of(page) + number * sizeof end, sizeof end);
    return end;
}

ps_span ps_domain_page_record(const ps_domain_page *page, size_t number)
{
    const char *records = ends_of(page) + page->bytes.count * sizeof(uint16_t);
    size_t from = number == 0 ? 0 : end_of(page, number - 1);

    return (ps_span){records + from, end_of(page, number) - from};
}

size_t ps_domain_page_place(const ps_domain_page *page, uint64_t key)
{
    size_t from = 0, count = page->bytes.count;

    while (count > 0) {
        size_t half = count / 2;
        bool behind = page->bytes.keys[from + half] < key;
        from += behind ? half + 1 : 0;
        count = behind ? count - half - 1 : half;
    }
    return from;
}

// The sum has told already that somebody wrote it so; this is for whoever has the time to make one that fits.
static bool is_page(const ps_domain_page *page, uint64_t key)
{
    uint64_t count = page->bytes.count;
    size_t end = 0;

    if (key < page->bytes.first || key > page->bytes.last) return false;
    if (count > PS_DOMAIN_PAGE_BYTES / PS_DOMAIN_PAGE_EACH || size_of(count, 0) > page->len) return false;
    for (size_t i = 0; i < count; i++) {
        if (end_of(page, i) < end) return false;
        end = end_of(page, i);
    }
    return size_of(count, end) == page->len;
}

static ps_status take_page(ps_statement *get, uint64_t key, ps_domain_page *out, ps_error *err)
{
    const char *bytes = sqlite3_column_blob(get->handle, 1);
    size_t len = (size_t)sqlite3_column_bytes(get->handle, 1);

    if (len < PS_DOMAIN_PAGE_HEAD || len > PS_DOMAIN_PAGE_BYTES) return ps_domain_store_damaged(get->store, err);
    memcpy(&out->bytes, bytes, len);
    out->len = len;
    bool whole = ps_hash_equal(ps_statement_hash(get, 2), ps_hash_of((ps_span){(const char *)&out->bytes, len}));
    if (whole && ps_statement_int(get, 0) == row_of(out->bytes.first) && is_page(out, key)) return PS_OK;
    out->len = 0;
    return ps_domain_store_damaged(get->store, err);
}

ps_status ps_domain_page_prepare(const ps_store *store, ps_statement *out, ps_error *err)
{
    return ps_statement_open(
        store, "SELECT first, records, sum FROM domain_pages WHERE first <= ? ORDER BY first DESC LIMIT 1", out, err);
}

ps_status ps_domain_page_read(ps_statement *get, uint64_t key, ps_domain_page *out, ps_error *err)
{
    bool row = false;

    ps_statement_bind_int(get, 1, row_of(key));
    ps_status status = ps_statement_step(get, &row, err);
    if (status != PS_OK) return status;
    if (row) {
        status = take_page(get, key, out, err);
        (void)sqlite3_reset(get->handle); // there is no second row; a read that is open holds back checkpoints
        return status;
    }
    out->bytes.first = 0;
    out->bytes.last = UINT64_MAX;
    out->bytes.count = 0;
    out->len = PS_DOMAIN_PAGE_HEAD;
    return PS_OK;
}

// ---- looking up

ps_status ps_domain_pages_open(const ps_store *store, ps_domain_pages *out, ps_error *err)
{
    ps_status status = ps_domain_page_prepare(store, &out->get, err);

    if (status == PS_OK) status = ps_statement_open(store, "SELECT first FROM domain_pages", &out->hold, err);
    if (status == PS_OK) out->slots = ps_memory_map(PS_DOMAIN_PAGES_KEPT * sizeof *out->slots, err);
    return status == PS_OK && out->slots == NULL ? PS_RETRY : status;
}

void ps_domain_pages_close(ps_domain_pages *pages)
{
    ps_statement_close(&pages->get);
    ps_statement_close(&pages->hold);
    ps_memory_unmap(pages->slots, PS_DOMAIN_PAGES_KEPT * sizeof *pages->slots);
    *pages = (ps_domain_pages){.slots = NULL};
}

void ps_domain_pages_forget(ps_domain_pages *pages)
{
    for (size_t i = 0; i < PS_DOMAIN_PAGES_KEPT; i++) {
        if (pages->slots[i].len > 0) pages->slots[i].len = 0; // one that was never read has no memory yet
    }
}

void ps_domain_pages_rest(ps_domain_pages *pages)
{
    if (pages->held) (void)sqlite3_reset(pages->hold.handle); // it gave a row, which is no failure
    pages->held = false;
}

ps_status ps_domain_pages_read(ps_domain_pages *pages, uint64_t key, ps_domain_page *out, ps_error *err)
{
    ps_status status = pages->held ? PS_OK : ps_statement_step(&pages->hold, &pages->held, err);

    return status == PS_OK ? ps_domain_page_read(&pages->get, key, out, err) : status;
}

ps_status ps_domain_pages_find(ps_domain_pages *pages, ps_span name, ps_domain_record *out, bool *out_found,
                               ps_error *err)
{
    uint64_t key = ps_domain_key(name);
    ps_domain_page *page = &pages->slots[key >> (64 - SLOT_BITS)];
    bool here = page->len > 0 && page->bytes.first <= key && key <= page->bytes.last;
    ps_status status = here ? PS_OK : ps_domain_pages_read(pages, key, page, err);

    *out_found = false;
    if (status != PS_OK) return status;
    size_t place = ps_domain_page_place(page, key);
    if (place == page->bytes.count || page->bytes.keys[place] != key) return PS_OK;
    out->key = key;
    if (!ps_domain_record_read(ps_domain_page_record(page, place), out))
        return ps_domain_store_damaged(pages->get.store, err);
    *out_found = out->name.len == 0 || ps_span_equal(out->name, name);
    return PS_OK;
}

// All ranges are about as large as the first.
ps_status ps_domain_pages_count(ps_domain_pages *pages, size_t *out, ps_error *err)
{
    ps_domain_page *first = &pages->slots[0];
    ps_status status = ps_domain_page_read(&pages->get, 0, first, err);

    if (status == PS_OK) *out = (size_t)(UINT64_MAX / (first->bytes.last + (first->bytes.last < UINT64_MAX)));
    return status;
}

// ---- writing

ps_status ps_domain_filler_open(const ps_store *store, ps_domain_filler *out, ps_error *err)
{
    ps_status status = ps_statement_open(
        store, "INSERT OR REPLACE INTO domain_pages(first, records, sum) VALUES(?, ?, ?)", &out->put, err);

    if (status != PS_OK) return status;
    out->keys = ps_memory_new(FILLER_RECORDS, sizeof *out->keys, err);
    if (out->keys != NULL) out->lens = ps_memory_new(FILLER_RECORDS, sizeof *out->lens, err);
    if (out->lens != NULL) out->bytes = ps_memory_new(FILLER_BYTES, 1, err);
    return out->bytes == NULL ? PS_RETRY : PS_OK;
}

void ps_domain_filler_close(ps_domain_filler *filler)
{
    ps_statement_close(&filler->put);
    ps_memory_free(filler->keys);
    ps_memory_free(filler->lens);
    ps_memory_free(filler->bytes);
    *filler = (ps_domain_filler){.count = 0};
}

void ps_domain_filler_begin(ps_domain_filler *filler, const ps_domain_page *old)
{
    filler->old = old;
    filler->first = old->bytes.first;
    filler->count = filler->used = 0;
}

// The first `count` records, `used` bytes of them, as the page up to the key `last`.
static void make_page(const ps_domain_filler *filler, uint64_t last, size_t count, size_t used, ps_domain_page *out)
{
    uint16_t end = 0;

    out->bytes.first = filler->first;
    out->bytes.last = last;
    out->bytes.count = count;
    out->len = size_of(count, used);
    memcpy(out->bytes.keys, filler->keys, count * sizeof *filler->keys);
    char *at = (char *)(out->bytes.keys + count);
    for (size_t i = 0; i < count; i++) {
        end = (uint16_t)(end + filler->lens[i]);
        memcpy(at, &end, sizeof end);
        at += sizeof end;
    }
    memcpy(at, filler->bytes, used);
}

static ps_status put_page(ps_domain_filler *filler, const ps_domain_page *page, ps_error *err)
{
    const ps_span bytes = {(const char *)&page->bytes, page->len};

    if (page->len == filler->old->len && memcmp(&page->bytes, &filler->old->bytes, page->len) == 0) return PS_OK;
    ps_hash sum = ps_hash_of(bytes);
    ps_statement_bind_int(&filler->put, 1, row_of(page->bytes.first));
    ps_statement_bind_bytes(&filler->put, 2, bytes.bytes, bytes.len);
    ps_statement_bind_bytes(&filler->put, 3, &sum, sizeof sum);
    return ps_statement_run(&filler->put, err);
}

// A page of about `want` bytes off the front; the last one of the range takes all that is left.
static ps_status cut_page(ps_domain_filler *filler, size_t want, ps_error *err)
{
    ps_domain_page page;
    size_t count = 0, used = 0;

    while (count < filler->count && size_of(count + 1, used + filler->lens[count]) <= want)
        used += filler->lens[count++];
    bool all = count == filler->count;
    make_page(filler, all ? filler->old->bytes.last : filler->keys[count] - 1, count, used, &page);
    filler->first = page.bytes.last + 1;
    filler->count -= count;
    filler->used -= used;
    memmove(filler->keys, filler->keys + count, filler->count * sizeof *filler->keys);
    memmove(filler->lens, filler->lens + count, filler->count * sizeof *filler->lens);
    memmove(filler->bytes, filler->bytes + used, filler->used);
    return put_page(filler, &page, err);
}

ps_status ps_domain_filler_add(ps_domain_filler *filler, uint64_t key, ps_span record, ps_error *err)
{
    assert(filler->count == 0 || filler->keys[filler->count - 1] < key);
    filler->keys[filler->count] = key;
    filler->lens[filler->count++] = (uint16_t)record.len;
    memcpy(filler->bytes + filler->used, record.bytes, record.len);
    filler->used += record.len;
    if (size_of(filler->count, filler->used) < 2 * (size_t)PS_DOMAIN_PAGE_BYTES) return PS_OK;
    return cut_page(filler, FULL_BYTES, err);
}

// What is left is shared out evenly.
ps_status ps_domain_filler_end(ps_domain_filler *filler, ps_error *err)
{
    ps_status status = PS_OK;

    while (status == PS_OK && size_of(filler->count, filler->used) > PS_DOMAIN_PAGE_BYTES) {
        size_t size = size_of(filler->count, filler->used);
        status = cut_page(filler, size < 2 * (size_t)FULL_BYTES ? size / 2 + PS_DOMAIN_PAGE_HEAD : FULL_BYTES, err);
    }
    return status == PS_OK ? cut_page(filler, PS_DOMAIN_PAGE_BYTES, err) : status;
}
