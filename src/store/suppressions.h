#ifndef PS_STORE_SUPPRESSIONS_H
#define PS_STORE_SUPPRESSIONS_H

// The suppression lists of ESPs as they were read last, and what came and went: the book of record.
//
// A list is read page by page into a waiting room, where its pages survive a killed process; only when all lists of a
// source have come to their ends do they become the source's state, in one transaction. Each list carries its count and
// an order-free sum of its entries, written in that same transaction: a bit that flips in the file is found by them
// before anybody is mailed.

#include "base/hash.h"
#include "store/store.h"

enum {
    PS_STORE_LISTS_MAX = 32, // lists of one source; the ESP with the most has seven, and groups are one list
    PS_STORE_TOKEN_BYTES_MAX = 4096, // a cursor or a link's path and query
};

typedef enum ps_stored_kind {
    PS_STORED_ADDRESS,
    PS_STORED_DOMAIN,
    PS_STORED_SUBDOMAINS, // `*.example.net`, stored as example.net
    PS_STORED_KIND_COUNT
} ps_stored_kind;

// One entry as its ESP tells it. Times are seconds since 1970; 0 is not known or never.
typedef struct ps_stored_entry {
    ps_span text; // the address or domain as it came
    ps_span scope; // what an unsubscribe is limited to, such as a tag; empty: everything
    ps_span code, reason; // as they came
    ps_stored_kind kind;
    ps_class class;
    int64_t created_s, expires_s;
    int64_t first_seen_s; // by presend
    int64_t gone_s; // since when the ESP lists it no more; 0: it still does
} ps_stored_entry;

typedef struct ps_stored_list {
    int64_t id;
    char name[65];
    uint64_t count; // entries, those that are gone but stay among them
    ps_hash sum;
    int64_t whole_s; // when it was last known to be whole: the start of that reading; 0: never
    int64_t full_s; // when all of it was read last; the readings since were of a time window
    bool allowlist;
} ps_stored_list;

typedef struct ps_stored_source {
    int64_t id;
    char name[65];
    char type[33]; // of the ESP, or `imported`
    char origin[257]; // which account, without any secret
    size_t list_count;
    ps_stored_list lists[PS_STORE_LISTS_MAX];
} ps_stored_source;

// The source of that name; `*out_found` is false where the state knows none.
ps_status ps_store_source(ps_store *store, const char *name, ps_stored_source *out, bool *out_found, ps_error *err);

// All sources in the order of their names, through `visit`; PS_OK goes on.
typedef ps_status ps_store_visit_source(void *context, const ps_stored_source *source, ps_error *err);
ps_status ps_store_sources(ps_store *store, ps_store_visit_source *visit, void *context, ps_error *err);

// The oldest of its lists' times: since then nothing of it is known. 0: some list was never whole.
int64_t ps_stored_whole_s(const ps_stored_source *source);

// ---- reading an ESP's lists in

typedef struct ps_store_intake ps_store_intake;

typedef struct ps_store_intake_options {
    const char *name, *type, *origin; // of the source; borrowed
    bool fresh; // forget pages of an earlier reading
    int64_t now_s;
} ps_store_intake_options;

// Make the source known. PS_CONFIG: it is known as another account's.
ps_status ps_store_intake_open(ps_store *store, const ps_store_intake_options *options, ps_store_intake **out,
                               ps_error *err);
void ps_store_intake_close(ps_store_intake *intake); // NULL is fine; what was committed waits for the next time

// One list that is being read; several of them may be at once.
typedef struct ps_store_reading {
    const char *list;
    bool allowlist; // its entries are kept and shown, and suppress nobody
    int64_t since_s; // 0: all of it; else only what came since then
    // Where an earlier reading of the same kind stopped, and how far this one is.
    int64_t id; // of the list
    char token[PS_STORE_TOKEN_BYTES_MAX + 1]; // "" at the beginning
    bool ended; // it had come to its end already
    int64_t started_s;
    uint64_t pages, entries;
} ps_store_reading;

ps_status ps_store_reading_begin(ps_store_intake *intake, ps_store_reading *reading, ps_error *err);

typedef struct ps_store_page {
    const ps_stored_entry *entries;
    size_t count;
    const char *token; // leads to the next page; NULL: the ESP's own end mark was seen
    bool first; // forget what was read of this list: it is read from its beginning
} ps_store_page;

// A page is here, whole. An entry that comes again replaces itself: lists move while they are read. Committed at the
// end of a list, else when a second has passed.
ps_status ps_store_reading_page(ps_store_intake *intake, ps_store_reading *reading, const ps_store_page *page,
                                ps_error *err);

typedef struct ps_store_change {
    uint64_t entries; // of the source, afterwards, those that are gone but stay among them
    uint64_t before, after; // entries that the ESP itself listed, then and now
    uint64_t added, changed, returned;
    uint64_t gone; // no longer listed by the ESP, now: lifted + kept + held_back
    uint64_t lifted; // bounces: may be mailed again
    uint64_t kept; // stay: complaints, unsubscribes, manual blocks, and bounces that the ESP deletes by age
    uint64_t held_back; // bounces that would be lifted, but are too many at once
    bool emptied; // a list had entries before, and has none
} ps_store_change;

typedef struct ps_store_apply {
    bool accept_lift; // lift however many vanished
    bool accept_empty;
    bool accept_checksum; // take the stored entries as they are
} ps_store_apply;

// All lists that were begun have ended: with them the waiting room becomes the source's state, in one transaction.
// PS_SOURCE: a list that had entries is empty, or what is stored does not fit its sum; nothing has changed then.
ps_status ps_store_intake_apply(ps_store_intake *intake, const ps_store_apply *apply, ps_store_change *out,
                                ps_error *err);

// ---- what is stored

// Every entry of a source, list by list. PS_SOURCE after the last one if a list does not fit its count and sum: nothing
// that was visited may be used then.
typedef ps_status ps_store_visit_entry(void *context, const ps_stored_list *list, const ps_stored_entry *entry,
                                       ps_error *err);
ps_status ps_store_entries(ps_store *store, const ps_stored_source *source, ps_store_visit_entry *visit, void *context,
                           ps_error *err);

// What came and went at a source since a moment.
typedef enum ps_store_event {
    PS_STORE_CAME,
    PS_STORE_WENT, // gone at the ESP, and kept
    PS_STORE_LIFTED,
    PS_STORE_TAKEN_OUT, // by `suppress remove`
    PS_STORE_EVENT_COUNT
} ps_store_event;

typedef struct ps_store_difference {
    ps_store_event event;
    const char *list;
    ps_stored_entry entry;
    int64_t at_s;
    const char *who, *why; // of what was taken out; else ""
} ps_store_difference;

typedef ps_status ps_store_visit_difference(void *context, const ps_store_difference *difference, ps_error *err);
ps_status ps_store_differences(ps_store *store, const ps_stored_source *source, int64_t since_s,
                               ps_store_visit_difference *visit, void *context, ps_error *err);

// The start of the last sync of a source that changed its state; 0 without one.
ps_status ps_store_last_sync(ps_store *store, const ps_stored_source *source, int64_t *out_s, ps_error *err);

typedef struct ps_store_removal {
    ps_span text; // the address as it is stored
    const char *list; // NULL: of every list
    const char *who, *why;
    int64_t now_s;
} ps_store_removal;

// It was taken out at the ESP: it stands here no more, and who did it, when and why does.
ps_status ps_store_take_out(ps_store *store, const ps_stored_source *source, const ps_store_removal *removal,
                            uint64_t *out_count, ps_error *err);

#endif
