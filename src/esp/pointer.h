#ifndef PS_ESP_POINTER_H
#define PS_ESP_POINTER_H

// Values in JSON by their pointers (RFC 6901), and as text.

#include <jansson.h>
#include <stdbool.h>

#include "presend/arena.h"
#include "presend/span.h"

// What the pointer leads to, or NULL; JSON's null counts as nothing. A NULL pointer leads nowhere, "" to `root` itself.
const json_t *ps_pointer_get(const json_t *root, const char *pointer);

bool ps_pointer_is_valid(const char *pointer); // "" or begins with `/`; `~` only in ~0 and ~1

// A text, number or truth value as text, in the value itself or in the arena. False for a list or an object. NULL gives
// the empty text.
bool ps_pointer_text(const json_t *value, ps_arena *arena, ps_span *out);

// Of brackets and texts alone, before anything is built: false when the nesting, a text or the number of
// values is over its limit.
bool ps_json_within_limits(ps_span text);

#endif
