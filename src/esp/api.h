#ifndef PS_ESP_API_H
#define PS_ESP_API_H

// An ESP's API as data: what to ask for each list, how it goes on from page to page, what proves its end, where in the
// JSON an entry's parts are. esp/reader.c reads by it; the native ones are `const`, others come from a file
// (esp/declared.h). Texts with {names} are templates (esp/template.h); texts that begin with `/` and are called a
// pointer are JSON pointers (RFC 6901).

#include <stdbool.h>
#include <stdint.h>

#include "presend/job.h"

enum {
    PS_API_LISTS_MAX = 32,
    PS_API_REGIONS_MAX = 8,
    PS_API_HEADERS_MAX = 6,
    PS_API_WORDS_MAX = 24,
    PS_API_PAGES_MAX = 100000 // of one list
};

// A word of the ESP's own and what it means; the first that fits counts.
typedef struct ps_api_word {
    const char *word; // compared without case
    const char *and; // what the second pointer must say; NULL: anything
    ps_class class;
} ps_api_word;

// Where an entry's parts are in an item. NULL: it has none.
typedef struct ps_api_item {
    const char *address; // pointer; "" is the item itself, a text
    bool address_optional; // an item without one is nobody's, as in lists of profiles
    const char *created, *expires, *code, *reason;
    const char *created_too; // where `created` is not there
    const char *scope; // a text, or a list of them: an entry each
    const char *scope_too; // where `scope` is not there
    const char *scope_member; // pointer: where the scope is in each of that list, where they are objects
    const char *scope_all; // the word that means no limit
    bool scope_only; // an item without one is no entry of this list
    const char *word, *word_and; // pointers that `words` are compared with
    const ps_api_word *words; // ends with a word of NULL; one that is not among them has the list's class
    const char *only, *only_is; // items are entries only where this pointer has this value
    const char *also, *also_is; // and where this one has this, whatever `only` and `scope_only` say
    const char *kind, *kind_domain; // an entry is a domain where this pointer has this value
} ps_api_item;

typedef enum ps_api_paging_kind {
    PS_API_ONE, // everything in one reply
    PS_API_LINK, // the reply names the next page; its path must be the first one's
    PS_API_CURSOR, // {cursor} of the latest reply goes into the next request
    PS_API_OFFSET, // {offset}: entries so far
    PS_API_NUMBER, // {page}, from 0
    PS_API_PAGING_COUNT
} ps_api_paging_kind;

// What ends a list. Nothing else does.
enum {
    PS_API_END_EMPTY = 1, // a page without items
    PS_API_END_NO_NEXT = 2, // no link or cursor
    PS_API_END_SHORT = 4, // fewer items than asked for
    PS_API_END_FLAG = 8 // `more` is false
};

typedef struct ps_api_paging {
    ps_api_paging_kind kind;
    unsigned ends; // PS_API_END_...
    const char *next; // pointer to the link or cursor
    const char *next_rel; // `next` is a list of links {"rel", "href"}: the one of this `rel`
    const char *last_item; // in place of `next`: the cursor is in the last item, at this pointer
    const char *more; // pointer to the flag
    uint32_t limit; // items asked for; {limit}
    uint32_t full; // ONE: so many items may not be all
    const char *total; // pointer to how many there are in the list, as the ESP states it
    bool may_ignore; // the ESP is known to leave these parameters aside: the first page again means that it was all
    bool expires; // a 4xx for a link or cursor: read the list from its beginning, once
} ps_api_paging;

typedef struct ps_api_list {
    const char *name;
    ps_class class;
    bool allowlist;
    const char *method; // NULL: GET
    const char *path, *query, *body; // templates
    const char *query_next; // joins the query from the second page on
    const char *query_since; // joins it for entries since a time; NULL: there is no window
    const char *query_account; // joins it, a body that is a form, and removals, where the job names an account
    const char *items; // pointer; "" is the reply itself
    const char *frame; // pointer: where it points to something, items that are null or missing are none
    ps_api_item item;
    ps_api_paging paging;
    const char *remove, *remove_body; // `METHOD PATH?QUERY`
    const char *remove_body_too; // sent after it: the ESP keeps an address once more under another kind
    const char *removed, *removed_is; // pointer into the reply of a removal, and what it must say
} ps_api_list;

// Lists that consist of parts, each with its own pages; who asks first which there are. {part}; the entries' scope.
typedef struct ps_api_parts {
    const char *path, *items, *name;
    const char *skip, *skip_is;
} ps_api_parts;

// Asked before a list is read: whether it can be trusted to hold everything.
typedef struct ps_api_proof {
    const char *method, *path, *body; // NULL: GET, no body
    const char *words; // the pointer to a list of words
    const char *const *wanted; // that must all be there; ends with NULL
    const char *missing, *missing_hint; // what their absence means, and what to do
    const char *own, *own_is; // pointer, and what it says where there is such a list at all; NULL: there is
    const char *none, *none_hint;
} ps_api_proof;

typedef enum ps_api_auth { PS_API_AUTH_HEADERS, PS_API_AUTH_BASIC, PS_API_AUTH_SIGV4 } ps_api_auth;

// What errors in replies mean, by the ESP's own names for them.
typedef enum ps_api_mistake { PS_API_MISTAKE_SOURCE, PS_API_MISTAKE_CREDENTIALS, PS_API_MISTAKE_RETRY } ps_api_mistake;

typedef struct ps_api_error {
    const char *name;
    ps_api_mistake mistake;
} ps_api_error;

typedef struct ps_api_region {
    const char *name, *origin;
} ps_api_region;

enum { PS_API_NEEDS_DOMAIN = 1, PS_API_NEEDS_REGION = 2, PS_API_NEEDS_USER = 4, PS_API_NEEDS_BASE_URL = 8 };

typedef struct ps_api {
    const char *id, *title;
    unsigned needs; // PS_API_NEEDS_...
    const ps_api_region *regions; // the first is the default; ends with a name of NULL
    const ps_api_region *partitions; // templates, for regions whose names begin so; ends with a name of NULL
    const char *origin; // template, for all others
    ps_api_auth auth;
    const char *auth_user; // BASIC: the name, NULL: the job's `user`
    const char *headers[PS_API_HEADERS_MAX]; // templates; {key} may stand here and in bodies, nowhere else
    const char *header_account; // added where the job names an account
    const char *account_default; // what {account} is where it does not
    uint32_t pace_ms; // between two requests
    uint32_t at_once; // requests under way at its origin, of all sources; 0: one of each source
    int32_t zone_s; // east of UTC, of stamps without a zone
    const char *error_header, *error_name, *error_name_too; // header and pointers that name an error
    const ps_api_error *errors; // ends with a name of NULL
    const char *wrong_region; // what to look at when nothing is found there
    const ps_api_parts *parts;
    const ps_api_proof *proof, *proof_account; // the second where the job names an account
    const ps_api_list *lists; // ends with a name of NULL
} ps_api;

const ps_api *ps_api_native(const char *id); // or NULL

// What the ESP's own words mean, also in its CSV.
extern const ps_api_word ps_api_postmark_reasons[], ps_api_customers_mail_cloud_statuses[];

extern const ps_api ps_api_mailgun, ps_api_sendgrid, ps_api_ses, ps_api_postmark, ps_api_brevo,
    ps_api_customers_mail_cloud;

#endif
