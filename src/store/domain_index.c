#include "store/domain_index.h"

#include <assert.h>

#include "base/memory.h"
#include "store/domain_log.h"

enum {
    RANGE_BITS = 16, // first bits of a key that tell where its mark lies: with a million of them among sixteen
    RANGES = 1 << RANGE_BITS,
    MARK_BITS = 32,
    KIND_MASK = 3
};

static_assert((int)PS_CACHED_STALE_NO_MAIL <= (int)KIND_MASK, "a kind fits a mark");

static size_t range_of(uint64_t key)
{
    return key >> (64 - RANGE_BITS);
}

// The bits that follow the range's, but for the last ones, which are the kind's.
static uint32_t mark_of(uint64_t key, ps_cached kind)
{
    return ((uint32_t)(key >> (64 - RANGE_BITS - MARK_BITS)) & ~(uint32_t)KIND_MASK) | (uint32_t)kind;
}

static void begin_ranges(ps_domain_index *index, size_t until)
{
    while (index->ranges <= until)
        index->starts[index->ranges++] = (uint32_t)index->count;
}

static ps_status add_page(ps_domain_index *index, const ps_domain_page *page, int64_t now_s, ps_error *err)
{
    size_t count = page->bytes.count;
    ps_status status =
        ps_memory_grow((void **)&index->marks, &index->capacity, index->count + count + 1, sizeof *index->marks, err);

    for (size_t i = 0; status == PS_OK && i < count; i++) {
        ps_domain_record record = {.key = page->bytes.keys[i]};
        if (!ps_domain_record_read(ps_domain_page_record(page, i), &record)) return PS_INPUT;
        ps_cached kind = ps_domain_record_kind(&record, now_s);
        if (kind == PS_CACHED_NOTHING) continue;
        begin_ranges(index, range_of(record.key));
        index->marks[index->count++] = mark_of(record.key, kind);
    }
    return status;
}

ps_status ps_domain_index_read(ps_domain_pages *pages, int64_t now_s, ps_domain_index *out, ps_error *err)
{
    ps_domain_page page = {.bytes = {.last = 0}};
    ps_domain_index index = {.starts = ps_memory_new(RANGES + 1, sizeof *index.starts, err)};
    ps_status status = index.starts == NULL ? PS_RETRY : PS_OK;

    for (uint64_t key = 0; status == PS_OK && page.bytes.last != UINT64_MAX; key = page.bytes.last + 1) {
        status = ps_domain_pages_read(pages, key, &page, err);
        if (status != PS_OK) break;
        status = add_page(&index, &page, now_s, err);
        if (status == PS_INPUT) status = ps_domain_store_damaged(pages->get.store, err);
    }
    if (status != PS_OK) {
        ps_domain_index_close(&index);
        return status;
    }
    begin_ranges(&index, RANGES);
    *out = index;
    return PS_OK;
}

void ps_domain_index_close(ps_domain_index *index)
{
    ps_memory_free(index->marks);
    ps_memory_free(index->starts);
    *index = (ps_domain_index){.marks = NULL};
}

ps_cached ps_domain_index_find(const ps_domain_index *index, uint64_t key)
{
    const uint32_t wanted = mark_of(key, (ps_cached)0);
    size_t range = range_of(key);

    for (size_t i = index->starts[range]; i < index->starts[range + 1]; i++) {
        if ((index->marks[i] & ~(uint32_t)KIND_MASK) == wanted) return (ps_cached)(index->marks[i] & KIND_MASK);
    }
    return PS_CACHED_NOTHING;
}
