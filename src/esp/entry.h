#ifndef PS_ESP_ENTRY_H
#define PS_ESP_ENTRY_H

// One source on its way into the set: every form of file hands its entries in here, and here they are judged, counted
// or refused.

#include "base/clock.h"
#include "esp/stamp.h"
#include "facts/suppression.h"
#include "mail/rules.h"
#include "presend/address.h"
#include "presend/run.h"

// Where the parts of a file meet that several threads read at once.
enum {
    PS_IMPORT_SETTLE = 1, // behind PS_ORDER_READ: where its records begin is handed on
    PS_IMPORT_PUT, // its entries go where they belong: which of two is the first is told in the order of the file
};

// Threads that join in once it is said what to do: `lead` does `work` with all who have nothing else to do, and is back
// when the last of them is.
typedef struct ps_import_crew {
    void (*lead)(void *context, void (*work)(void *of), void *of);
    void *context;
} ps_import_crew;

typedef struct ps_fact_memo ps_fact_memo;
typedef struct ps_order ps_order; // base/order.h

typedef struct ps_import {
    const ps_source_config *config;
    uint32_t source;
    const ps_address_rules *rules;
    const ps_zone *zone;
    const ps_import_crew *crew; // NULL: nobody joins in
    ps_suppression *set; // NULL: `put` takes the entries in its place
    // `expires`: the last day on which it counts; PS_DAY_NONE: it always does.
    ps_status (*put)(void *context, ps_suppression_entry *entry, ps_day expires, bool *out_new, ps_error *err);
    void *put_context;
    const ps_hashing *hashing; // where the entries are digests
    ps_hashing own_hashing; // of an import without a set
    ps_source_config own_config; // as the content of the file tells it
    ps_run_source *out; // the counts
    // Of one thread:
    ps_order *order; // NULL: the file is not read in parts
    uint64_t part; // the one at hand
    bool in_turn; // it is that part's turn to put its entries
    ps_arena arena; // of one entry
    ps_day date, expires; // of the entry at hand; PS_DAY_NONE: not known, never
    ps_suppression_item *ready; // addresses on their way into the set; see PS_IMPORT_READY_MAX
    size_t ready_count;
    ps_stamp_reader stamps;
    ps_fact_memo *facts; // what entries say, by its number in the set
    // What was read so far, or in the part at hand:
    uint64_t records; // entries handed in, readable or not
    uint64_t quiet; // of them: deliveries, opens and the like, of which an unreadable one is not missed
    uint64_t first_unreadable; // line of the first one
    bool results; // of a verification service: that nobody is to be removed is nothing unusual
    bool last_bad; // the latest entry cannot be read, or its domain looks cut
    bool last_undated; // its stamp cannot be read
} ps_import;

// The room that each thread needs. Closing a zeroed one is fine.
ps_status ps_import_open(ps_import *import, ps_error *err);
void ps_import_close(ps_import *import);

enum { PS_IMPORT_EXPIRES = 2 };

typedef struct ps_import_entry {
    ps_span text; // UTF-8, untrimmed
    ps_class class;
    const char *list; // static
    ps_span stamp; // or empty
    ps_span expires[PS_IMPORT_EXPIRES]; // stamps after the last of which it counts no more; empty: it always does
    uint64_t line;
    bool elsewhere; // an unsubscribe from other tags, groups or lists than this campaign's
    bool damaged; // the record around it is not whole: its address counts, and the record counts as unreadable
} ps_import_entry;

// Put one entry into the set. PS_SOURCE for what must not be passed over: a pattern, a digest, an entry of a kind that
// was not declared. Text that is no address is counted; ps_import_finish() judges the count.
ps_status ps_import_add(ps_import *import, const ps_import_entry *entry, ps_error *err);

// A record that suppresses nobody: a result of a verification service that removes nobody.
void ps_import_pass(ps_import *import, const ps_import_entry *entry);

// Addresses go into the set many at a time, so that they wait for its memory together. What is left of them when a part
// is at its end is put by ps_import_end_part(), which waits for its turn and adds what was read to `whole`; at the end
// of a file that is not read in parts ps_import_finish() puts it.
enum { PS_IMPORT_READY_MAX = 4096 };
ps_status ps_import_end_part(ps_import *import, ps_import *whole, ps_error *err);

// What is put from now on is put in turn. PS_RETRY when some part before cannot be read.
ps_status ps_import_enter_turn(ps_import *import, ps_error *err);

// ---- for entry_block.h

// What an entry says of its address.
typedef struct ps_import_said {
    ps_class class;
    const char *list;
    ps_day date;
} ps_import_said;

// Gives `item` the number of what is said.
ps_status ps_import_number(ps_import *import, const ps_import_said *said, ps_suppression_item *item, ps_error *err);
// They are ready to be added.
ps_status ps_import_put(ps_import *import, const ps_suppression_item *items, size_t count, ps_error *err);

// After the last entry: too many unreadable, none at all, or (`ended` is false: no line end) a last entry that looks
// cut.
ps_status ps_import_finish(ps_import *import, bool ended, uint64_t last_line, ps_error *err);

#endif
