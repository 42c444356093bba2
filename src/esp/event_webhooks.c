// The webhooks of SendGrid, Mailgun, Postmark, Brevo, Mailjet and Resend.

#include "esp/event.h"

#define NOTHING PS_EVENT_NOTHING
#define ALIVE PS_EVENT_ALIVE
#define COMPLAINT PS_EVENT_COMPLAINT
#define UNSUBSCRIBE PS_EVENT_UNSUBSCRIBE
#define RESUBSCRIBE PS_EVENT_RESUBSCRIBE
#define MANUAL PS_EVENT_MANUAL
#define SUPPRESSED PS_EVENT_SUPPRESSED
#define HARD PS_EVENT_HARD
#define INVALID PS_EVENT_INVALID
#define BLOCK PS_EVENT_BLOCK
#define SOFT PS_EVENT_SOFT
#define DELAY PS_EVENT_DELAY
#define UNCLEAR PS_EVENT_UNCLEAR
#define STRANGE PS_EVENT_STRANGE
#define ANSWER PS_EVENT_BY_ANSWER
#define ANSWER_ELSE_HARD PS_EVENT_BY_ANSWER_ELSE_HARD

// ---- SendGrid

// By `type` and `bounce_classification`, which some write short.
static const ps_event_rule sendgrid_bounces[] = {
    {{"blocked"}, BLOCK},
    {{NULL, "invalidaddress"}, HARD},
    {{NULL, "mailboxunavailable"}, HARD},
    {{NULL, "technicalfailure"}, SOFT},
    {{NULL, "technical"}, SOFT},
    {{NULL, "frequencyorvolumetoohigh"}, SOFT},
    {{NULL, "reputation"}, BLOCK},
    {{NULL, "content"}, BLOCK},
    {{NULL}, ANSWER_ELSE_HARD},
};

// What it did not even try to send.
static const ps_event_rule sendgrid_drops[] = {
    {{"bouncedaddress"}, SUPPRESSED},
    {{"unsubscribedaddress"}, UNSUBSCRIBE},
    {{"spamreportingaddress"}, COMPLAINT},
    {{"invalid"}, INVALID},
    {{"spamcontent"}, UNCLEAR},
    {{"invalidsmtpapiheader"}, UNCLEAR},
    {{"recipientlistoverpackagequota"}, UNCLEAR},
    {{NULL}, STRANGE},
};

static const ps_event_kind sendgrid[] = {
    {"bounce", .rules = sendgrid_bounces, .words = {"/type", "/bounce_classification"}},
    {"blocked", .says = BLOCK},
    {"dropped", .rules = sendgrid_drops, .words = {"/reason"}},
    {"deferred", .says = DELAY},
    {"spamreport", .says = COMPLAINT},
    {"unsubscribe", .says = UNSUBSCRIBE},
    {"groupunsubscribe", .says = UNSUBSCRIBE, .group = "/asm_group_id"},
    {"groupresubscribe", .says = RESUBSCRIBE, .group = "/asm_group_id"},
    {"processed", .says = NOTHING},
    {"delivered", .says = ALIVE},
    {"open", .says = ALIVE},
    {"click", .says = ALIVE},
    {.kind = NULL},
};

const ps_event_form ps_event_sendgrid = {
    .id = "sendgrid",
    .format = "sendgrid events",
    .marks = {"/event", "/email", "/timestamp"},
    .kind = "/event",
    .address = "/email",
    .times = {"/timestamp"},
    .event_id = "/sg_event_id",
    .statuses = {"/status"},
    .texts = {"/reason", "/response"},
    .kinds = sendgrid,
};

// ---- Mailgun

// By `reason` and `severity`. The first three are of addresses on its own lists.
static const ps_event_rule mailgun_failures[] = {
    {{"suppressbounce"}, SUPPRESSED},
    {{"suppresscomplaint"}, COMPLAINT},
    {{"suppressunsubscribe"}, UNSUBSCRIBE},
    {{NULL, "temporary"}, SOFT},
    {{"espblock"}, BLOCK},
    {{"blacklisted"}, BLOCK},
    {{"old"}, SOFT}, // it gave up trying
    {{"greylisted"}, SOFT},
    {{NULL}, ANSWER},
};

static const ps_event_kind mailgun[] = {
    {"failed", .rules = mailgun_failures, .words = {"/reason", "/severity"}},
    {"complained", .says = COMPLAINT},
    {"unsubscribed", .says = UNSUBSCRIBE},
    {"rejected", .says = UNCLEAR},
    {"accepted", .says = NOTHING},
    {"stored", .says = NOTHING},
    {"delivered", .says = ALIVE},
    {"opened", .says = ALIVE},
    {"clicked", .says = ALIVE},
    {"listmemberuploaded", .says = NOTHING},
    {"listmemberuploaderror", .says = NOTHING},
    {"listuploaded", .says = NOTHING},
    {.kind = NULL},
};

const ps_event_form ps_event_mailgun = {
    .id = "mailgun",
    .format = "mailgun events",
    .marks = {"/event", "/recipient", "/timestamp", "/id"},
    .kind = "/event",
    .address = "/recipient",
    .times = {"/timestamp"},
    .event_id = "/id",
    .id_of_day = true,
    .statuses = {"/delivery-status/enhanced-code", "/delivery-status/bounce-code"},
    .code = "/delivery-status/code",
    .texts = {"/delivery-status/message", "/delivery-status/description"},
    .kinds = mailgun,
};

// ---- Postmark

static const ps_event_rule postmark_bounces[] = {
    {{"hardbounce"}, HARD},
    {{"bademailaddress"}, HARD},
    {{"manuallydeactivated"}, MANUAL},
    {{"softbounce"}, SOFT},
    {{"transient"}, SOFT},
    {{"dnserror"}, SOFT},
    {{"blocked"}, BLOCK},
    {{"spamnotification"}, BLOCK},
    {{"virusnotification"}, BLOCK},
    {{"dmarcpolicy"}, BLOCK},
    {{"spamcomplaint"}, COMPLAINT},
    {{"unsubscribe"}, UNSUBSCRIBE},
    {{"manualsuppression"}, UNSUBSCRIBE},
    {{"autoresponder"}, NOTHING},
    {{"addresschange"}, NOTHING},
    {{"challengeverification"}, NOTHING},
    {{"openrelaytest"}, NOTHING},
    {{"subscribe"}, NOTHING},
    {{"inbounderror"}, NOTHING},
    {{"smtpapierror"}, NOTHING},
    {{"templaterenderingfailed"}, NOTHING},
    {{"unknown"}, UNCLEAR},
    {{"unconfirmed"}, UNCLEAR},
    {{NULL}, STRANGE},
};

// That somebody is mailed again lifts nothing.
static const ps_event_rule postmark_changes[] = {
    {{"false"}, NOTHING},
    {{NULL, "hardbounce"}, SUPPRESSED},
    {{NULL, "spamcomplaint"}, COMPLAINT},
    {{NULL, "manualsuppression", "recipient"}, UNSUBSCRIBE},
    {{NULL}, MANUAL},
};

static const ps_event_kind postmark[] = {
    {"bounce", .rules = postmark_bounces, .words = {"/Type"}, .time = "/BouncedAt", .id = "/ID"},
    {"spamcomplaint", .says = COMPLAINT, .time = "/BouncedAt", .id = "/ID"},
    {"subscriptionchange", .rules = postmark_changes, .words = {"/SuppressSending", "/SuppressionReason", "/Origin"},
     .address = "/Recipient", .time = "/ChangedAt", .group = "/MessageStream"},
    {"delivery", .says = ALIVE, .address = "/Recipient", .time = "/DeliveredAt"},
    {"open", .says = ALIVE, .address = "/Recipient", .time = "/ReceivedAt"},
    {"click", .says = ALIVE, .address = "/Recipient", .time = "/ReceivedAt"},
    {.kind = NULL},
};

const ps_event_form ps_event_postmark = {
    .id = "postmark",
    .format = "postmark events",
    .marks = {"/RecordType", "/MessageID"},
    .kind = "/RecordType",
    .address = "/Email",
    .texts = {"/Details", "/Description"},
    .kinds = postmark,
};

// ---- Brevo

// What it blocks is on its own list of addresses that it sends nothing to.
static const ps_event_kind brevo[] = {
    {"hardbounce", .says = HARD},
    {"softbounce", .says = SOFT},
    {"blocked", .says = SUPPRESSED},
    {"spam", .says = COMPLAINT},
    {"complaint", .says = COMPLAINT},
    {"invalidemail", .says = INVALID},
    {"invalid", .says = INVALID},
    {"unsubscribe", .says = UNSUBSCRIBE},
    {"deferred", .says = DELAY},
    {"unsubscribed", .says = UNSUBSCRIBE},
    {"error", .says = UNCLEAR},
    {"delivered", .says = ALIVE},
    {"opened", .says = ALIVE},
    {"uniqueopened", .says = ALIVE},
    {"firstopening", .says = ALIVE},
    {"click", .says = ALIVE},
    {"request", .says = NOTHING},
    {"sent", .says = NOTHING},
    {"proxyopen", .says = NOTHING}, // a machine's
    {"uniqueproxyopen", .says = NOTHING},
    {"listaddition", .says = NOTHING},
    {.kind = NULL},
};

// Only `ts_epoch` is of no account's time zone.
#define BREVO_EVENTS                                                                                                   \
    .id = "brevo", .format = "brevo events", .kind = "/event", .address = "/email",                                    \
    .times = {"/ts_epoch", "/ts_event", "/ts"}, .texts = {"/reason"}, .kinds = brevo

const ps_event_form ps_event_brevo = {.marks = {"/event", "/email", "/message-id"}, BREVO_EVENTS};
const ps_event_form ps_event_brevo_marketing = {.marks = {"/event", "/email", "/ts_event"}, BREVO_EVENTS};

// ---- Mailjet

// By `hard_bounce` and `error`, for `bounce` and `blocked`.
static const ps_event_rule mailjet_bounces[] = {
    {{NULL, "spamreporter"}, COMPLAINT},
    {{NULL, "duplicateincampaign"}, NOTHING},
    {{NULL, "quotaexceeded"}, SOFT},
    {{NULL, "greylisted"}, SOFT},
    {{NULL, "senderblocked"}, BLOCK},
    {{NULL, "contentblocked"}, BLOCK},
    {{NULL, "policyissue"}, BLOCK},
    {{NULL, "relay/accessdenied"}, BLOCK},
    {{NULL, "blacklisted"}, MANUAL},
    {{NULL, "preblocked"}, SUPPRESSED},
    {{"true"}, HARD}, // user unknown, mailbox inactive, invalid domain, no mail host, typofix, or without a word
    {{"1"}, HARD},
    {{"false"}, SOFT},
    {{"0"}, SOFT},
    {{NULL}, ANSWER},
};

static const ps_event_kind mailjet[] = {
    {"bounce", .rules = mailjet_bounces, .words = {"/hard_bounce", "/error"}},
    {"blocked", .rules = mailjet_bounces, .words = {"/hard_bounce", "/error"}},
    {"spam", .says = COMPLAINT},
    {"unsub", .says = UNSUBSCRIBE, .group = "/mj_list_id"},
    {"sent", .says = ALIVE}, // taken by the recipient's server
    {"open", .says = ALIVE},
    {"click", .says = ALIVE},
    {.kind = NULL},
};

const ps_event_form ps_event_mailjet = {
    .id = "mailjet",
    .format = "mailjet events",
    .marks = {"/event", "/email", "/time"},
    .kind = "/event",
    .address = "/email",
    .times = {"/time"},
    .texts = {"/comment", "/error"},
    .kinds = mailjet,
};

// ---- Resend

static const ps_event_rule resend_bounces[] = {
    {{"transient"}, SOFT},
    {{"permanent"}, HARD},
    {{"undetermined"}, ANSWER},
    {{NULL}, ANSWER_ELSE_HARD}, // it calls a bounce what was refused for good
};

static const ps_event_kind resend[] = {
    {"email.bounced", .rules = resend_bounces, .words = {"/data/bounce/type"}},
    {"email.complained", .says = COMPLAINT},
    {"email.suppressed", .says = SUPPRESSED},
    {"email.deliverydelayed", .says = DELAY},
    {"email.delivered", .says = ALIVE},
    {"email.opened", .says = ALIVE},
    {"email.clicked", .says = ALIVE},
    {"email.sent", .says = NOTHING},
    {"email.scheduled", .says = NOTHING},
    {"email.received", .says = NOTHING},
    {"email.failed", .says = NOTHING}, // the sender's side
    {.kind = NULL},
};

// A mail to several people does not say which of them it is about: all are.
const ps_event_form ps_event_resend = {
    .id = "resend",
    .format = "resend events",
    .marks = {"/type", "/created_at", "/data/to"},
    .begins = "email.",
    .kind = "/type",
    .address = "/data/to",
    .times = {"/created_at", "/data/created_at"},
    .texts = {"/data/bounce/message"},
    .kinds = resend,
};
