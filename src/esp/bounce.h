#ifndef PS_ESP_BOUNCE_H
#define PS_ESP_BOUNCE_H

// What a server's answer says about an address: whether it is the address that is bad, the moment, or the mail.

#include "presend/job.h"
#include "presend/span.h"

// By the words of the answer first, since many servers send 5.1.1 or 5.0.0 for everything; then by the enhanced status
// (RFC 3463), then by the SMTP code (RFC 5321). Each may be empty; a `status` of three digits counts as the code.
// PS_CLASS_UNKNOWN where nothing tells.
ps_class ps_bounce_class(ps_span status, ps_span code, ps_span text);

#endif
