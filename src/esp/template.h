#ifndef PS_ESP_TEMPLATE_H
#define PS_ESP_TEMPLATE_H

// Texts with {names} in them. A brace that begins no known name stands for itself, as in JSON.

#include "base/buf.h"

// PS_TEMPLATE_NAME(SYMBOL, "name")
#define PS_TEMPLATE_NAMES(X)                                                                                           \
    X(DOMAIN, "domain")                                                                                                \
    X(REGION, "region")                                                                                                \
    X(ACCOUNT, "account")                                                                                              \
    X(USER, "user")                                                                                                    \
    X(KEY, "key")                                                                                                      \
    X(ADDRESS, "address")                                                                                              \
    X(SCOPE, "scope")                                                                                                  \
    X(PART, "part")                                                                                                    \
    X(START, "start") /* when this list was begun, in seconds since 1970 */                                            \
    X(SINCE, "since")                                                                                                  \
    X(SINCE_ISO, "since_iso")                                                                                          \
    X(CURSOR, "cursor")                                                                                                \
    X(OFFSET, "offset")                                                                                                \
    X(PAGE, "page")                                                                                                    \
    X(LIMIT, "limit")

typedef enum ps_template_name {
#define X(symbol, name) PS_TEMPLATE_##symbol,
    PS_TEMPLATE_NAMES(X)
#undef X
        PS_TEMPLATE_COUNT
} ps_template_name;

typedef struct ps_template_values {
    ps_span of[PS_TEMPLATE_COUNT]; // without bytes: there is none
} ps_template_values;

typedef enum ps_template_mode {
    PS_TEMPLATE_URL, // values percent-encoded: paths, queries, forms
    PS_TEMPLATE_RAW // as they are: headers
} ps_template_mode;

// {name} is the value; {name_json} the value as JSON text, null where there is none.
void ps_template_add(ps_buf *out, const char *text, ps_template_mode mode, const ps_template_values *values);

// Whether the template names the value.
bool ps_template_has(const char *text, ps_template_name name);

#endif
