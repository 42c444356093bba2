#ifndef PS_ESP_JSON_H
#define PS_ESP_JSON_H

// JSON text cut into values, which jansson reads one by one: so a list of any length needs the memory of one entry, and
// nesting and strings are bounded before anything is built.

#include <jansson.h>

#include "esp/entry.h"
#include "esp/text.h"

typedef struct ps_json_reader {
    const ps_import *import; // for messages
    ps_text *text;
    ps_buf value; // the text of the value that is being read
} ps_json_reader;

void ps_json_reader_init(ps_json_reader *json, const ps_import *import, ps_text *text);
void ps_json_reader_done(ps_json_reader *json);

// The next character that is no white space; '\0' at the end of the file.
ps_status ps_json_reader_peek(ps_json_reader *json, char *out, ps_error *err);
void ps_json_reader_skip(ps_json_reader *json); // past the character that was just peeked

// A whole value from here on, `depth` levels down in the file; a new reference. PS_SOURCE for anything that is none:
// cut, too deep, a string over PS_JSON_STRING_BYTES_MAX, not UTF-8.
ps_status ps_json_reader_value(ps_json_reader *json, size_t depth, json_t **out, ps_error *err);

ps_status ps_json_reader_refuse(const ps_json_reader *json, ps_error *err); // not JSON, at this line
ps_status ps_json_reader_refuse_cut(const ps_json_reader *json, ps_error *err);

#endif
