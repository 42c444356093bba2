#ifndef PS_STORE_DOMAIN_PAGES_H
#define PS_STORE_DOMAIN_PAGES_H

// What is known of domains, in pages by their keys: each tells a range of keys, and together they tell all. A row of
// its own for every domain took SQLite 5 us to write and to find, in an order that is not the file's.

#include "store/database.h"
#include "store/domain_record.h"

enum {
    PS_DOMAIN_PAGE_BYTES = 4024, // with its sum, and what SQLite puts before it, it fits 4 KiB: a page of older files
    PS_DOMAIN_PAGE_HEAD = 24,
    PS_DOMAIN_PAGE_EACH = 10, // beside a record: its key, and where it ends
    PS_DOMAIN_PAGES_KEPT = 1024 // by who looks domains up, 4 MiB: the last one that was read of each range of keys
};

// One page. Behind its head lie the keys, in their order, then where each record ends, then the records.
typedef struct ps_domain_page {
    struct ps_domain_page_head {
        uint64_t first, last; // the range of keys
        uint64_t count; // of records
        uint64_t keys[(PS_DOMAIN_PAGE_BYTES - PS_DOMAIN_PAGE_HEAD) / 8]; // the rest of the bytes
    } bytes;
    size_t len; // 0: it was not read yet
} ps_domain_page;

ps_span ps_domain_page_record(const ps_domain_page *page, size_t number);

// The number of the first record whose key is not less.
size_t ps_domain_page_place(const ps_domain_page *page, uint64_t key);

// A query for the page of a key. Without any page there is an empty one of all keys.
ps_status ps_domain_page_prepare(const ps_store *store, ps_statement *out, ps_error *err);
// PS_INPUT: it is not as it was written.
ps_status ps_domain_page_read(ps_statement *get, uint64_t key, ps_domain_page *out, ps_error *err);

// Those that were read last, for who looks domains up.
typedef struct ps_domain_pages {
    ps_statement get;
    ps_statement hold; // a query that is left open: SQLite's locks for each page would cost more than the page
    bool held;
    ps_domain_page *slots;
} ps_domain_pages;

ps_status ps_domain_pages_open(const ps_store *store, ps_domain_pages *out, ps_error *err);
void ps_domain_pages_close(ps_domain_pages *pages); // a zeroed one is fine
void ps_domain_pages_forget(ps_domain_pages *pages); // they were written
void ps_domain_pages_rest(ps_domain_pages *pages); // nobody looks for a while: what is written may go to the file

// About how many there are. Where they are more than are kept a page that was read is soon forgotten.
ps_status ps_domain_pages_count(ps_domain_pages *pages, size_t *out, ps_error *err);

// The page of a key, not to be kept.
ps_status ps_domain_pages_read(ps_domain_pages *pages, uint64_t key, ps_domain_page *out, ps_error *err);

// What is known of a domain; its texts stay until the next call. `*out_found` is false where nothing is.
ps_status ps_domain_pages_find(ps_domain_pages *pages, ps_span name, ps_domain_record *out, bool *out_found,
                               ps_error *err);

// New pages for the range of an old one, which are filled record by record in the order of their keys.
typedef struct ps_domain_filler {
    ps_statement put;
    const ps_domain_page *old;
    uint64_t first; // of the next page
    uint64_t *keys;
    uint16_t *lens;
    char *bytes;
    size_t count, used;
} ps_domain_filler;

ps_status ps_domain_filler_open(const ps_store *store, ps_domain_filler *out, ps_error *err);
void ps_domain_filler_close(ps_domain_filler *filler); // a zeroed one is fine

// Within a transaction.
void ps_domain_filler_begin(ps_domain_filler *filler, const ps_domain_page *old); // which stays until the end
ps_status ps_domain_filler_add(ps_domain_filler *filler, uint64_t key, ps_span record, ps_error *err);
ps_status ps_domain_filler_end(ps_domain_filler *filler, ps_error *err);

#endif
