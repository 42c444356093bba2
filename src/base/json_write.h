#ifndef PS_BASE_JSON_WRITE_H
#define PS_BASE_JSON_WRITE_H

// JSON streamed into a buffer: always valid UTF-8, members in the order they are added, numbers without locale.

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

typedef struct ps_json {
    ps_buf *out;
    unsigned depth, indent; // indent 0: one line
    bool first; // nothing stands before the next value in its container
} ps_json;

// Begin a document in `out`; `indent` blanks a level, 0 for one line.
void ps_json_init(ps_json *json, ps_buf *out, unsigned indent);

// `name` is the member's name, or NULL inside an array and at the top.
void ps_json_object(ps_json *json, const char *name);
void ps_json_object_end(ps_json *json);
void ps_json_array(ps_json *json, const char *name);
void ps_json_array_end(ps_json *json);
void ps_json_text(ps_json *json, const char *name, const char *text); // NULL becomes null
void ps_json_span(ps_json *json, const char *name,
                  ps_span text); // not UTF-8: member NAME_b64, or {"b64":...} without a name
void ps_json_count(ps_json *json, const char *name, uint64_t value);
void ps_json_int(ps_json *json, const char *name, int64_t value);
void ps_json_number(ps_json *json, const char *name, double value); // at most 6 decimals; not finite becomes null
void ps_json_bool(ps_json *json, const char *name, bool value);
void ps_json_null(ps_json *json, const char *name);

#endif
