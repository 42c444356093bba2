#include "table/permission.h"

#include <string.h>

#include "base/text.h"

// Parts of names, after folding.
static const char *const about_mail[] = {
    "newsletter",     "mailmagazine",   "subscri",    "optin",        "optedin", "optout",    "optedout",
    "mailpermission", "mailconsent",    "allowemail", "receiveemail", "nomail",  "donotmail", "メルマガ",
    "メールマガジン", "ニュースレター", "案内メール", "メール案内",   "配信",    "購読",      "受信",
    "オプトイン",     "オプトアウト",   "メール可",   "メール不可",
};

// Of another channel, or counts of mails.
static const char *const about_others[] = {
    "sms", "fax", "phone", "push", "電話", "郵送", "プッシュ", "アプリ", "回数", "件数", "配信数", "受信数",
};

static bool has_part(ps_span text, const char *const *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (memmem(text.bytes, text.len, parts[i], strlen(parts[i])) != NULL) return true;
    }
    return false;
}

bool ps_permission_is_named(ps_span folded)
{
    if (folded.len == 0) return false;
    return has_part(folded, about_mail, PS_COUNT_OF(about_mail)) &&
           !has_part(folded, about_others, PS_COUNT_OF(about_others));
}
