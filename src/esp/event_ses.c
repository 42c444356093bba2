// Amazon SES: notifications of bounces and complaints, and event publishing, as SNS hands them on.

#include "esp/event.h"

#define SUPPRESSED PS_EVENT_SUPPRESSED
#define HARD PS_EVENT_HARD
#define BLOCK PS_EVENT_BLOCK

static const ps_event_rule bounces[] = {
    {{"permanent", "suppressed"}, SUPPRESSED},
    {{"permanent", "onaccountsuppressionlist"}, SUPPRESSED},
    {{"permanent"}, HARD},
    {{"transient", "general"}, PS_EVENT_WEAK},
    {{"transient", "messagetoolarge"}, BLOCK},
    {{"transient", "contentrejected"}, BLOCK},
    {{"transient", "attachmentrejected"}, BLOCK},
    {{"transient"}, PS_EVENT_SOFT},
    {{NULL}, PS_EVENT_BY_ANSWER},
};

static const ps_event_rule complaints[] = {
    {{"notspam"}, PS_EVENT_NOTHING}, // it says that it is none
    {{"authfailure"}, PS_EVENT_UNCLEAR}, // about the mail, not by a reader
    {{"virus"}, PS_EVENT_UNCLEAR},
    {{NULL}, PS_EVENT_COMPLAINT},
};

// All topics, or any of them.
static const ps_event_rule subscriptions[] = {
    {{"true"}, PS_EVENT_UNSUBSCRIBE},
    {{NULL, "optout"}, PS_EVENT_UNSUBSCRIBE},
    {{NULL}, PS_EVENT_NOTHING},
};

static const ps_event_kind kinds[] = {
    {"bounce", .rules = bounces, .words = {"/bounce/bounceType", "/bounce/bounceSubType"},
     .people = "/bounce/bouncedRecipients", .address = "/emailAddress", .time = "/bounce/timestamp",
     .id = "/bounce/feedbackId", .transient_by_status = true},
    {"complaint", .rules = complaints, .words = {"/complaint/complaintFeedbackType"},
     .people = "/complaint/complainedRecipients", .address = "/emailAddress", .time = "/complaint/timestamp",
     .id = "/complaint/feedbackId"},
    {"deliverydelay", .says = PS_EVENT_DELAY, .people = "/deliveryDelay/delayedRecipients", .address = "/emailAddress",
     .time = "/deliveryDelay/timestamp"},
    {"subscription", .rules = subscriptions,
     .words = {"/subscription/newTopicPreferences/unsubscribeAll",
               "/subscription/newTopicPreferences/topicSubscriptionStatus"},
     .time = "/subscription/timestamp"},
    {"delivery", .says = PS_EVENT_ALIVE, .address = "/delivery/recipients", .time = "/delivery/timestamp"},
    {"open", .says = PS_EVENT_ALIVE, .time = "/open/timestamp"},
    {"click", .says = PS_EVENT_ALIVE, .time = "/click/timestamp"},
    {"send", .says = PS_EVENT_NOTHING},
    {"reject", .says = PS_EVENT_NOTHING}, // the sender's side, as the next
    {"renderingfailure", .says = PS_EVENT_NOTHING},
    {.kind = NULL},
};

#define SES_EVENTS                                                                                                     \
    .id = "ses", .format = "ses events", .address = "/mail/destination", .times = {"/mail/timestamp"},                 \
    .statuses = {"/status"}, .texts = {"/diagnosticCode"}, .kinds = kinds

const ps_event_form ps_event_ses = {.marks = {"/notificationType", "/mail"}, .kind = "/notificationType", SES_EVENTS};
const ps_event_form ps_event_ses_published = {.marks = {"/eventType", "/mail"}, .kind = "/eventType", SES_EVENTS};
