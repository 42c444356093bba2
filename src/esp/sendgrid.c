// SendGrid: the arrays of its suppression API, and the CSV of its dashboard with columns of the same names in any
// order.

#include "esp/form.h"

enum { PAGE_MAX = 500 }; // what one request gives at most

// SendGrid goes on mailing what it blocked, so blocks are only noted; but nothing in the columns tells a block from a
// bounce: without a file name that does, the class is the job's, which removes unless it says otherwise.
static const ps_form_list lists[] = {
    {"group_unsubscribes", PS_CLASS_UNSUBSCRIBE, .address = "email", .needs = {"groupid"},
     .may = {"groupname", "createdat", "created"}, .scope = "groupid"},
    {"spam_reports", PS_CLASS_COMPLAINT, .address = "email", .needs = {"ip"}, .may = {"created"}},
    {"bounces or blocks", PS_CLASS_COUNT, PS_CLASS_BIT(PS_CLASS_HARD) | PS_CLASS_BIT(PS_CLASS_BLOCK),
     .address = "email", .needs = {"status", "reason"}, .may = {"created"}, .words = {"status", "reason"}},
    {"invalid_emails", PS_CLASS_INVALID, .address = "email", .needs = {"reason", "created"}, .words = {"reason"}},
    {"unsubscribes", PS_CLASS_UNSUBSCRIBE,
     PS_CLASS_BIT(PS_CLASS_COMPLAINT) | PS_CLASS_BIT(PS_CLASS_UNSUBSCRIBE) | PS_CLASS_BIT(PS_CLASS_HARD) |
         PS_CLASS_BIT(PS_CLASS_INVALID),
     .address = "email", .needs = {"created"}},
    {.address = NULL},
};

const ps_form ps_form_sendgrid = {
    .id = "sendgrid",
    .csv = lists,
    .json = lists,
    .csv_names = PS_FORM_NAMES("sendgrid csv"),
    .json_names = PS_FORM_NAMES("sendgrid json"),
    .full_page = PAGE_MAX,
    .open_text = "its last array has as many entries as a full page of SendGrid's, so that more may be missing.",
    .open_hint =
        "Ask for further pages (`offset=`) until one is `[]`, and write all of them, that one too, into the file.",
};
