#ifndef PS_ESP_ITEM_H
#define PS_ESP_ITEM_H

// One entry of a JSON list, or one event.

#include "esp/events.h"
#include "esp/form.h"

typedef struct ps_item_reader {
    ps_import *import;
    const ps_form *declared; // by the job; NULL: by content
    const ps_form *form; // once known; NULL with `known`: a list of unknown origin
    bool known;
    ps_form_proof proof;
    ps_events events; // in place of entries
    const json_t *page; // the members of the page that the item stands in, as far as they are read; or NULL
} ps_item_reader;

// An entry: an object, or an address as a string. `in_page`: its document has the frame of `reader->form` around it, so
// that the form is certain. PS_SOURCE for an entry of no known form, or a member of the wrong type.
ps_status ps_item_read(ps_item_reader *reader, const json_t *item, bool in_page, uint64_t line, ps_error *err);

// The form of the file is this one: PS_SOURCE when it was another before, or the job names another.
ps_status ps_item_set_form(ps_item_reader *reader, const ps_form *form, uint64_t line, ps_error *err);

#endif
