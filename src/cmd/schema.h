#ifndef PS_CMD_SCHEMA_H
#define PS_CMD_SCHEMA_H

// Checks a document against schemas/job.schema.json, which is compiled in: type enum required properties
// additionalProperties items minItems maxItems minimum maximum minLength maxLength pattern oneOf $ref. Of its own words
// it knows x-presend-expected (what a pattern wants, for people), x-presend-missing (what to write for a required key),
// x-presend-not-yet (refused by name; but for x-presend-available values), x-presend-not-yet-values and
// x-presend-secret.

#include "cmd/yaml.h"

typedef struct ps_schema ps_schema;

ps_status ps_schema_open_job(ps_schema **out, ps_error *err);
void ps_schema_close(ps_schema *schema); // NULL is fine

// Every fault of the document becomes a problem.
void ps_schema_check(const ps_schema *schema, const ps_yaml *root, ps_problems *problems);

#endif
