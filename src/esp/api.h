#ifndef PS_ESP_API_H
#define PS_ESP_API_H

// An ESP's API as data. esp/reader.c reads by it; the native ones are `const`, others come from a file
// (esp/declared.h).

#include "esp/api_list.h"

enum {
    PS_API_LISTS_MAX = 32,
    PS_API_REGIONS_MAX = 8,
    PS_API_HEADERS_MAX = 6,
    PS_API_WORDS_MAX = 24,
    PS_API_PAGES_MAX = 100000 // of one list
};

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
    const char *note; // what its lists do not hold, for the report
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
