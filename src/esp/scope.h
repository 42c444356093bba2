#ifndef PS_ESP_SCOPE_H
#define PS_ESP_SCOPE_H

// What entries of files are limited to.

#include <jansson.h>
#include <stdbool.h>

#include "presend/arena.h"
#include "presend/job.h"

// Whether all that is named there is of other campaigns than the source's `scope` says. What names nothing, or `*`, is
// of all of them.
bool ps_scope_is_elsewhere(const ps_source_config *config, ps_span cell); // `spring`, `spring, promo`, `["spring"]`
// Texts in a list are cells of their own.
bool ps_scope_value_is_elsewhere(const ps_source_config *config, const json_t *value, ps_arena *arena);

#endif
