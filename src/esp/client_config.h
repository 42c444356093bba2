#ifndef PS_ESP_CLIENT_CONFIG_H
#define PS_ESP_CLIENT_CONFIG_H

// From the settings of a source to the API that they mean.

#include "esp/client.h"
#include "esp/declared.h"

// `*out_declared` is what the API lives in when it came from a file, else NULL.
ps_status ps_client_api(const ps_source_config *config, ps_declared **out_declared, const ps_api **out, ps_error *err);

const char *ps_client_region(const ps_source_config *config, const ps_api *api); // the job's, or the default; or NULL
bool ps_client_wants(const ps_source_config *config, const char *list);

#endif
