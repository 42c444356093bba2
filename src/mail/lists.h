#ifndef PS_MAIL_LISTS_H
#define PS_MAIL_LISTS_H

// The data lists that are compiled in. Their texts, with source, licence and date, are src/mail/data/*.txt.

#include "presend/run.h"
#include "presend/span.h"

typedef enum ps_list {
    PS_LIST_TLDS,
    PS_LIST_GOOD,
    PS_LIST_FREE,
    PS_LIST_DISPOSABLE,
    PS_LIST_TYPOS,
    PS_LIST_ROLES,
    PS_LIST_CARRIERS,
    PS_LIST_COUNT
} ps_list;

// The entries, one a line, without comments. Static storage.
ps_span ps_list_text(ps_list list);

// Takes the first line off `text`, without its line end; false at the end. Lines may end in CR LF.
bool ps_list_next(ps_span *text, ps_span *out_line);

// A line of two words.
bool ps_list_pair(ps_span line, ps_span *out_first, ps_span *out_second);

// What the report says of the lists. Static storage.
const ps_run_data_list *ps_mail_data_lists(size_t *count);

#endif
