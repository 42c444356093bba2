#ifndef PS_ESP_DECLARED_H
#define PS_ESP_DECLARED_H

// An ESP's API from a JSON file, for ESPs that no code is needed for: those that presend ships with, and whatever a
// user writes. schemas/client.schema.json says what may stand in it.

#include "esp/api.h"
#include "presend/span.h"
#include "presend/status.h"

typedef struct ps_declared ps_declared;

// `id` is static, `path` names the file in messages. PS_CONFIG for one that cannot be used, with the member that is
// wrong.
ps_status ps_declared_read(ps_span text, const char *id, const char *path, ps_declared **out, ps_error *err);
ps_status ps_declared_load(const char *path, ps_declared **out, ps_error *err);

// One that presend ships with; PS_BUG for an id that is none.
ps_status ps_declared_shipped(const char *id, ps_declared **out, ps_error *err);
bool ps_declared_is_shipped(const char *id);

const ps_api *ps_declared_api(const ps_declared *declared);
void ps_declared_free(ps_declared *declared); // NULL is fine

#endif
