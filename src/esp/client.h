#ifndef PS_ESP_CLIENT_H
#define PS_ESP_CLIENT_H

// The lists of ESPs over HTTP: which there are, reading them page by page until the provider itself says that they end,
// and taking one address off one. Everything runs in the caller's thread; several lists are read at once.

#include "presend/job.h"
#include "presend/span.h"
#include "presend/status.h"

// What is wrong with the settings of a source, for a caret in the job file.
typedef struct ps_client_fault {
    const char *key; // the key it is about, static; one that is missing is reported at `type`
    char text[256], hint[256];
} ps_client_fault;

// The `index`-th fault of a source that is no file; false when there are no more. Reads no secret and asks nobody.
bool ps_client_config_fault(const ps_source_config *config, size_t index, ps_client_fault *out);

bool ps_client_is_known_type(const char *type); // any but `file`

// What the lists of that ESP do not hold, as a sentence for the report; NULL: nothing that is known.
const char *ps_client_note(const char *type);

// One source, ready to be asked. `config` is borrowed.
typedef struct ps_client ps_client;

// PS_CONFIG for settings or secrets that cannot be used. Asks nobody.
ps_status ps_client_new(const ps_source_config *config, ps_client **out, ps_error *err);
void ps_client_free(ps_client *client); // NULL is fine

typedef struct ps_client_list {
    const char *name; // bounces, complaints, ...: as `lists` in the job has it
    ps_class class; // of its entries where they say nothing themselves
    bool allowlist; // reported; lifts nothing
    bool window; // entries since a time can be asked for
    bool removable; // single addresses can be taken off it
    bool removable_twice_asked; // complaints and unsubscribes: taking one off wants a second yes
} ps_client_list;

// The lists that the job wants of this source, in a fixed order. They live as long as the client.
const ps_client_list *ps_client_lists(const ps_client *client, size_t *out_count);
const ps_client_list *ps_client_list_find(const ps_client *client, const char *name); // NULL: not among them

// Who is asked, for people: `https://api.mailgun.net`, and for the record what is read there (region, domain, account).
const char *ps_client_origin(const ps_client *client);
const char *ps_client_account(const ps_client *client); // two accounts never have the same text here; no secret in it

typedef enum ps_client_kind { PS_CLIENT_ADDRESS, PS_CLIENT_DOMAIN } ps_client_kind;

// One entry of a list. Spans live until the sink returns.
typedef struct ps_client_entry {
    ps_span text; // as the ESP has it: UTF-8 without NUL, else untouched
    ps_client_kind kind;
    ps_class class;
    ps_span scope; // tag, group, stream or sender that an entry is limited to; empty: none
    ps_span code; // 550 or 5.1.1, or the ESP's own word
    ps_span reason; // cleaned, at most PS_CLIENT_REASON_BYTES_MAX
    int64_t created_s, expires_s; // 0: not known, never
} ps_client_entry;

enum { PS_CLIENT_REASON_BYTES_MAX = 500 };

typedef struct ps_client_page {
    const ps_client_list *list;
    uint64_t number; // from 1; on 1 forget what was taken of this list: it is read from its beginning (again)
    const ps_client_entry *entries;
    size_t count;
    const char *resume; // go on here after a stop, as `ps_client_fetch.resume`; NULL once `ended`
    bool ended; // by the provider's own end mark: with this page the list is whole
} ps_client_page;

// How far one list is.
typedef struct ps_client_progress {
    const char *source, *list;
    uint64_t pages, entries;
    uint64_t total; // as the ESP states it; 0: it does not
    uint32_t retries; // of the request that is under way
    uint32_t wait_ms; // until it is sent again; 0: it is not waiting
    const char *why; // what it waits for, or ""
} ps_client_progress;

// One list to be read. The caller fills the first part.
typedef struct ps_client_fetch {
    const ps_client *client;
    const ps_client_list *list;
    int64_t since_s; // 0: the whole list; else entries from then on, where the list has a window
    bool accept_count; // whole by its end mark, whatever the ESP counts
    const char *resume; // from the last page that was taken, or NULL; one that no longer fits starts over
    ps_status (*page)(void *context, const ps_client_page *page, ps_error *err); // an error ends this list
    void *context;

    ps_status status; // PS_SOURCE not whole, PS_RETRY out of reach, PS_CREDENTIALS refused, or what `page` returned
    ps_error error;
    bool whole;
    char warning[512]; // what the report should say in spite of it, or ""
    uint64_t pages, entries, requests, bytes; // of this run alone
    uint64_t undated; // stamps that cannot be read
    int64_t started_s, ended_s;
} ps_client_fetch;

// What goes on around a fetch. All may be NULL.
typedef struct ps_client_watch {
    bool (*stop)(void *context); // asked several times a second: PS_INTERRUPTED
    void (*progress)(void *context, const ps_client_progress *progress);
    void *context;
    uint32_t first_wait_ms; // before a request is sent again, doubled each time; 0: 1 s; tests make it small
} ps_client_watch;

// Read all of them, several at once, those of one client one after the other. Each gets its own status, and one that
// fails does not keep the others from being read. Returns the first status that is not PS_OK, with its error.
ps_status ps_client_fetch_all(ps_client_fetch *fetches, size_t count, const ps_client_watch *watch, ps_error *err);

// Whether the source answers and takes the credentials, by one small request for each list. `out` as in a fetch.
ps_status ps_client_check(const ps_client *client, const ps_client_watch *watch, ps_error *err);

typedef enum ps_client_removed { PS_CLIENT_REMOVED, PS_CLIENT_WAS_NOT_LISTED } ps_client_removed;

// What cannot be one address: empty, no single @ outside quotes, control bytes, a pattern. PS_USAGE, before any
// request.
ps_status ps_client_address_check(ps_span address, ps_error *err);

// Take one address off one list at the ESP. `scope` as the entry has it (empty: none). PS_USAGE for an address that is
// none, and for a list that takes no removals.
ps_status ps_client_remove(const ps_client *client, const ps_client_list *list, ps_span address, ps_span scope,
                           ps_client_removed *out, ps_error *err);

#endif
