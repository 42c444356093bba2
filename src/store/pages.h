#ifndef PS_STORE_PAGES_H
#define PS_STORE_PAGES_H

// The entries of a source's lists, in the order of their keys and many to a row: a page, which has the key of its first
// entry.

#include "store/entries.h"

// A list from its first page on, and what proves it. Pages may be replaced behind it meanwhile.
typedef struct ps_pages {
    const ps_stored_entry *entry; // the one at hand, until the next; NULL after the last one
    ps_span text, scope; // of the row that it is in
    uint64_t page; // counts from 1
    uint64_t count; // of what was read so far, and its sum
    ps_hash sum;
    bool damaged; // what came is no entry, or not in order; then it has ended, too
    bool mends; // what is no entry is passed over
    bool proven; // the rest of the page is whole
    ps_statement next;
    ps_stored_entry current;
    ps_buf bytes, name, last; // of the page: its entries, its key; and the key before the entry at hand
    size_t last_text_len;
    bool begun;
    ps_span rest;
    ps_buf room;
} ps_pages;

// From the page `from` on, or from the first one (NULL). Gives the first entry at once.
ps_status ps_pages_open(const ps_store *store, int64_t list, const ps_span *from, ps_pages *out, ps_error *err);
void ps_pages_close(ps_pages *pages); // a zeroed one is fine
ps_status ps_pages_next(ps_pages *pages, ps_error *err);

// After the last one: PS_SOURCE if they are not those that were written.
ps_status ps_list_check(const ps_store *store, const ps_stored_source *source, const ps_stored_list *list,
                        const ps_pages *pages, ps_error *err);

// Pages in place of others. Only those are written that changed.
typedef struct ps_page_writer {
    ps_statement put, drop;
    uint64_t page; // of those that are followed
    bool replaces; // its row
    bool changed; // else nothing is written; whoever adds says so
    ps_buf name; // of that row
    size_t name_text_len;
    ps_buf bytes;
    size_t full; // so many of them make a page; 0: not yet
} ps_page_writer;

ps_status ps_page_writer_open(const ps_store *store, int64_t list, ps_page_writer *out, ps_error *err);
void ps_page_writer_close(ps_page_writer *writer); // a zeroed one is fine

// What is added from now on stands in place of the page that `pages` has come to; the one before ends. Where it has
// come to no other, nothing happens.
ps_status ps_page_writer_follow(ps_page_writer *writer, const ps_pages *pages, ps_error *err);
ps_status ps_page_writer_add(ps_page_writer *writer, const ps_stored_entry *entry, ps_error *err);
ps_status ps_page_writer_end(ps_page_writer *writer, ps_error *err);

// Put in order whatever can be read of a list that is damaged.
ps_status ps_pages_mend(const ps_store *store, int64_t list, ps_error *err);

// What an older presend kept in rows of their own.
ps_status ps_pages_pack(const ps_store *store, ps_error *err);

#endif
