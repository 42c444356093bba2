// Postmark: a list for each message stream of a server, whole in one reply.

#include "esp/api.h"

const ps_api_word ps_api_postmark_reasons[] = {
    {"HardBounce", NULL, PS_CLASS_HARD},
    {"SpamComplaint", NULL, PS_CLASS_COMPLAINT},
    {"ManualSuppression", "Recipient", PS_CLASS_UNSUBSCRIBE},
    {"ManualSuppression", NULL, PS_CLASS_MANUAL},
    {NULL, NULL, PS_CLASS_UNKNOWN},
};

static const ps_api_list lists[] = {
    {.name = "suppressions",
     .class = PS_CLASS_UNKNOWN,
     .path = "/message-streams/{part}/suppressions/dump",
     .items = "/Suppressions",
     .item = {.address = "/EmailAddress",
              .created = "/CreatedAt",
              .code = "/SuppressionReason",
              .word = "/SuppressionReason",
              .word_and = "/Origin",
              .words = ps_api_postmark_reasons},
     .paging = {.kind = PS_API_ONE},
     .remove = "POST /message-streams/{scope}/suppressions/delete",
     .remove_body = "{\"Suppressions\":[{\"EmailAddress\":{address_json}}]}",
     .removed = "/Suppressions/0/Status", // HTTP is 200 also for `Failed`
     .removed_is = "Deleted"},
    {.name = NULL},
};

// All streams that send; inbound ones suppress nobody.
static const ps_api_parts streams = {
    .path = "/message-streams?MessageStreamType=All",
    .items = "/MessageStreams",
    .name = "/ID",
    .skip = "/MessageStreamType",
    .skip_is = "Inbound",
};

const ps_api ps_api_postmark = {
    .id = "postmark",
    .title = "Postmark",
    .origin = "https://api.postmarkapp.com",
    .headers = {"X-Postmark-Server-Token: {key}", "Accept: application/json"},
    .wrong_region = "The key must be the server's API token, not the account's.",
    .parts = &streams,
    .lists = lists,
};
