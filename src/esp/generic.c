// Files of unknown origin, by the usual names of their columns.

#include "esp/form.h"
#include "esp/words.h"

static const char *const address_names[] = {
    "email",   "emailaddress", "address",        "mail",   "recipient", "recipientemail", "toaddress",
    "emailto", "value",        "メールアドレス", "メール", "宛先",      "アドレス",
};

static const char *const domain_names[] = {"domain", "domainname", "ドメイン"};

static const char *const word_names[] = {
    "reason", "type",       "status", "category", "event", "bouncetype", "suppressionreason",
    "source", "エラー種別", "エラー", "種別",     "状態",
};

// In the order of preference: when the entry came to be before when it was last touched.
static const char *const stamp_names[] = {
    "created", "createdat", "createdtime", "date",     "timestamp", "lastupdatetime", "blockedat",
    "updated", "日時",      "登録日時",    "発生日時", "ts",        "time",           "dateupdated",
};

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ps_word_same(name, names[i])) return true;
    }
    return false;
}

bool ps_generic_is_address_name(const char *folded, ps_entry_kind kind)
{
    if (is_among(folded, address_names, PS_COUNT_OF(address_names))) return true;
    return kind != PS_ENTRY_ADDRESS && is_among(folded, domain_names, PS_COUNT_OF(domain_names));
}

size_t ps_generic_stamp(const ps_form_columns *columns)
{
    for (size_t i = 0; i < PS_COUNT_OF(stamp_names); i++) {
        size_t slot = ps_form_column(columns, stamp_names[i]);
        if (slot != SIZE_MAX) return slot;
    }
    return SIZE_MAX;
}

void ps_generic_slots(const ps_form_columns *columns, const ps_source_config *config, ps_form_slots *out,
                      size_t *out_found)
{
    *out = (ps_form_slots){
        .list = "",
        .class = config->default_class,
        .address = SIZE_MAX,
        .stamp = ps_generic_stamp(columns),
        .scope = SIZE_MAX,
        .words_decide = true,
        .expires = {SIZE_MAX, SIZE_MAX},
    };
    *out_found = 0;
    for (size_t i = 0; i < columns->count; i++) {
        if (ps_generic_is_address_name(columns->names[i], config->kind)) {
            if ((*out_found)++ == 0) out->address = i;
        } else if (is_among(columns->names[i], word_names, PS_COUNT_OF(word_names)) &&
                   out->words_count < PS_FORM_WORDS_MAX) {
            out->words[out->words_count++] = i;
        }
    }
}
