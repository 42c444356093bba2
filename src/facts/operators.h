#ifndef PS_FACTS_OPERATORS_H
#define PS_FACTS_OPERATORS_H

// Who takes the mail of a domain. The table is src/mail/data/operators.csv.

#include <stdbool.h>

#include "presend/facts.h"

typedef enum ps_operator_kind {
    PS_OPERATOR_KIND_NONE,
    PS_OPERATOR_KIND_MAILBOX, // a provider of mailboxes under its own domains
    PS_OPERATOR_KIND_HOSTED, // mailboxes under the customers' domains
    PS_OPERATOR_KIND_CARRIER, // a mobile carrier
    PS_OPERATOR_KIND_ISP,
    PS_OPERATOR_KIND_HOSTING, // web hosting that takes mail too
    PS_OPERATOR_KIND_SECURITY, // filters the mail before somebody else keeps it
    PS_OPERATOR_KIND_FORWARDING,
    PS_OPERATOR_KIND_ESP, // takes mail for programs
    PS_OPERATOR_KIND_PARKING, // takes the mail of names that nobody uses
    PS_OPERATOR_KIND_DISPOSABLE, // of names that are thrown away after use
    PS_OPERATOR_KIND_COUNT
} ps_operator_kind;

typedef struct ps_operator_info {
    const char *name; // as in files and JSON, such as google_gmail
    ps_operator_kind kind;
    const char *region; // of most of its users: global, or two letters, such as jp
} ps_operator_info;

// The operator of a mail server by its host's name, in lower case, without the root's dot: by the longest suffix of
// whole labels. `*out_shared` (may be NULL): the host serves many customers, and does not go away with one.
ps_operator ps_operator_of_host(ps_span host, bool *out_shared);

// The operator that a whole mail domain belongs to, which no look-up needs to tell: carriers and the big mailbox
// providers. A-labels in lower case.
ps_operator ps_operator_of_domain(ps_span domain);

ps_operator ps_operator_find(ps_span name); // PS_OPERATOR_NONE: this build does not know it

// Static storage; for PS_OPERATOR_NONE the texts are empty.
const ps_operator_info *ps_operator_get(ps_operator number);
size_t ps_operator_count(void); // numbers are below this
const char *ps_operator_kind_word(ps_operator_kind kind); // mailbox hosted carrier ...

#endif
