// Customers Mail Cloud (smtps.jp), API v2: addresses that it sends nothing to, on the customer's own console host.

#include "esp/api.h"

enum { JST_S = 9 * 3600 };

// Numbers, written as texts.
const ps_api_word ps_api_customers_mail_cloud_statuses[] = {
    {"1", NULL, PS_CLASS_HARD}, // unknown host
    {"2", NULL, PS_CLASS_HARD}, // unknown user
    {"3", NULL, PS_CLASS_SOFT}, // gave up trying
    {"4", NULL, PS_CLASS_BLOCK}, // rejected
    {"5", NULL, PS_CLASS_SOFT}, // over capacity
    {"6", NULL, PS_CLASS_UNKNOWN}, // forwarding failed
    {"7", NULL, PS_CLASS_BLOCK}, // the receiving server's error
    {"8", NULL, PS_CLASS_BLOCK}, // too large
    {"9", NULL, PS_CLASS_INVALID}, // no address
    {"10", NULL, PS_CLASS_HARD}, // blocked
    {"11", NULL, PS_CLASS_UNSUBSCRIBE}, // by one click
    {NULL, NULL, PS_CLASS_UNKNOWN},
};

static const ps_api_list lists[] = {
    {.name = "blocks",
     .class = PS_CLASS_UNKNOWN,
     .method = "POST", // so that the key stays out of URLs
     .path = "/transaction/v2/blocks/list.json",
     .body = "api_user={user}&api_key={key}&p={page}&r={limit}",
     .query_account = "server_composition={account}",
     .items = "/blocks",
     .item = {.address = "/email",
              .created = "/created",
              .code = "/status",
              .word = "/status",
              .words = ps_api_customers_mail_cloud_statuses},
     .paging = {.kind = PS_API_NUMBER, .ends = PS_API_END_EMPTY, .limit = 100}},
    {.name = NULL},
};

const ps_api ps_api_customers_mail_cloud = {
    .id = "customers_mail_cloud",
    .title = "Customers Mail Cloud",
    .needs = PS_API_NEEDS_USER | PS_API_NEEDS_BASE_URL,
    .headers = {"Accept: application/json"},
    .zone_s = JST_S,
    .wrong_region = "Look whether `base_url` is the host of your console, and `user` its API user.",
    .lists = lists,
};
