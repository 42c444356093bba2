#ifndef PS_ESP_SYNC_H
#define PS_ESP_SYNC_H

// Bring the lists of ESPs into the book: all lists of a source, or none. What a killed sync has read is not read again.

#include "esp/client.h"
#include "esp/expand.h"

typedef struct ps_sync_options {
    const ps_book *book;
    const ps_address_rules *rules; // of ps_expand_rules()
    const ps_zone *zone;
    bool full; // read whole lists also where a window of time would do
    int64_t now_s;
    const ps_client_watch *watch;
} ps_sync_options;

// One source. The caller fills the first part.
typedef struct ps_sync_source {
    const ps_source_config *config; // of an ESP
    ps_intake_accept accept;
    bool accept_kinds; // however many entries are no addresses
    bool accept_count; // whatever the ESP counts
    bool accept_account; // known as another account's

    ps_status status;
    ps_error error;
    ps_intake_change change; // once `status` is PS_OK
    bool full; // every list was read whole
    uint64_t pages, requests, fetched; // of this call
    uint64_t unreadable; // entries that are no addresses
    uint64_t undated; // time stamps that cannot be read; their entries count
    char warning[512]; // what the report should say in spite of success, or ""
} ps_sync_source;

// Sync all of them, several at once. One that fails leaves its old state, and does not keep the others from their new
// one. The first status that is not PS_OK, with its error.
ps_status ps_sync_run(const ps_sync_options *options, ps_sync_source *sources, size_t count, ps_error *err);

#endif
