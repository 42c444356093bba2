#ifndef PS_ESP_ENTRY_H
#define PS_ESP_ENTRY_H

// One source on its way into the set: every form of file hands its entries in here, and here they are judged, counted
// or refused.

#include "base/clock.h"
#include "facts/suppression.h"
#include "mail/rules.h"
#include "presend/address.h"
#include "presend/run.h"

typedef struct ps_import {
    const ps_source_config *config;
    uint32_t source;
    const ps_address_rules *rules;
    const ps_zone *zone;
    ps_suppression *set; // NULL: `put` takes the entries in its place
    ps_status (*put)(void *context, ps_suppression_entry *entry, bool *out_new, ps_error *err);
    void *put_context;
    const ps_hashing *hashing; // where the entries are digests
    ps_hashing own_hashing; // of an import without a set
    ps_source_config own_config; // as the content of the file tells it
    ps_run_source *out; // the counts
    ps_arena arena; // of one entry
    ps_day date, expires; // of the entry at hand; PS_DAY_NONE: not known, never
    ps_suppression_item *ready; // addresses on their way into the set; see ps_import_flush()
    size_t ready_count;
    char fingerprint[33]; // of the bytes that were read
    uint64_t records; // entries handed in, readable or not
    uint64_t quiet; // of them: deliveries, opens and the like, of which an unreadable one is not missed
    uint64_t first_unreadable; // line of the first one
    bool results; // of a verification service: that nobody is to be removed is nothing unusual
    bool last_bad; // the latest entry cannot be read, or its domain looks cut
} ps_import;

enum { PS_IMPORT_EXPIRES = 2 };

typedef struct ps_import_entry {
    ps_span text; // UTF-8, untrimmed
    const ps_glance *glance; // of `text`, where it was looked at before; else NULL
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

// Addresses go into the set PS_IMPORT_READY_MAX at a time, so that they wait for its memory together. Whoever fills
// `ready` in has the rest of them added; ps_import_finish() does it for the last ones.
enum { PS_IMPORT_READY_MAX = 256 };
ps_status ps_import_flush(ps_import *import, ps_error *err);

// After the last entry: too many unreadable, none at all, or (`ended` is false: no line end) a last entry that looks
// cut.
ps_status ps_import_finish(ps_import *import, bool ended, uint64_t last_line, ps_error *err);

#endif
