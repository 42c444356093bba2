#include "store/domain_merge.h"

#include <string.h>

#include "base/memory.h"
#include "store/domain_log.h"
#include "store/domain_pages.h"

// A segment on its way into the pages.
typedef struct source {
    ps_domain_log_reader reader;
    bool vouched;
} source;

typedef struct merge {
    const ps_store *store;
    ps_statement row, segment, vouched, page;
    source **heap; // those that have a record; first the one whose is next
    size_t count, capacity;
    ps_domain_page old;
    char changed[2][PS_DOMAIN_RECORD_BYTES]; // in turn: the row that texts lie in makes way for the next
    ps_domain_filler filler;
} merge;

// ---- the sources

// Of two records of a domain the one in the later segment, which has the higher rows, is applied last.
static bool is_before(const source *one, const source *other)
{
    if (one->reader.key != other->reader.key) return one->reader.key < other->reader.key;
    return one->reader.row < other->reader.row;
}

// The one at `at` sinks to its place.
static void sift(merge *of, size_t at)
{
    source *moving = of->heap[at];

    for (size_t child = 2 * at + 1; child < of->count; child = 2 * at + 1) {
        if (child + 1 < of->count && is_before(of->heap[child + 1], of->heap[child])) child++;
        if (!is_before(of->heap[child], moving)) break;
        of->heap[at] = of->heap[child];
        at = child;
    }
    of->heap[at] = moving;
}

static ps_status advance(merge *of, ps_error *err)
{
    source *first = of->heap[0];
    ps_status status = ps_domain_log_next(&of->row, &first->reader, err);

    if (status != PS_OK) return status;
    if (!first->reader.more) {
        ps_memory_free(first);
        of->heap[0] = of->heap[--of->count];
    }
    if (of->count > 0) sift(of, 0);
    return PS_OK;
}

static ps_status add_source(merge *of, int64_t segment, ps_error *err)
{
    bool end = false;
    ps_status status = ps_memory_grow((void **)&of->heap, &of->capacity, of->count + 1, sizeof(source *), err);
    source *made = status == PS_OK ? ps_memory_new(1, sizeof *made, err) : NULL;

    if (made == NULL) return PS_RETRY;
    of->heap[of->count++] = made;
    ps_statement_bind_int(&of->vouched, 1, segment);
    status = ps_statement_step(&of->vouched, &made->vouched, err);
    if (status == PS_OK && made->vouched) status = ps_statement_step(&of->vouched, &end, err);
    return status == PS_OK ? ps_domain_log_begin(&of->row, segment, &made->reader, err) : status;
}

// The first row of a segment tells its number; those of the others are passed over.
static ps_status next_segment(merge *of, int64_t *segment, bool *out_found, ps_error *err)
{
    bool end = false;

    ps_statement_bind_int(&of->segment, 1, *segment << PS_LOG_ROW_BITS);
    ps_status status = ps_statement_step(&of->segment, out_found, err);
    if (status != PS_OK || !*out_found) return status;
    *segment = ps_statement_int(&of->segment, 0) >> PS_LOG_ROW_BITS;
    return ps_statement_step(&of->segment, &end, err);
}

static ps_status add_sources(merge *of, ps_error *err)
{
    int64_t segment = 0;
    bool found = false;
    ps_status status = next_segment(of, &segment, &found, err);

    while (status == PS_OK && found) {
        status = add_source(of, segment++, err);
        if (status == PS_OK) status = next_segment(of, &segment, &found, err);
    }
    for (size_t at = of->count / 2; status == PS_OK && at-- > 0;)
        sift(of, at);
    return status;
}

static ps_status open_merge(const ps_store *store, merge *out, ps_error *err)
{
    out->store = store;
    ps_status status = ps_statement_open(store, "SELECT records, sum FROM domain_log WHERE at = ?", &out->row, err);
    if (status == PS_OK)
        status =
            ps_statement_open(store, "SELECT at FROM domain_log WHERE at >= ? ORDER BY at LIMIT 1", &out->segment, err);
    if (status == PS_OK)
        status = ps_statement_open(store, "SELECT 1 FROM domain_vouched WHERE segment = ?", &out->vouched, err);
    if (status == PS_OK) status = ps_domain_page_prepare(store, &out->page, err);
    if (status == PS_OK) status = ps_domain_filler_open(store, &out->filler, err);
    return status == PS_OK ? add_sources(out, err) : status;
}

static void close_merge(merge *of)
{
    if (of == NULL) return;
    ps_statement_close(&of->row);
    ps_statement_close(&of->segment);
    ps_statement_close(&of->vouched);
    ps_statement_close(&of->page);
    ps_domain_filler_close(&of->filler);
    for (size_t i = 0; i < of->count; i++)
        ps_memory_free(of->heap[i]);
    ps_memory_free(of->heap);
    ps_memory_free(of);
}

// ---- merging

static bool is_due(const merge *of, uint64_t last)
{
    return of->count > 0 && of->heap[0]->reader.key <= last;
}

static ps_status apply_first(merge *of, ps_domain_record *to, ps_error *err)
{
    const source *first = of->heap[0];
    ps_domain_record change;

    change.key = to->key;
    if (!ps_domain_record_read(first->reader.record, &change)) return ps_domain_store_damaged(of->store, err);
    ps_domain_record_apply(&change, first->vouched, to);
    return PS_OK;
}

// All that the log says of the domain that is next, on top of what the page says of it, if it does.
static ps_status change_record(merge *of, const size_t *place, ps_error *err)
{
    ps_domain_record to = {.key = of->heap[0]->reader.key, .past_since = PS_DAY_NONE};
    ps_span record = {0};
    ps_status status = PS_OK;

    if (place != NULL && !ps_domain_record_read(ps_domain_page_record(&of->old, *place), &to))
        return ps_domain_store_damaged(of->store, err);
    for (unsigned turn = 0; status == PS_OK && is_due(of, to.key); turn ^= 1) {
        if (record.len > 0) (void)ps_domain_record_read(record, &to); // as it was just written
        status = apply_first(of, &to, err);
        if (status == PS_OK) record = (ps_span){of->changed[turn], ps_domain_record_write(&to, of->changed[turn])};
        if (status == PS_OK) status = advance(of, err);
    }
    if (status != PS_OK || ps_domain_record_is_empty(&to)) return status;
    return ps_domain_filler_add(&of->filler, to.key, record, err);
}

static ps_status keep_record(merge *of, size_t place, ps_error *err)
{
    return ps_domain_filler_add(&of->filler, of->old.bytes.keys[place], ps_domain_page_record(&of->old, place), err);
}

// The page that the next record of the log belongs to, with all others that do.
static ps_status change_page(merge *of, ps_error *err)
{
    size_t i = 0;
    ps_status status = ps_domain_page_read(&of->page, of->heap[0]->reader.key, &of->old, err);

    if (status == PS_OK) ps_domain_filler_begin(&of->filler, &of->old);
    while (status == PS_OK && (i < of->old.bytes.count || is_due(of, of->old.bytes.last))) {
        bool old = i < of->old.bytes.count;
        uint64_t key = old ? of->old.bytes.keys[i] : of->old.bytes.last;
        if (!is_due(of, key)) {
            status = keep_record(of, i++, err);
            continue;
        }
        bool same = old && of->heap[0]->reader.key == key;
        status = change_record(of, same ? &i : NULL, err);
        if (same) i++;
    }
    return status == PS_OK ? ps_domain_filler_end(&of->filler, err) : status;
}

static ps_status merge_all(const ps_store *store, ps_error *err)
{
    merge *of = ps_memory_new(1, sizeof *of, err);

    if (of == NULL) return PS_RETRY;
    ps_status status = open_merge(store, of, err);
    while (status == PS_OK && of->count > 0)
        status = change_page(of, err);
    close_merge(of);
    return status == PS_OK ? ps_store_execute(store, "DELETE FROM domain_log; DELETE FROM domain_vouched", err)
                           : status;
}

ps_status ps_domain_merge(const ps_store *store, ps_error *err)
{
    // Names and servers of domains are in the pages as well as in the rows that go: to blank those would write as much
    // again.
    ps_status status = ps_store_execute(store, "PRAGMA secure_delete = FAST", err);

    if (status == PS_OK) status = ps_store_begin(store, err);
    if (status != PS_OK) return status;
    status = ps_store_end(store, merge_all(store, err), err);
    ps_status restored = ps_store_execute(store, "PRAGMA secure_delete = ON", status == PS_OK ? err : NULL);
    return status == PS_OK ? restored : status;
}

// ---- forgetting

// A page with nothing but the past of its domains.
static ps_status strip_page(ps_domain_filler *filler, const ps_domain_page *page, uint64_t *count, ps_error *err)
{
    ps_status status = PS_OK;

    ps_domain_filler_begin(filler, page);
    for (size_t i = 0; status == PS_OK && i < page->bytes.count; i++) {
        char bytes[PS_DOMAIN_RECORD_BYTES];
        ps_domain_record record = {.key = page->bytes.keys[i]};
        if (!ps_domain_record_read(ps_domain_page_record(page, i), &record))
            return ps_domain_store_damaged(filler->put.store, err);
        *count += (record.parts & (PS_RECORD_ANSWER | PS_RECORD_FAILURES)) != 0;
        record.parts &= PS_RECORD_PAST;
        if (ps_domain_record_is_empty(&record)) continue;
        ps_span left = {bytes, ps_domain_record_write(&record, bytes)};
        status = ps_domain_filler_add(filler, record.key, left, err);
    }
    return status == PS_OK ? ps_domain_filler_end(filler, err) : status;
}

static ps_status strip_pages(const ps_store *store, uint64_t *count, ps_error *err)
{
    ps_domain_page page = {.bytes = {.last = 0}};
    ps_statement get = {0};
    ps_domain_filler filler = {.count = 0};
    ps_status status = ps_domain_page_prepare(store, &get, err);

    if (status == PS_OK) status = ps_domain_filler_open(store, &filler, err);
    for (uint64_t key = 0; status == PS_OK && page.bytes.last != UINT64_MAX; key = page.bytes.last + 1) {
        status = ps_domain_page_read(&get, key, &page, err);
        if (status == PS_OK) status = strip_page(&filler, &page, count, err);
    }
    ps_statement_close(&get);
    ps_domain_filler_close(&filler);
    return status;
}

ps_status ps_domain_forget(const ps_store *store, uint64_t *out_count, ps_error *err)
{
    uint64_t count = 0;
    ps_status status = ps_domain_merge(store, err);
    bool damaged = status == PS_INPUT;

    if (status == PS_OK || damaged) status = ps_store_begin(store, err);
    if (status != PS_OK) return status;
    if (!damaged) status = strip_pages(store, &count, err);
    damaged = damaged || status == PS_INPUT;
    if (damaged)
        status = ps_store_execute(store, "DELETE FROM domain_pages; DELETE FROM domain_log; DELETE FROM domain_vouched",
                                  err);
    if (status == PS_OK) status = ps_store_execute(store, "DELETE FROM domain_resolvers", err);
    status = ps_store_end(store, status, err);
    if (status == PS_OK) *out_count = count;
    return status;
}

ps_status ps_domain_next_segment(const ps_store *store, int64_t *out, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(store, "SELECT max(at) FROM domain_log", &statement, err);

    if (status == PS_OK) status = ps_statement_step(&statement, &row, err);
    if (status == PS_OK) *out = row ? (ps_statement_int(&statement, 0) >> PS_LOG_ROW_BITS) + 1 : 1;
    ps_statement_close(&statement);
    return status;
}
