// Replies of the list APIs of marketing services as people save them into files: Customer.io, Klaviyo, Mailjet and
// Elastic Email.

#include "esp/form.h"
#include "esp/pointer.h"

// What an item says of one person, as a flat object.
static const ps_form_list flat[] = {
    {"suppressions", PS_CLASS_UNKNOWN, .address = "email", .needs = {"class"}, .words = {"class"},
     .words_decide = true},
    {.address = NULL},
};

#define REMOVING (PS_CLASS_BIT(PS_CLASS_COMPLAINT) | PS_CLASS_BIT(PS_CLASS_UNSUBSCRIBE) | PS_CLASS_BIT(PS_CLASS_HARD))

static bool is_filled(const json_t *value)
{
    return json_string_length(value) > 0;
}

// ---- Customer.io

// Pages name the next one until there is none. A page without the name, where none before had it, is of the older API,
// whose end is a page without entries.
static void customerio_page(const json_t *document, uint64_t items, ps_form_proof *proof)
{
    const json_t *next = json_object_get(document, "next");

    proof->open = is_filled(next) || (next == NULL && !proof->linked && items > 0);
    proof->linked = proof->linked || next != NULL;
}

// The page says of what kind its entries are.
static const ps_form_list customerio[] = {
    {"suppressions", PS_CLASS_COUNT, REMOVING | PS_CLASS_BIT(PS_CLASS_INVALID) | PS_CLASS_BIT(PS_CLASS_BLOCK),
     .address = "email", .may = {"created", "reason", "status"}},
    {.address = NULL},
};

const ps_form ps_form_customerio = {
    .id = "customerio",
    .json = customerio,
    .json_names = PS_FORM_NAMES("customerio json"),
    .word = "category",
    .items = "suppressions",
    .page = customerio_page,
    .open_text = "it is one page of the list or more, and nothing says that they are all.",
    .open_hint = "Ask for further pages (`start=`) until `next` is empty (with `offset=`: until there are no entries), "
                 "and append all of them to the file.",
};

// ---- Klaviyo

static const char *class_of_reason(const json_t *reason)
{
    static const struct {
        const char *reason;
        ps_class class;
    } reasons[] = {
        {"HARD_BOUNCE", PS_CLASS_HARD},         {"INVALID_EMAIL", PS_CLASS_INVALID},
        {"SPAM_COMPLAINT", PS_CLASS_COMPLAINT}, {"UNSUBSCRIBE", PS_CLASS_UNSUBSCRIBE},
        {"USER_SUPPRESSED", PS_CLASS_MANUAL},
    };

    for (size_t i = 0; json_is_string(reason) && i < PS_COUNT_OF(reasons); i++) {
        if (strcmp(json_string_value(reason), reasons[i].reason) == 0) return ps_class_word(reasons[i].class);
    }
    return ps_class_word(PS_CLASS_UNKNOWN);
}

static json_t *counted(const json_t *value)
{
    return value == NULL ? json_null() : json_incref((json_t *)(uintptr_t)value); // counted here, changed nowhere
}

// False without memory.
static bool add_flat(json_t *to, const json_t *address, const char *class, const json_t *created)
{
    return json_array_append_new(to, json_pack("{s:o, s:s, s:o}", "email", counted(address), "class", class, "created",
                                               counted(created))) == 0;
}

static bool is_list(const json_t *value)
{
    return value == NULL || json_is_null(value) || json_is_array(value);
}

// Of a profile that says so little, nobody knows whether it is suppressed: fields that were not asked for are missing.
static bool is_told(const json_t *marketing)
{
    const json_t *reasons = json_object_get(marketing, "suppression");

    return (reasons != NULL || json_object_get(marketing, "consent") != NULL) && is_list(reasons) &&
           is_list(json_object_get(marketing, "list_suppressions"));
}

// An entry for each reason; whoever left a list only, or only says so by the consent, counts as somebody who left.
static bool add_reasons(json_t *to, const json_t *address, const json_t *marketing)
{
    const json_t *reasons = json_object_get(marketing, "suppression");
    const json_t *lists = json_object_get(marketing, "list_suppressions");
    const char *consent = json_string_value(json_object_get(marketing, "consent"));
    bool left = consent != NULL && strcmp(consent, "UNSUBSCRIBED") == 0 && json_array_size(reasons) == 0;
    bool added = true;

    for (size_t i = 0; added && i < json_array_size(reasons); i++) {
        const json_t *one = json_array_get(reasons, i);
        added =
            add_flat(to, address, class_of_reason(json_object_get(one, "reason")), json_object_get(one, "timestamp"));
    }
    if (!added || (!left && json_array_size(lists) == 0)) return added;
    return add_flat(to, address, ps_class_word(PS_CLASS_UNSUBSCRIBE),
                    json_object_get(json_array_get(lists, 0), "timestamp"));
}

// Nobody knows what it says in full: so its last entry counts, and counts as unreadable too, so that a file of such
// profiles is refused.
static bool mark_damaged(json_t *entries, const json_t *address)
{
    if (json_array_size(entries) == 0 && !add_flat(entries, address, ps_class_word(PS_CLASS_UNKNOWN), NULL))
        return false;
    json_t *last = json_array_get(entries, json_array_size(entries) - 1);
    return json_object_set_new(last, PS_FORM_DAMAGED, json_true()) == 0;
}

// Without an address, as where there is only a telephone, a profile is nobody.
static json_t *klaviyo_plain(const json_t *item)
{
    const json_t *address = json_object_get(json_object_get(item, "attributes"), "email");
    const json_t *marketing = ps_pointer_get(item, "/attributes/subscriptions/email/marketing");
    json_t *out = json_array();
    bool added = out != NULL;

    if (added && address == NULL) {
        added = mark_damaged(out, NULL);
    } else if (added && !json_is_null(address)) {
        added = add_reasons(out, address, marketing) && (is_told(marketing) || mark_damaged(out, address));
    }
    if (added) return out;
    json_decref(out);
    return NULL;
}

static bool is_klaviyo(const json_t *document, const json_t *item)
{
    return json_is_object(json_object_get(item, "attributes")) || json_is_object(json_object_get(document, "links"));
}

static void klaviyo_page(const json_t *document, uint64_t items, ps_form_proof *proof)
{
    const json_t *links = json_object_get(document, "links");

    proof->open = is_filled(json_object_get(links, "next")) || (items > 0 && !json_is_object(links));
}

const ps_form ps_form_klaviyo = {
    .id = "klaviyo",
    .json = flat,
    .json_names = PS_FORM_NAMES("klaviyo json"),
    .items = "data",
    .is_mine = is_klaviyo,
    .plain = klaviyo_plain,
    .page = klaviyo_page,
    .open_text = "it is one page of the profiles, and more follow: `links.next` says so, or is not there.",
    .open_hint = "Follow `links.next` until it is null, and append all pages to the file.",
};

// ---- Mailjet

// Contacts that are excluded from campaigns.
static json_t *mailjet_plain(const json_t *item)
{
    const json_t *excluded = json_object_get(item, "IsExcludedFromCampaigns");
    bool complained = json_is_true(json_object_get(item, "IsSpamComplaining"));
    json_t *out = json_array();

    if (out == NULL || (json_is_false(excluded) && !complained)) return out;
    ps_class class = complained ? PS_CLASS_COMPLAINT : PS_CLASS_UNSUBSCRIBE;
    if (add_flat(out, json_object_get(item, "Email"), ps_class_word(class),
                 json_object_get(item, "ExclusionFromCampaignsUpdatedAt")))
        return out;
    json_decref(out);
    return NULL;
}

// `Total` counts the page, and how long a full one is nobody says.
static void mailjet_page(const json_t *document, uint64_t items, ps_form_proof *proof)
{
    (void)document;
    proof->open = items > 0;
}

const ps_form ps_form_mailjet = {
    .id = "mailjet",
    .json = flat,
    .json_names = PS_FORM_NAMES("mailjet json"),
    .items = "Data",
    .plain = mailjet_plain,
    .page = mailjet_page,
    .open_text = "its last page has contacts and may have more behind it.",
    .open_hint = "Ask for further pages (`Offset=`) until `Data` is empty, and append all of them, the empty one too.",
};

// ---- Elastic Email

// Nothing in its arrays tells a bounce from a complaint.
static const ps_form_list elasticemail[] = {
    {"suppressions", PS_CLASS_COUNT, REMOVING, .address = "email", .needs = {"errorcode", "dateupdated"},
     .may = {"friendlyerrormessage"}},
    {.address = NULL},
};

const ps_form ps_form_elasticemail = {
    .id = "elasticemail",
    .csv = elasticemail,
    .json = elasticemail,
    .csv_names = PS_FORM_NAMES("elasticemail csv"),
    .json_names = PS_FORM_NAMES("elasticemail json"),
    .full_page = 1, // any array may be a page
    .open_text = "its last array has entries and may have more behind it.",
    .open_hint =
        "Ask for further pages (`offset=`) until one is `[]`, and write all of them, that one too, into the file.",
};
