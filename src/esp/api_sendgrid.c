// Twilio SendGrid's suppressions (Web API v3), of the account or of one subuser.

#include "esp/api.h"

// `end_time` keeps what comes in meanwhile from moving the pages. A short page may be a clamped one: only an empty one
// is the end.
#define PAGES                                                                                                          \
    .query = "limit={limit}&offset={offset}&end_time={start}", .query_since = "start_time={since}", .items = "",       \
    .paging = {.kind = PS_API_OFFSET, .ends = PS_API_END_EMPTY, .limit = 500}

static const ps_api_list lists[] = {
    // Hard also with a status 4.x.x: that is a mailbox that kept failing, and SendGrid suppresses it.
    {.name = "bounces",
     .class = PS_CLASS_HARD,
     .path = "/v3/suppression/bounces",
     .item = {.address = "/email", .created = "/created", .code = "/status", .reason = "/reason"},
     .remove = "DELETE /v3/suppression/bounces/{address}",
     PAGES},
    // SendGrid goes on mailing these.
    {.name = "blocks",
     .class = PS_CLASS_BLOCK,
     .path = "/v3/suppression/blocks",
     .item = {.address = "/email", .created = "/created", .code = "/status", .reason = "/reason"},
     .remove = "DELETE /v3/suppression/blocks/{address}",
     PAGES},
    {.name = "spam_reports",
     .class = PS_CLASS_COMPLAINT,
     .path = "/v3/suppression/spam_reports",
     .item = {.address = "/email", .created = "/created"},
     .remove = "DELETE /v3/suppression/spam_reports/{address}",
     PAGES},
    {.name = "invalid_emails",
     .class = PS_CLASS_INVALID,
     .path = "/v3/suppression/invalid_emails",
     .item = {.address = "/email", .created = "/created", .reason = "/reason"},
     .remove = "DELETE /v3/suppression/invalid_emails/{address}",
     PAGES},
    // There is no removal below /v3/suppression/unsubscribes.
    {.name = "unsubscribes",
     .class = PS_CLASS_UNSUBSCRIBE,
     .path = "/v3/suppression/unsubscribes",
     .item = {.address = "/email", .created = "/created"},
     .remove = "DELETE /v3/asm/suppressions/global/{address}",
     PAGES},
    // Documented as unpaged, seen with pages; an address stands once for each group.
    {.name = "group_unsubscribes",
     .class = PS_CLASS_UNSUBSCRIBE,
     .path = "/v3/asm/suppressions",
     .query = "limit={limit}&offset={offset}",
     .items = "",
     .item = {.address = "/email", .created = "/created_at", .scope = "/group_id", .reason = "/group_name"},
     .paging = {.kind = PS_API_OFFSET, .ends = PS_API_END_EMPTY, .limit = 500, .may_ignore = true},
     .remove = "DELETE /v3/asm/groups/{scope}/suppressions/{address}"},
    {.name = NULL},
};

static const ps_api_region regions[] = {
    {"global", "https://api.sendgrid.com"}, {"eu", "https://api.eu.sendgrid.com"}, {NULL, NULL}};

const ps_api ps_api_sendgrid = {
    .id = "sendgrid",
    .title = "SendGrid",
    .regions = regions,
    .headers = {"Authorization: Bearer {key}", "Accept: application/json"},
    .header_account = "on-behalf-of: {account}",
    .wrong_region =
        "Accounts are in one region: look whether `region: global` or `region: eu` is right, and whether the "
        "key may read suppressions.",
    .lists = lists,
};
