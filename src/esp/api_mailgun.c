// Mailgun's suppressions (v3): a list for each sending domain, in the order of the addresses.

#include "esp/api.h"

// Every page with entries names a next one, also the last: only a page without entries is the end. It comes with
// `items` as [], as null, or without it.
#define PAGING                                                                                                         \
    {                                                                                                                  \
        .kind = PS_API_LINK, .ends = PS_API_END_EMPTY | PS_API_END_SHORT, .next = "/paging/next", .limit = 1000        \
    }

#define LIST(path_name)                                                                                                \
    .path = "/v3/{domain}/" path_name, .query = "limit={limit}", .items = "/items", .frame = "/paging",                \
    .paging = PAGING, .remove = "DELETE /v3/{domain}/" path_name "/{address}"

static const ps_api_list lists[] = {
    // What is on the bounce list is suppressed whatever its code says, also for a code 4xx: so it is hard.
    {.name = "bounces",
     .class = PS_CLASS_HARD,
     .item = {.address = "/address",
              .created = "/created_at",
              .created_too = "/createdat",
              .code = "/code",
              .reason = "/error"},
     LIST("bounces")},
    {.name = "complaints",
     .class = PS_CLASS_COMPLAINT,
     .item = {.address = "/address", .created = "/created_at"},
     LIST("complaints")},
    {.name = "unsubscribes",
     .class = PS_CLASS_UNSUBSCRIBE,
     .item = {.address = "/address", .created = "/created_at", .scope = "/tags", .scope_too = "/tag", .scope_all = "*"},
     LIST("unsubscribes")},
    // It keeps addresses out of the bounce list only; the path has kept its old name.
    {.name = "allowlist",
     .class = PS_CLASS_UNKNOWN,
     .allowlist = true,
     .item =
         {.address = "/value", .created = "/createdAt", .reason = "/reason", .kind = "/type", .kind_domain = "domain"},
     LIST("whitelists")},
    {.name = NULL},
};

static const ps_api_region regions[] = {
    {"us", "https://api.mailgun.net"}, {"eu", "https://api.eu.mailgun.net"}, {NULL, NULL}};

const ps_api ps_api_mailgun = {
    .id = "mailgun",
    .title = "Mailgun",
    .needs = PS_API_NEEDS_DOMAIN,
    .regions = regions,
    .auth = PS_API_AUTH_BASIC,
    .auth_user = "api",
    .headers = {"Accept: application/json"},
    .at_once = 2, // limits are of the account, which may have many domains, and are not published for lists
    .wrong_region =
        "The lists of a domain are in its own region: look whether `region: us` or `region: eu` is right. A "
        "domain sending key cannot read lists.",
    .lists = lists,
};
