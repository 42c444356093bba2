#ifndef PRESEND_ALERT_H
#define PRESEND_ALERT_H

#include <stdbool.h>
#include <stddef.h>

/** Whom a job tells that addresses of its own domains were put on suppression lists. */

typedef enum ps_alert_type {
    PS_ALERT_SLACK,
    PS_ALERT_TEAMS,
    PS_ALERT_DISCORD,
    PS_ALERT_GOOGLE_CHAT,
    PS_ALERT_CHATWORK,
    PS_ALERT_WEBHOOK,
    PS_ALERT_TYPE_COUNT
} ps_alert_type;

typedef struct ps_alert_target {
    ps_alert_type type;
    const char *url; /**< env:NAME or file:PATH: who knows it may write there */
    const char *key; /**< Chatwork's token, or what a webhook's messages are signed with; env:, file: or NULL */
} ps_alert_target;

typedef struct ps_alerts {
    const char *const *domains; /**< as written; `*.example.jp` are those below it */
    size_t domains_count;
    const ps_alert_target *targets;
    size_t targets_count;
    bool unmasked;
} ps_alerts;

#endif
