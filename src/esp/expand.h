#ifndef PS_ESP_EXPAND_H
#define PS_ESP_EXPAND_H

// An entry as an ESP tells it becomes what rows are compared with: it goes through the same address rules as they do.

#include "esp/entry.h"
#include "facts/book.h"

typedef struct ps_expander {
    ps_source_config config;
    ps_run_source counts; // what was expanded so far
    ps_import import;
    int64_t created_s; // of the entry at hand
    ps_status (*take)(void *context, const ps_suppression_entry *found, bool *out_new, ps_error *err);
    void *context;
} ps_expander;

// Everything is allowed that could be anybody's address: what a job allows is asked of its rows alone.
ps_status ps_expand_rules(ps_address_rules **out, ps_error *err);

// `rules` of ps_expand_rules(). The days of entries are those of `zone`. `name` is the source's, for messages.
ps_status ps_expander_open(ps_expander *out, const char *name, const ps_address_rules *rules, const ps_zone *zone,
                           ps_error *err);
void ps_expander_close(ps_expander *expander); // a zeroed one is fine

// Hand all that the entry means to `take`, whose `list` is the name given here. Text that is no address is counted.
// PS_SOURCE for a pattern: nobody knows whom it means.
ps_status ps_expand(ps_expander *expander, const char *list, const ps_stored_entry *entry, ps_error *err);

// After the last entry: too many that are none.
ps_status ps_expander_finish(const ps_expander *expander, ps_error *err);

#endif
