// Brevo: transactional contacts that are blocked, and marketing contacts on its blocklist.

#include "esp/api.h"

// The codes are stable, the messages are not.
static const ps_api_word reasons[] = {
    {"hardBounce", NULL, PS_CLASS_HARD},
    {"contactFlaggedAsSpam", NULL, PS_CLASS_COMPLAINT},
    {"unsubscribedViaMA", NULL, PS_CLASS_UNSUBSCRIBE},
    {"unsubscribedViaEmail", NULL, PS_CLASS_UNSUBSCRIBE},
    {"unsubscribedViaApi", NULL, PS_CLASS_UNSUBSCRIBE},
    {"adminBlocked", NULL, PS_CLASS_MANUAL},
    {NULL, NULL, PS_CLASS_UNKNOWN},
};

static const ps_api_list lists[] = {
    {.name = "blocked_contacts",
     .class = PS_CLASS_UNKNOWN,
     .path = "/v3/smtp/blockedContacts",
     .query = "limit={limit}&offset={offset}&sort=desc",
     .items = "/contacts",
     .frame = "/count", // past the end `contacts` may be missing
     .item = {.address = "/email",
              .created = "/blockedAt",
              .code = "/reason/code",
              .reason = "/reason/message",
              .scope = "/senderEmail",
              .word = "/reason/code",
              .words = reasons},
     .paging = {.kind = PS_API_OFFSET, .ends = PS_API_END_EMPTY, .limit = 100, .total = "/count"},
     .remove = "DELETE /v3/smtp/blockedContacts/{address}"},
    {.name = "contacts",
     .class = PS_CLASS_UNSUBSCRIBE,
     .path = "/v3/contacts",
     .query = "limit={limit}&offset={offset}&sort=desc",
     .items = "/contacts",
     .frame = "/count",
     .item = {.address = "/email",
              .address_optional = true, // contacts may have nothing but a telephone number
              .created = "/modifiedAt",
              .only = "/emailBlacklisted",
              .only_is = "true"},
     .paging = {.kind = PS_API_OFFSET, .ends = PS_API_END_EMPTY, .limit = 1000, .total = "/count"}},
    {.name = NULL},
};

const ps_api ps_api_brevo = {
    .id = "brevo",
    .title = "Brevo",
    .origin = "https://api.brevo.com",
    .headers = {"api-key: {key}", "Accept: application/json"},
    .wrong_region = "The key must be an API key (v3), not an SMTP key.",
    .lists = lists,
};
