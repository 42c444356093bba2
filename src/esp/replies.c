// Replies of ESPs' list APIs as people save them into files, and the CSV forms of the same ESPs. Reasons that mean what
// their words say are columns; those of the native clients are read by the client's own tables.

#include <stdio.h>

#include "base/text.h"
#include "esp/api.h"
#include "esp/form.h"
#include "esp/pointer.h"

// What an item of a client's list says, as a flat object that `flat` below describes.
static const ps_form_list flat[] = {
    {"suppressions", PS_CLASS_UNKNOWN, .address = "email", .needs = {"class"}, .words = {"class"},
     .words_decide = true},
    {.address = NULL},
};

static bool is_text(const json_t *value, const char *text)
{
    char number[24];

    if (json_is_integer(value)) {
        (void)snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value)); // 24 bytes hold any
        return strcmp(number, text) == 0;
    }
    if (json_is_boolean(value)) return strcmp(json_is_true(value) ? "true" : "false", text) == 0;
    return json_is_string(value) && ps_ascii_equal_fold(ps_span_of(json_string_value(value)), ps_span_of(text));
}

static ps_class class_of(const ps_api_list *list, const json_t *item)
{
    const ps_api_item *at = &list->item;
    const json_t *word = ps_pointer_get(item, at->word), *and = ps_pointer_get(item, at->word_and);

    if (at->words == NULL) return list->class;
    for (const ps_api_word *known = at->words; word != NULL && known->word != NULL; known++) {
        if (is_text(word, known->word) && (known->and == NULL || is_text(and, known->and))) return known->class;
    }
    return PS_CLASS_UNKNOWN;
}

static json_t *zoned(const json_t *stamp, int32_t zone_s)
{
    bool bare = zone_s != 0 && json_is_string(stamp);

    if (bare) return json_sprintf("%s +%02d:00", json_string_value(stamp), (int)(zone_s / 3600));
    return stamp == NULL ? json_null() : json_incref((json_t *)(uintptr_t)stamp); // counted here, changed nowhere
}

// What is no entry at all has no address, which is counted against the file.
static json_t *flat_of(const ps_api *api, const ps_api_list *list, const json_t *item)
{
    const ps_api_item *at = &list->item;
    const json_t *address = ps_pointer_get(item, at->address);
    bool off = at->only != NULL && !is_text(ps_pointer_get(item, at->only), at->only_is);

    if (off || (address == NULL && at->address_optional)) return json_array(); // nobody is suppressed by it
    return json_pack(
        "{s:o, s:s, s:o}", "email", address == NULL ? json_null() : json_incref((json_t *)(uintptr_t)address), "class",
        ps_class_word(class_of(list, item)), "created", zoned(ps_pointer_get(item, at->created), api->zone_s));
}

static void count_stated(const json_t *document, const char *name, ps_form_proof *proof)
{
    const json_t *count = json_object_get(document, name);

    if (!json_is_number(count) || json_number_value(count) < 0) return;
    proof->stated = true;
    proof->stated_count = (uint64_t)json_number_value(count);
}

static json_t *postmark_plain(const json_t *item)
{
    return flat_of(&ps_api_postmark, &ps_api_postmark.lists[0], item);
}

static const ps_form_list postmark_csv[] = {
    {"suppressions", PS_CLASS_UNKNOWN, .address = "emailaddress", .needs = {"suppressionreason", "origin"},
     .may = {"createdat"}, .words = {"suppressionreason", "origin"}, .codes = ps_api_postmark_reasons},
    {.address = NULL},
};

const ps_form ps_form_postmark = {
    .id = "postmark",
    .csv = postmark_csv,
    .json = flat,
    .csv_names = PS_FORM_NAMES("postmark csv"),
    .json_names = PS_FORM_NAMES("postmark json"),
    .items = "Suppressions", // a dump is whole in one reply
    .plain = postmark_plain,
};

// Transactional contacts that are blocked; or all contacts, of whom those on the blocklist count.
static json_t *brevo_plain(const json_t *item)
{
    bool contact = json_object_get(item, "emailBlacklisted") != NULL;

    return flat_of(&ps_api_brevo, &ps_api_brevo.lists[contact ? 1 : 0], item);
}

static void brevo_page(const json_t *document, uint64_t items, ps_form_proof *proof)
{
    (void)items; // `count` is that of the whole list
    count_stated(document, "count", proof);
    proof->open = !proof->stated;
}

#define PAGES_OPEN "it is one page of the list or more, and nothing says that they are all."

const ps_form ps_form_brevo = {
    .id = "brevo",
    .json = flat,
    .json_names = PS_FORM_NAMES("brevo json"),
    .items = "contacts",
    .plain = brevo_plain,
    .page = brevo_page,
    .open_text = PAGES_OPEN,
    .open_hint = "Append all pages (`offset=`) to the file as the API gave them, with their `count`.",
};

// The console's download has the members of the API as columns.
static const ps_form_list cmc_csv[] = {
    {"blocks", PS_CLASS_UNKNOWN, .address = "email", .needs = {"status", "occurred"}, .may = {"created", "id"},
     .words = {"status"}, .codes = ps_api_customers_mail_cloud_statuses},
    {.address = NULL},
};

static json_t *cmc_plain(const json_t *item)
{
    return flat_of(&ps_api_customers_mail_cloud, &ps_api_customers_mail_cloud.lists[0], item);
}

static void page_with_entries(const json_t *document, uint64_t items, ps_form_proof *proof)
{
    (void)document; // says nothing but its entries
    proof->open = items > 0;
}

const ps_form ps_form_customers_mail_cloud = {
    .id = "customers_mail_cloud",
    .csv = cmc_csv,
    .json = flat,
    .csv_names = PS_FORM_NAMES("customers_mail_cloud csv"),
    .json_names = PS_FORM_NAMES("customers_mail_cloud json"),
    .items = "blocks",
    .plain = cmc_plain,
    .page = page_with_entries,
    .open_text = "its last page has entries and may have more behind it.",
    .open_hint = "Ask for further pages (`p=`) until `blocks` is empty, and append all of them, the empty one too.",
};

static void sparkpost_page(const json_t *document, uint64_t items, ps_form_proof *proof)
{
    const json_t *links = json_object_get(document, "links");

    count_stated(document, "total_count", proof);
    proof->open = items > 0 && !json_is_array(links) && !proof->stated;
    for (size_t i = 0; i < json_array_size(links); i++)
        proof->open = proof->open || is_text(json_object_get(json_array_get(links, i), "rel"), "next");
}

static const ps_form_list sparkpost[] = {
    {"suppression_list", PS_CLASS_UNKNOWN, .address = "recipient", .needs = {"source", "type"},
     .may = {"description", "created", "updated", "listid", "subaccountid", "transactional", "nontransactional"},
     .words = {"source"}, .words_decide = true, .scope = "listid"},
    {.address = NULL},
};

const ps_form ps_form_sparkpost = {
    .id = "sparkpost",
    .csv = sparkpost,
    .json = sparkpost,
    .csv_names = PS_FORM_NAMES("sparkpost csv"),
    .json_names = PS_FORM_NAMES("sparkpost json"),
    .items = "results",
    .page = sparkpost_page,
    .open_text = PAGES_OPEN,
    .open_hint = "Follow the link of the `rel` `next` until there is none, and append all pages to the file.",
};

// Its list gives 1000 entries at most, and says nothing when it has more; its export gives all, as CSV.
static const ps_form_list mandrill[] = {
    {"rejects", PS_CLASS_UNKNOWN, .address = "email", .needs = {"reason", "createdat", "expiresat"},
     .may = {"detail", "lasteventat", "expired", "subaccount", "sender"}, .words = {"reason"}, .words_decide = true,
     .expires = "expiresat"},
    {.address = NULL},
};

const ps_form ps_form_mandrill = {
    .id = "mandrill",
    .csv = mandrill,
    .json = mandrill,
    .csv_names = PS_FORM_NAMES("mandrill csv"),
    .json_names = PS_FORM_NAMES("mandrill json"),
    .full_page = 1000,
    .open_text = "it has as many entries as Mandrill's list gives at most, so that more may be missing.",
    .open_hint = "Ask for an export of the rejections (`exports/rejects`), and name its rejects.csv.",
};

static void resend_page(const json_t *document, uint64_t items, ps_form_proof *proof)
{
    (void)items; // the flag alone says it
    proof->open = !json_is_false(json_object_get(document, "has_more"));
}

static bool is_resend(const json_t *document, const json_t *item)
{
    return json_object_get(document, "has_more") != NULL || json_object_get(item, "origin") != NULL;
}

static const ps_form_list resend[] = {
    {"suppressions", PS_CLASS_UNKNOWN, .address = "email", .needs = {"origin"}, .may = {"id", "sourceid", "createdat"},
     .words = {"origin"}, .words_decide = true},
    {.address = NULL},
};

const ps_form ps_form_resend = {
    .id = "resend",
    .csv = resend,
    .json = resend,
    .csv_names = PS_FORM_NAMES("resend csv"),
    .json_names = PS_FORM_NAMES("resend json"),
    .items = "data",
    .is_mine = is_resend,
    .page = resend_page,
    .open_text = "it is one page of the list, and more follow: `has_more` is not false in its last one.",
    .open_hint = "Ask for further pages (`after=`) until `has_more` is false, and append all of them to the file.",
};

// An error report: what the servers answered. The pages of its log hold events.
static bool is_blastengine(const json_t *document, const json_t *item)
{
    (void)document; // says nothing but its entries
    return json_object_get(item, "maillog_id") != NULL;
}

static const ps_form_list blastengine[] = {
    {"errors", PS_CLASS_UNKNOWN, .address = "email", .needs = {"responsecode", "errormessage"}, .may = {"id", "date"},
     .words = {"responsecode", "errormessage"}, .answers = true},
    {.address = NULL},
};

const ps_form ps_form_blastengine = {
    .id = "blastengine",
    .csv = blastengine,
    .csv_names = PS_FORM_NAMES("blastengine csv"),
    .json_names = PS_FORM_NAMES("blastengine json"),
    .items = "data",
    .is_mine = is_blastengine,
    .page = page_with_entries,
    .open_text = "its last page has entries and may have more behind it.",
    .open_hint = "Ask for further pages (`anchor=`) until `data` is empty, and append all of them, the empty one too.",
};

// Events only: what it makes of bounce mails.
const ps_form ps_form_sisimai = {
    .id = "sisimai",
    .json_names = PS_FORM_NAMES("sisimai json"),
};
