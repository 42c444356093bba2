// Mailgun: the CSV that its import takes and its dashboard writes, and the pages of its suppression API (v3, and v2
// with a count).

#include "esp/form.h"

#define REMOVING (PS_CLASS_BIT(PS_CLASS_COMPLAINT) | PS_CLASS_BIT(PS_CLASS_UNSUBSCRIBE) | PS_CLASS_BIT(PS_CLASS_HARD))

#define ALLOWLIST "it is Mailgun's allowlist, which suppresses nobody."

// Mailgun suppresses what is on its bounce list whatever the code says, also for a code 4xx: so it is hard.
static const ps_form_list csv[] = {
    {.address = "address", .needs = {"domain"}, .refused = ALLOWLIST},
    {"bounces", PS_CLASS_HARD, .address = "address", .needs = {"code"}, .may = {"error", "createdat", "messagehash"}},
    {"bounces", PS_CLASS_HARD, .address = "address", .needs = {"error"}, .may = {"createdat", "messagehash"}},
    {"unsubscribes", PS_CLASS_UNSUBSCRIBE, .address = "address", .needs = {"tags"}, .may = {"createdat", "id"},
     .scope = "tags"},
    {"unsubscribes", PS_CLASS_UNSUBSCRIBE, .address = "address", .needs = {"tag"}, .may = {"createdat", "id"},
     .scope = "tag"},
    {"complaints", PS_CLASS_COMPLAINT, .address = "address", .needs = {"createdat", "count"}},
    // Complaints have no column of their own.
    {"", PS_CLASS_COUNT, REMOVING, .address = "address", .needs = {"createdat"}},
    {.address = NULL},
};

// The members of the API are documented list by list, so that an item of nothing but address and time is a complaint.
static const ps_form_list json[] = {
    {.address = "value", .needs = {"type", "createdat"}, .may = {"reason"}, .refused = ALLOWLIST},
    {"bounces", PS_CLASS_HARD, .address = "address", .needs = {"code"}, .may = {"error", "createdat", "messagehash"}},
    {"bounces", PS_CLASS_HARD, .address = "address", .needs = {"error"}, .may = {"createdat", "messagehash"}},
    {"unsubscribes", PS_CLASS_UNSUBSCRIBE, .address = "address", .needs = {"tags"}, .may = {"createdat", "id"},
     .scope = "tags"},
    {"unsubscribes", PS_CLASS_UNSUBSCRIBE, .address = "address", .needs = {"tag"}, .may = {"createdat", "id"},
     .scope = "tag"},
    {"complaints", PS_CLASS_COMPLAINT, .address = "address", .needs = {"createdat"}, .may = {"count"}},
    {.address = NULL},
};

static bool is_page(const json_t *document)
{
    return json_is_object(json_object_get(document, "paging"));
}

// How many entries a whole page has, by the `limit=` of its own links; 100 is the API's default.
static uint64_t page_limit(const json_t *paging)
{
    static const char *const links[] = {"first", "last", "next", "previous"};

    for (size_t i = 0; i < PS_COUNT_OF(links); i++) {
        const char *link = json_string_value(json_object_get(paging, links[i]));
        const char *limit = link == NULL ? NULL : strstr(link, "limit=");
        uint64_t value = 0;
        if (limit == NULL) continue;
        for (limit += strlen("limit="); *limit >= '0' && *limit <= '9' && value < 1000; limit++)
            value = value * 10 + (*limit - '0');
        if (value > 0) return value;
    }
    return 100;
}

// Every page with entries names a next one, also the last: only a page without entries is the end. (That `next` equals
// `last` is none.)
static void page(const json_t *document, uint64_t items, ps_form_proof *proof)
{
    const json_t *count = json_object_get(document, "total_count");
    const json_t *paging = json_object_get(document, "paging");
    const char *next = json_string_value(json_object_get(paging, "next"));

    if (json_is_number(count) && json_number_value(count) >= 0) {
        proof->stated = true;
        proof->stated_count = (uint64_t)json_number_value(count);
        proof->open = false;
    } else if (next != NULL && next[0] != '\0') {
        proof->open = items > 0;
    } else {
        proof->open = items > 0 && (paging == NULL || items >= page_limit(paging));
    }
}

const ps_form ps_form_mailgun = {
    .id = "mailgun",
    .csv = csv,
    .json = json,
    .csv_names = PS_FORM_NAMES("mailgun csv"),
    .json_names = PS_FORM_NAMES("mailgun json"),
    .items = "items",
    .full_page = 100,
    .is_page = is_page,
    .page = page,
    .open_text =
        "its last page has entries and may have more behind it: Mailgun's lists end with a page without entries.",
    .open_hint = "Follow `paging.next` until `items` is empty, and write all pages, the empty one too, into the file.",
};
