// Logs: what Sisimai makes of bounce mails, and the deliveries of blastengine.

#include "esp/event.h"

#define HARD PS_EVENT_HARD
#define BLOCK PS_EVENT_BLOCK
#define SOFT PS_EVENT_SOFT
#define UNCLEAR PS_EVENT_UNCLEAR

// ---- Sisimai

// Refused by the whole server: for good or for now, as its code says.
static const ps_event_rule not_accepted[] = {
    {{"5*"}, HARD}, {{"4*"}, SOFT}, {{NULL, "5*"}, HARD}, {{NULL, "4*"}, SOFT}, {{NULL}, UNCLEAR},
};

static const ps_event_rule feedback[] = {
    {{"notspam"}, PS_EVENT_NOTHING},    {{"virus"}, UNCLEAR},         {{"authfailure"}, UNCLEAR},
    {{"optout"}, PS_EVENT_UNSUBSCRIBE}, {{NULL}, PS_EVENT_COMPLAINT},
};

static const ps_event_kind sisimai[] = {
    {"userunknown", .says = HARD},
    {"hostunknown", .says = HARD},
    {"hasmoved", .says = HARD},
    {"notaccept", .rules = not_accepted, .words = {"/deliverystatus", "/replycode"}},
    {"mailboxfull", .says = SOFT},
    {"exceedlimit", .says = SOFT},
    {"expired", .says = SOFT},
    {"networkerror", .says = SOFT},
    {"systemerror", .says = SOFT},
    {"systemfull", .says = SOFT},
    {"speeding", .says = SOFT},
    {"toomanyconn", .says = SOFT},
    {"suspend", .says = SOFT},
    {"mailererror", .says = SOFT},
    {"blocked", .says = BLOCK},
    {"badreputation", .says = BLOCK},
    {"rejected", .says = BLOCK},
    {"filtered", .says = BLOCK},
    {"spamdetected", .says = BLOCK},
    {"virusdetected", .says = BLOCK},
    {"policyviolation", .says = BLOCK},
    {"securityerror", .says = BLOCK},
    {"authfailure", .says = BLOCK},
    {"requireptr", .says = BLOCK},
    {"notcompliantrfc", .says = BLOCK},
    {"norelaying", .says = BLOCK},
    {"contenterror", .says = BLOCK},
    {"mesgtoobig", .says = BLOCK},
    {"failedstarttls", .says = BLOCK},
    {"suppressed", .says = PS_EVENT_SUPPRESSED},
    {"feedback", .rules = feedback, .words = {"/feedbacktype"}},
    {"onhold", .says = UNCLEAR},
    {"undefined", .says = UNCLEAR},
    {"syntaxerror", .says = UNCLEAR},
    {"emailtoolarge", .says = UNCLEAR}, // names of newer releases
    {"ratelimited", .says = UNCLEAR},
    {"vacation", .says = PS_EVENT_NOTHING},
    {"delivered", .says = PS_EVENT_NOTHING},
    {.kind = NULL},
};

const ps_event_form ps_event_sisimai = {
    .id = "sisimai",
    .format = "sisimai json",
    .marks = {"/recipient", "/reason", "/deliverystatus", "/timestamp"},
    .kind = "/reason",
    .address = "/recipient",
    .times = {"/timestamp"},
    .event_id = "/token",
    .statuses = {"/deliverystatus"},
    .code = "/replycode",
    .texts = {"/diagnosticcode"},
    .kinds = sisimai,
};

// ---- blastengine

enum { JST_S = 9 * 3600 };

static const ps_event_kind blastengine[] = {
    {"harderror", .says = PS_EVENT_BY_ANSWER_ELSE_HARD},
    {"softerror", .says = SOFT},
    {"retry", .says = SOFT},
    {"drop", .says = PS_EVENT_SUPPRESSED},
    {"sent", .says = PS_EVENT_ALIVE},
    {"edit", .says = PS_EVENT_NOTHING}, // on its way, from here on
    {"importing", .says = PS_EVENT_NOTHING},
    {"reserve", .says = PS_EVENT_NOTHING},
    {"wait", .says = PS_EVENT_NOTHING},
    {"sending", .says = PS_EVENT_NOTHING},
    {.kind = NULL},
};

const ps_event_form ps_event_blastengine = {
    .id = "blastengine",
    .format = "blastengine log",
    .marks = {"/maillog_id", "/email", "/status"},
    .kind = "/status",
    .address = "/email",
    .times = {"/delivery_time"},
    .event_id = "/maillog_id",
    .code = "/last_response_code",
    .texts = {"/last_response_message"},
    .zone_s = JST_S,
    .kinds = blastengine,
};
