// Amazon SES: what `aws sesv2 list-suppressed-destinations` prints (CLI versions 1 and 2), and the files of its bulk
// import.

#include "esp/form.h"

static const ps_form_list lists[] = {
    {"suppression_list", PS_CLASS_UNKNOWN, .address = "emailaddress", .needs = {"reason", "lastupdatetime"},
     .words = {"reason"}, .words_decide = true},
    {.address = NULL},
};

static const ps_form_list json[] = {
    {"suppression_list", PS_CLASS_UNKNOWN, .address = "emailaddress", .needs = {"reason"}, .may = {"lastupdatetime"},
     .words = {"reason"}, .words_decide = true},
    {.address = NULL},
};

// The CLI prints one page and leaves the token of the next one in it; in a row of pages only the last token counts.
static void page(const json_t *document, uint64_t items, ps_form_proof *proof)
{
    const json_t *token = json_object_get(document, "NextToken");
    bool none = token == NULL || json_is_null(token) || (json_is_string(token) && json_string_length(token) == 0);

    (void)items; // a page without entries may be followed by more
    proof->open = !none;
}

const ps_form ps_form_ses = {
    .id = "ses",
    .csv = lists,
    .json = json,
    .csv_names = PS_FORM_NAMES("ses csv"),
    .json_names = PS_FORM_NAMES("ses json"),
    .items = "SuppressedDestinationSummaries",
    .full_page = 100,
    .page = page,
    .open_text =
        "it is one page of the list, and more follow: SES left a `NextToken` in it, or it is as long as a full page.",
    .open_hint = "Run `aws sesv2 list-suppressed-destinations --next-token TOKEN` again with each token, and append "
                 "every output "
                 "to the file until there is no `NextToken` in the last one.",
};
