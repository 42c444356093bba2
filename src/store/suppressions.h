#ifndef PS_STORE_SUPPRESSIONS_H
#define PS_STORE_SUPPRESSIONS_H

// The suppression lists of ESPs as they were read last, and what came and went: the book of record.
//
// A list is read page by page into a waiting room, where its pages survive a killed process; only when all lists of a
// source have come to their ends do they become the source's state, in one transaction. Each list carries its count and
// an order-free sum of its entries, written in that same transaction: a bit that flips in the file is found by them
// before anybody is mailed.

#include "facts/book.h"
#include "store/store.h"

// The source of that name; `*out_found` is false where the state knows none.
ps_status ps_store_source(ps_store *store, const char *name, ps_stored_source *out, bool *out_found, ps_error *err);

// PS_SOURCE for one that is damaged.
ps_status ps_store_source_check(const ps_store *store, const ps_stored_source *source, ps_error *err);

// All sources in the order of their names, through `visit`; PS_OK goes on.
typedef ps_status ps_store_visit_source(void *context, const ps_stored_source *source, ps_error *err);
ps_status ps_store_sources(ps_store *store, ps_store_visit_source *visit, void *context, ps_error *err);

// ---- reading an ESP's lists in

typedef struct ps_store_intake ps_store_intake;

// Make the source known. PS_CONFIG: it is known as another account's.
ps_status ps_store_intake_open(ps_store *store, const ps_intake_options *options, ps_store_intake **out, ps_error *err);
void ps_store_intake_close(ps_store_intake *intake); // NULL is fine; what was committed waits for the next time

ps_status ps_store_reading_begin(ps_store_intake *intake, ps_reading *reading, ps_error *err);

// A page is here, whole. An entry may come again, since lists move while they are read: it counts once. Committed when
// its list has ended or much of it has come together, else after a second, or after a sixty-fourth of the time that the
// list has been read if that is longer: a killed process loses no more.
ps_status ps_store_reading_page(ps_store_intake *intake, ps_reading *reading, const ps_intake_page *page,
                                ps_error *err);

// All lists that were begun have ended: with them the waiting room becomes the source's state, in one transaction.
// PS_SOURCE: a list that had entries is empty, or what is stored does not fit its sum; nothing has changed then.
ps_status ps_store_intake_apply(ps_store_intake *intake, const ps_intake_accept *apply, ps_intake_change *out,
                                ps_error *err);

// ---- what is stored

// Every entry of a source, list by list. PS_SOURCE after the last one if a list does not fit its count and sum: nothing
// that was visited may be used then.
ps_status ps_store_entries(ps_store *store, const ps_stored_source *source, ps_visit_entry *visit, void *context,
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
    const ps_span *scope; // NULL: of every scope
    const char *who, *why;
    int64_t now_s;
} ps_store_removal;

// It was taken out at the ESP: it stands here no more, and who did it, when and why does.
ps_status ps_store_take_out(ps_store *store, const ps_stored_source *source, const ps_store_removal *removal,
                            uint64_t *out_count, ps_error *err);

// All of this as those see it who do not know the store.
void ps_store_book(ps_store *store, ps_book *out);

#endif
