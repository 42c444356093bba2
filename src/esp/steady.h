#ifndef PS_ESP_STEADY_H
#define PS_ESP_STEADY_H

// Lists move while they are read page by page: whether the pages of a list are all of it.

#include "esp/reader.h"

// Before a page is taken: whether it begins where the one before ended, as far as that can be told.
bool ps_steady_follows(ps_list_reader *reader, const json_t *items);

// A page was taken: what the next one must begin with, and which of its entries came before.
ps_status ps_steady_note(ps_list_reader *reader, const json_t *items, ps_error *err);

// After the last page: `*out_again`: the list is to be read once more. PS_SOURCE: it was, and is still not whole.
ps_status ps_steady_check(ps_list_reader *reader, bool *out_again, ps_error *err);

// PS_SOURCE: entries were taken off the list while it was read, twice.
ps_status ps_steady_refuse(const ps_list_reader *reader, ps_error *err);

#endif
