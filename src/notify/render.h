#ifndef PS_NOTIFY_RENDER_H
#define PS_NOTIFY_RENDER_H

// A notice in the form of each receiver, within its limits.

#include "notify/notice.h"
#include "presend/alert.h"

typedef struct ps_notify_form {
    const char *name; // as the job file has it
    const char *content_type;
    void (*render)(const ps_notice *notice, ps_buf *out);
    const char *key_header; // the request has the key in this header
    bool key_needed;
    bool signs; // that header is an HMAC of the body under the key
} ps_notify_form;

const ps_notify_form *ps_notify_form_of(ps_alert_type type);

#endif
