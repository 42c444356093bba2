#ifndef PS_ESP_API_LIST_H
#define PS_ESP_API_LIST_H

// One list of an ESP's API as data: what to ask for, how it goes on from page to page, what proves its end, where in
// the JSON an entry's parts are. Texts with {names} are templates (esp/template.h); texts that begin with `/` and are
// called a pointer are JSON pointers (RFC 6901).

#include <stdbool.h>
#include <stdint.h>

#include "presend/job.h"

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

#endif
