#ifndef PS_ESP_AWS_H
#define PS_ESP_AWS_H

// Credentials and region of AWS from where its own tools take them: the variables AWS_*, else the shared credentials
// file. No metadata service is asked.

#include "base/secret.h"

const char *ps_aws_region(void); // AWS_REGION or AWS_DEFAULT_REGION; NULL: neither

// `*out_session` stays NULL for keys that last. PS_CONFIG where there are none.
ps_status ps_aws_load(ps_secret **out_id, ps_secret **out_key, ps_secret **out_session, ps_error *err);

#endif
