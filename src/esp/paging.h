#ifndef PS_ESP_PAGING_H
#define PS_ESP_PAGING_H

// From one page to the next, for each kind of paging.

#include <jansson.h>

#include "esp/reader.h"

// After a page of `count` items: sets the reader to the next one. `*out_ended`: the provider says that there is none.
ps_status ps_paging_step(ps_list_reader *reader, const json_t *reply, const json_t *items, bool *out_ended,
                         ps_error *err);

// Path and query of a link that may be absolute: of its host, scheme and port nothing is used. False when the path is
// not `path`, or with `prefix` before it, or when it holds what no link does.
bool ps_paging_target(const char *link, const char *prefix, const char *path, ps_buf *out);

#endif
