// Amazon SES (API v2): the account's suppression list, one for each region, or of a tenant.

#include "esp/api.h"

static const ps_api_word reasons[] = {
    {"BOUNCE", NULL, PS_CLASS_HARD}, {"COMPLAINT", NULL, PS_CLASS_COMPLAINT}, {NULL, NULL, PS_CLASS_UNKNOWN}};

static const ps_api_list lists[] = {
    {.name = "suppression_list",
     .class = PS_CLASS_UNKNOWN,
     .path = "/v2/email/suppression/addresses",
     .query = "PageSize={limit}",
     .query_next = "NextToken={cursor}",
     .query_since = "StartDate={since_iso}",
     .query_account = "TenantName={account}",
     .items = "/SuppressedDestinationSummaries",
     .item = {.address = "/EmailAddress", .created = "/LastUpdateTime", .word = "/Reason", .words = reasons},
     // Pages without entries occur in the middle: only the token tells.
     .paging = {.kind = PS_API_CURSOR, .ends = PS_API_END_NO_NEXT, .next = "/NextToken", .limit = 1000},
     .remove = "DELETE /v2/email/suppression/addresses/{address}"},
    {.name = NULL},
};

// Names as in the header x-amzn-ErrorType or the reply's __type or code.
static const ps_api_error errors[] = {
    {"TooManyRequestsException", PS_API_MISTAKE_RETRY},
    {"ThrottlingException", PS_API_MISTAKE_RETRY},
    {"Throttling", PS_API_MISTAKE_RETRY},
    {"AccessDeniedException", PS_API_MISTAKE_CREDENTIALS},
    {"UnrecognizedClientException", PS_API_MISTAKE_CREDENTIALS},
    {"InvalidClientTokenId", PS_API_MISTAKE_CREDENTIALS},
    {"InvalidSignatureException", PS_API_MISTAKE_CREDENTIALS},
    {"SignatureDoesNotMatch", PS_API_MISTAKE_CREDENTIALS},
    {"MissingAuthenticationTokenException", PS_API_MISTAKE_CREDENTIALS},
    {"ExpiredTokenException", PS_API_MISTAKE_CREDENTIALS},
    {"RequestExpired", PS_API_MISTAKE_CREDENTIALS},
    {"RequestTimeTooSkewed", PS_API_MISTAKE_CREDENTIALS},
    {NULL, PS_API_MISTAKE_SOURCE},
};

static const char *const recorded[] = {"BOUNCE", "COMPLAINT", NULL};

#define SWITCH_ON "Switch both on at the ESP, or write `recorded_elsewhere: true` when another source has them."

// What the account does not record is not on its list.
static const ps_api_proof proof = {
    .path = "/v2/email/account",
    .words = "/SuppressionAttributes/SuppressedReasons",
    .wanted = recorded,
    .missing = "the account's list does not record both bounces and complaints (SuppressedReasons), so that it proves "
               "nothing",
    .missing_hint = SWITCH_ON,
};

// A tenant has no list of its own unless that was asked for: until then the account's is used for it, and what stands
// under its name is empty.
static const ps_api_proof proof_tenant = {
    .method = "POST",
    .path = "/v2/email/tenants/get",
    .body = "{\"TenantName\":{account_json}}",
    .words = "/Tenant/SuppressionAttributes/SuppressedReasons",
    .wanted = recorded,
    .missing = "the tenant's list does not record both bounces and complaints (SuppressedReasons), so that it proves "
               "nothing",
    .missing_hint = SWITCH_ON,
    .own = "/Tenant/SuppressionAttributes/SuppressionScope",
    .own_is = "TENANT",
    .none = "the tenant has no list of its own (SuppressionScope), so that the list under its name proves nothing",
    .none_hint = "Take `account` out at this source: the account's list is the tenant's.",
};

static const ps_api_region partitions[] = {{"cn-", "https://email.{region}.amazonaws.com.cn"}, {NULL, NULL}};

const ps_api ps_api_ses = {
    .id = "ses",
    .title = "Amazon SES",
    .needs = PS_API_NEEDS_REGION,
    .partitions = partitions,
    .origin = "https://email.{region}.amazonaws.com",
    .auth = PS_API_AUTH_SIGV4,
    .pace_ms = 1000, // no number is published for listing; other calls take one a second
    .error_header = "x-amzn-ErrorType",
    .error_name = "/__type",
    .error_name_too = "/code",
    .errors = errors,
    .note = "Gmail tells Amazon SES of no complaints, so that whoever complained there is not on this list, and the "
            "global list of SES itself cannot be read.",
    .wrong_region = "Every region has a list of its own: look at `region`, and at the permissions "
                    "ses:ListSuppressedDestinations, ses:GetAccount (of a tenant: ses:GetTenant), and for removals "
                    "ses:DeleteSuppressedDestination.",
    .proof = &proof,
    .proof_account = &proof_tenant,
    .lists = lists,
};
