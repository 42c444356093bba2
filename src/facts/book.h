#ifndef PS_FACTS_BOOK_H
#define PS_FACTS_BOOK_H

// The book of record of suppression lists, for those who fill it and read it without knowing what it is kept in:
// cmd hands it from the store to whoever syncs.

#include "base/hash.h"
#include "presend/job.h"

enum {
    PS_STORED_LISTS_MAX = 32, // lists of one source; the ESP with the most has seven, and groups are one list
    PS_READING_TOKEN_BYTES_MAX = 4096, // a cursor or a link's path and query
};

typedef enum ps_stored_kind {
    PS_STORED_ADDRESS,
    PS_STORED_DOMAIN, // or `*.example.net`
    PS_STORED_MD5, // an address as its digest, in hexadecimal digits; these are in the order of ps_digest_kind
    PS_STORED_SHA1,
    PS_STORED_SHA256,
    PS_STORED_SHA512,
    PS_STORED_HMAC_SHA256,
    PS_STORED_KIND_COUNT
} ps_stored_kind;

ps_digest_kind ps_stored_digest(ps_stored_kind kind); // PS_DIGEST_NONE of an address or a domain
ps_stored_kind ps_stored_of_digest(ps_digest_kind digest); // any but PS_DIGEST_NONE

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
    char name[129];
    uint64_t count; // entries, those that are gone but stay among them
    ps_hash sum;
    int64_t whole_s; // when it was last known to be whole: the start of that reading; 0: never; -1: no longer read
    int64_t full_s; // when all of it was read last; the readings since were of a time window
    bool allowlist;
} ps_stored_list;

typedef struct ps_stored_source {
    int64_t id;
    char name[65];
    char type[33]; // of the ESP, or `imported`
    char origin[1025]; // which account, without any secret
    bool damaged; // its lists are not those that were written: none of it may be used
    size_t list_count;
    ps_stored_list lists[PS_STORED_LISTS_MAX];
} ps_stored_source;

// The list that `presend suppress import` adds to: no ESP tells of it, so it is never too old.
#define PS_STORED_IMPORTED "imported"

// The oldest of its lists' times: since then nothing of it is known. 0: some list was never whole.
int64_t ps_stored_whole_s(const ps_stored_source *source);

typedef struct ps_intake_options {
    const char *name, *type, *origin; // of the source; borrowed
    bool fresh; // forget pages of an earlier reading
    bool accept_account; // the source is known as another account's, and is now of this one
    bool adds; // to what is there: the source's other lists are as they were
    int64_t now_s;
} ps_intake_options;

// One list that is being read; several of them may be at once.
typedef struct ps_reading {
    const char *list;
    bool allowlist; // its entries are kept and shown, and suppress nobody
    int64_t since_s; // 0: all of it; else only what came since then
    // Where an earlier reading of the same kind stopped, and how far this one is.
    int64_t id; // of the list
    char token[PS_READING_TOKEN_BYTES_MAX + 1]; // "" at the beginning
    bool ended; // it had come to its end already
    int64_t started_s;
    uint64_t pages, entries;
} ps_reading;

typedef struct ps_intake_page {
    const ps_stored_entry *entries;
    size_t count;
    const char *token; // leads to the next page; NULL: the ESP's own end mark was seen
    bool first; // forget what was read of this list: it is read from its beginning
} ps_intake_page;

typedef struct ps_intake_change {
    uint64_t entries; // of the source, afterwards, those that are gone but stay among them
    uint64_t before, after; // entries that the ESP itself listed, then and now
    uint64_t added, changed, returned;
    uint64_t gone; // no longer listed by the ESP, now: lifted + kept + held_back
    uint64_t lifted; // bounces: may be mailed again
    uint64_t kept; // stay: complaints, unsubscribes, manual blocks, and bounces that the ESP deletes by age
    uint64_t held_back; // bounces that would be lifted, but are too many at once
    bool emptied; // a list had entries before, and has none
} ps_intake_change;

typedef struct ps_intake_accept {
    bool accept_lift; // lift however many vanished
    bool accept_empty;
    bool accept_checksum; // take the stored entries as they are
} ps_intake_accept;

typedef ps_status ps_visit_entry(void *context, const ps_stored_list *list, const ps_stored_entry *entry,
                                 ps_error *err);

// What keeps the book. `intake` stands for a source that is being read.
typedef struct ps_book {
    void *store;
    ps_status (*source)(void *store, const char *name, ps_stored_source *out, bool *out_found, ps_error *err);
    ps_status (*open)(void *store, const ps_intake_options *options, void **out_intake, ps_error *err);
    void (*close)(void *intake);
    ps_status (*begin)(void *intake, ps_reading *reading, ps_error *err);
    ps_status (*page)(void *intake, ps_reading *reading, const ps_intake_page *page, ps_error *err);
    ps_status (*apply)(void *intake, const ps_intake_accept *accept, ps_intake_change *out, ps_error *err);
} ps_book;

#endif
