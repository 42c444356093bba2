#ifndef PS_ESP_AWS_H
#define PS_ESP_AWS_H

// Credentials and region of AWS from where its own tools take them: the variables AWS_*, else the shared credentials
// file. No metadata service is asked.

#include <stdbool.h>

#include "base/secret.h"
#include "presend/span.h"

const char *ps_aws_region(void); // AWS_REGION or AWS_DEFAULT_REGION; NULL: neither

// `*out_session` stays NULL for keys that last. PS_CONFIG where there are none.
ps_status ps_aws_load(ps_secret **out_id, ps_secret **out_key, ps_secret **out_session, ps_error *err);

enum { PS_AWS_ACCOUNT_SIZE = 13 };

// The number of the account that the id of an access key belongs to: those made since 2019 hold it. False: this one
// does not.
bool ps_aws_account(ps_span key_id, char out[PS_AWS_ACCOUNT_SIZE]);

#endif
