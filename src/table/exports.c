#include "table/exports.h"

#include "table/header.h"

enum { SIGNS_MAX = 4 };

// Folded headers (ps_header_fold) that stand together in this product's exports; the first that fits wins.
static const struct {
    const char *product;
    const char *signs[SIGNS_MAX];
} exports[] = {
    {"HubSpot contacts", {"recordid", "email", "unsubscribedfromallemail"}},
    {"HubSpot contacts", {"recordid", "email", "lifecyclestage"}},
    {"HubSpot unsubscribes and bounces", {"portalbounce", "portalunsubscribe"}},
    {"Mailchimp audience", {"emailaddress", "memberrating", "leid", "euid"}},
    {"Klaviyo profiles", {"email", "firstactive", "profilecreatedon"}},
    {"SendGrid Marketing Campaigns contacts", {"email", "lastemailed", "contactid"}},
    {"Brevo contacts", {"email", "emailblacklisted", "addedtime"}},
    {"Braze segment", {"userid", "unsubscribedfromemailsat", "firstsession"}},
    {"Salesforce contacts", {"id", "email", "hasoptedoutofemail"}},
    {"Salesforce Marketing Cloud subscribers", {"subscriberkey", "emailaddress", "dateunsubscribed"}},
    {"Salesforce Marketing Cloud subscribers", {"subscriberkey", "emailaddress", "status"}},
    {"Shopify customers", {"email", "acceptsemailmarketing", "totalorders"}},
    {"Shopify customers", {"email", "acceptsmarketing", "totalorders"}},
    {"ActiveCampaign contacts", {"email", "datecreated", "ip", "status"}},
    {"Kit subscribers", {"firstname", "email", "createdat", "status"}},
    {"systeme.io contacts", {"email", "surname", "dateregistered"}},
    {"EC-CUBE members", {"会員id", "メールアドレス", "会員ステータスid"}},
    {"EC-CUBE members", {"会員id", "メールアドレス", "初回購入日"}},
    {"kintone records", {"レコード番号", "作成日時", "更新者"}},
    {"raku-uru customers", {"システム顧客番号", "会員id", "メールアドレス"}},
    {"blastmail readers", {"氏名", "email", "状態"}},
};

static bool has_header(const ps_span *folded, size_t count, const char *sign)
{
    for (size_t i = 0; i < count; i++) {
        if (ps_span_equal(folded[i], ps_span_of(sign))) return true;
    }
    return false;
}

const char *ps_export_name(const ps_layout *layout, ps_arena *arena)
{
    size_t count = layout->headerless ? 0 : layout->column_count;
    ps_span *folded = ps_arena_take(arena, (count + 1) * sizeof *folded);

    for (size_t i = 0; i < count; i++)
        folded[i] = ps_header_fold(layout->names[i], arena);
    for (size_t i = 0; i < PS_COUNT_OF(exports); i++) {
        size_t signs = 0;
        while (signs < SIGNS_MAX && exports[i].signs[signs] != NULL &&
               has_header(folded, count, exports[i].signs[signs]))
            signs++;
        if (signs == SIGNS_MAX || exports[i].signs[signs] == NULL) return exports[i].product;
    }
    return NULL;
}
