#ifndef PS_NOTIFY_SEND_H
#define PS_NOTIFY_SEND_H

// Messages to chat rooms and webhooks. Nothing depends on whether they arrive.

#include "notify/notice.h"
#include "presend/alert.h"

enum {
    PS_NOTIFY_TARGETS_MAX = 16,
    PS_NOTIFY_TRIES_MAX = 3,
    PS_NOTIFY_REQUEST_MS = 15000,
    PS_NOTIFY_WAIT_S_MAX = 30, // a receiver that asks for more is not waited for
};

typedef struct ps_notify_result {
    bool sent;
    char problem[512]; // of one that was not: nothing of the URL or the key
} ps_notify_result;

// To all targets at once; a result for each. `stopped` (may be NULL) ends the waiting.
void ps_notify_send(const ps_alert_target *targets, size_t count, const ps_notice *notice,
                    bool (*stopped)(void *context), void *context, ps_notify_result *results);

#endif
