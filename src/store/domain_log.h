#ifndef PS_STORE_DOMAIN_LOG_H
#define PS_STORE_DOMAIN_LOG_H

// What became known of domains since the pages were written last (store/domain_pages.h): segments of records in the
// order of their keys, each segment in rows of about 4 KiB. To append one costs a tenth of what it takes to write as
// many domains where they belong, so that happens once in a run (store/domain_merge.h). The later segment is the later
// word.

#include "store/database.h"
#include "store/domain_record.h"

enum {
    PS_LOG_ROW_BYTES = 4000, // with what SQLite puts before it a row fits 4 KiB, a page of older files
    PS_LOG_RECORDS_MAX = 32768, // of a segment
    PS_LOG_ROW_BITS = 20 // of a row's number that tell it from others of its segment
};

#define PS_LOG_BYTES_MAX ((size_t)4 << 20) // of a segment

typedef struct ps_domain_log_item {
    uint64_t key;
    uint32_t at, len;
} ps_domain_log_item;

// A segment that is being filled.
typedef struct ps_domain_log {
    ps_statement put;
    char *bytes;
    size_t used;
    ps_domain_log_item *items, *sorted;
    size_t count;
} ps_domain_log;

// `put` is an INSERT of a row's number, its bytes and their sum as the parameters 1 to 3; others may be bound.
ps_status ps_domain_log_open(const ps_store *store, const char *put, ps_domain_log *out, ps_error *err);
void ps_domain_log_close(ps_domain_log *log); // a zeroed one is fine

// There is room for one more record; it must be written otherwise.
static inline bool ps_domain_log_has_room(const ps_domain_log *log)
{
    return log->count < PS_LOG_RECORDS_MAX && log->used <= PS_LOG_BYTES_MAX - PS_DOMAIN_RECORD_BYTES;
}

void ps_domain_log_add(ps_domain_log *log, const ps_domain_record *record);

// All of them become the segment of that number, and the log is empty. Within a transaction.
ps_status ps_domain_log_write(ps_domain_log *log, int64_t segment, ps_error *err);

// A walk through a segment.
typedef struct ps_domain_log_reader {
    int64_t row; // the next one
    ps_span rest; // of the row at hand
    bool last; // that is the last row
    bool more; // there is a record: its key, and its parts
    uint64_t key;
    ps_span record;
    char bytes[PS_LOG_ROW_BYTES];
} ps_domain_log_reader;

// `get` selects a row's bytes and their sum by its number, as parameter 1. PS_INPUT: a row is not as it was written.
ps_status ps_domain_log_begin(ps_statement *get, int64_t segment, ps_domain_log_reader *out, ps_error *err);
ps_status ps_domain_log_next(ps_statement *get, ps_domain_log_reader *reader, ps_error *err);

// What is damaged, and what can be done about it.
ps_status ps_domain_store_damaged(const ps_store *store, ps_error *err);

#endif
