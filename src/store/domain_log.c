#include "store/domain_log.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

enum {
    HEAD_BYTES = 4, // of a row: its number in the segment, and whether it is the last
    BEFORE_BYTES = 10, // of a record: its key and its length
    BUCKET_BITS = 12, // first bits of a key that records are sorted by; a bucket has eight then
    BUCKETS = 1 << BUCKET_BITS
};

static_assert(HEAD_BYTES + BEFORE_BYTES + PS_DOMAIN_RECORD_BYTES <= PS_LOG_ROW_BYTES, "each record fits a row");
static_assert(PS_LOG_BYTES_MAX / (PS_LOG_ROW_BYTES / 2) < 1U << PS_LOG_ROW_BITS, "and each row its segment");

ps_status ps_domain_log_open(const ps_store *store, const char *put, ps_domain_log *out, ps_error *err)
{
    ps_status status = ps_statement_open(store, put, &out->put, err);

    if (status != PS_OK) return status;
    out->bytes = ps_memory_map(PS_LOG_BYTES_MAX, err);
    if (out->bytes != NULL) out->items = ps_memory_new(PS_LOG_RECORDS_MAX, sizeof *out->items, err);
    if (out->items != NULL) out->sorted = ps_memory_new(PS_LOG_RECORDS_MAX, sizeof *out->sorted, err);
    return out->sorted == NULL ? PS_RETRY : PS_OK;
}

void ps_domain_log_close(ps_domain_log *log)
{
    ps_statement_close(&log->put);
    ps_memory_unmap(log->bytes, PS_LOG_BYTES_MAX);
    ps_memory_free(log->items);
    ps_memory_free(log->sorted);
    *log = (ps_domain_log){.count = 0};
}

void ps_domain_log_add(ps_domain_log *log, const ps_domain_record *record)
{
    assert(ps_domain_log_has_room(log));
    size_t len = ps_domain_record_write(record, log->bytes + log->used);

    log->items[log->count++] = (ps_domain_log_item){record->key, (uint32_t)log->used, (uint32_t)len};
    log->used += len;
}

// ---- sorting

static size_t bucket_of(const ps_domain_log_item *item)
{
    return item->key >> (64 - BUCKET_BITS);
}

// What came later stays behind.
static void sort_bucket(ps_domain_log_item *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        ps_domain_log_item item = items[i];
        size_t at = i;
        for (; at > 0 && items[at - 1].key > item.key; at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

static void sort_items(ps_domain_log *log)
{
    uint32_t ends[BUCKETS + 1] = {0};

    for (size_t i = 0; i < log->count; i++)
        ends[bucket_of(&log->items[i]) + 1]++;
    for (size_t b = 0; b < BUCKETS; b++)
        ends[b + 1] += ends[b];
    for (size_t i = 0; i < log->count; i++)
        log->sorted[ends[bucket_of(&log->items[i])]++] = log->items[i];
    for (size_t b = 0, from = 0; b < BUCKETS; from = ends[b++])
        sort_bucket(log->sorted + from, ends[b] - from);
}

// ---- writing

typedef struct row_bytes {
    char bytes[PS_LOG_ROW_BYTES];
    size_t used;
} row_bytes;

static ps_status write_row(ps_domain_log *log, int64_t number, bool last, row_bytes *of, ps_error *err)
{
    const uint32_t head = (uint32_t)(number & ((1 << PS_LOG_ROW_BITS) - 1)) << 1 | last;

    memcpy(of->bytes, &head, sizeof head);
    ps_hash sum = ps_hash_of((ps_span){of->bytes, of->used});
    ps_statement_bind_int(&log->put, 1, number);
    ps_statement_bind_bytes(&log->put, 2, of->bytes, of->used);
    ps_statement_bind_bytes(&log->put, 3, &sum, sizeof sum);
    of->used = HEAD_BYTES;
    return ps_statement_run(&log->put, err);
}

static void put_item(const ps_domain_log *log, const ps_domain_log_item *item, row_bytes *to)
{
    const uint16_t len = (uint16_t)item->len;
    char *at = to->bytes + to->used;

    memcpy(at, &item->key, sizeof item->key);
    memcpy(at + sizeof item->key, &len, sizeof len);
    memcpy(at + BEFORE_BYTES, log->bytes + item->at, item->len);
    to->used += BEFORE_BYTES + item->len;
}

ps_status ps_domain_log_write(ps_domain_log *log, int64_t segment, ps_error *err)
{
    row_bytes filled = {.used = HEAD_BYTES};
    int64_t number = segment << PS_LOG_ROW_BITS;
    ps_status status = PS_OK;

    sort_items(log);
    for (size_t i = 0; i < log->count && status == PS_OK; i++) {
        put_item(log, &log->sorted[i], &filled);
        bool last = i + 1 == log->count;
        if (!last && filled.used + BEFORE_BYTES + log->sorted[i + 1].len <= sizeof filled.bytes) continue;
        status = write_row(log, number++, last, &filled, err);
    }
    log->count = log->used = 0;
    return status;
}

// ---- reading

ps_status ps_domain_store_damaged(const ps_store *store, ps_error *err)
{
    ps_error_set(err, PS_INPUT, "What the state file '%s' keeps of domains is damaged.", store->path);
    ps_error_hint(err,
                  "presend domains --cache clear --state FILE forgets it, and domains are asked about anew; or put "
                  "a copy of the file from a backup in its place.");
    return PS_INPUT;
}

static ps_status take_row(ps_statement *get, ps_domain_log_reader *reader, ps_error *err)
{
    const char *bytes = sqlite3_column_blob(get->handle, 0);
    size_t len = (size_t)sqlite3_column_bytes(get->handle, 0);
    uint32_t head;

    if (len < HEAD_BYTES || len > sizeof reader->bytes) return ps_domain_store_damaged(get->store, err);
    memcpy(reader->bytes, bytes, len);
    memcpy(&head, bytes, sizeof head);
    bool whole = ps_hash_equal(ps_statement_hash(get, 1), ps_hash_of((ps_span){reader->bytes, len}));
    if (!whole || head >> 1 != (reader->row & ((1 << PS_LOG_ROW_BITS) - 1)))
        return ps_domain_store_damaged(get->store, err);
    reader->rest = (ps_span){reader->bytes + HEAD_BYTES, len - HEAD_BYTES};
    reader->last = (head & 1) != 0;
    reader->row++;
    return PS_OK;
}

static ps_status next_row(ps_statement *get, ps_domain_log_reader *reader, ps_error *err)
{
    bool row = false;

    ps_statement_bind_int(get, 1, reader->row);
    ps_status status = ps_statement_step(get, &row, err);
    if (status != PS_OK) return status;
    if (!row) return ps_domain_store_damaged(get->store, err);
    status = take_row(get, reader, err);
    if (status != PS_OK) return status;
    return ps_statement_run(get, err); // there is no second row
}

ps_status ps_domain_log_next(ps_statement *get, ps_domain_log_reader *reader, ps_error *err)
{
    uint16_t len;
    ps_status status = PS_OK;

    reader->more = reader->rest.len > 0 || !reader->last;
    if (!reader->more) return PS_OK;
    if (reader->rest.len == 0) status = next_row(get, reader, err);
    if (status != PS_OK) return status;
    if (reader->rest.len < BEFORE_BYTES) return ps_domain_store_damaged(get->store, err);
    memcpy(&reader->key, reader->rest.bytes, sizeof reader->key);
    memcpy(&len, reader->rest.bytes + sizeof reader->key, sizeof len);
    if (len > reader->rest.len - BEFORE_BYTES) return ps_domain_store_damaged(get->store, err);
    reader->record = (ps_span){reader->rest.bytes + BEFORE_BYTES, len};
    reader->rest = (ps_span){reader->record.bytes + len, reader->rest.len - BEFORE_BYTES - len};
    return PS_OK;
}

ps_status ps_domain_log_begin(ps_statement *get, int64_t segment, ps_domain_log_reader *out, ps_error *err)
{
    *out = (ps_domain_log_reader){.row = segment << PS_LOG_ROW_BITS};
    return ps_domain_log_next(get, out, err);
}
