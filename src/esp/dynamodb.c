// Amazon DynamoDB: a table of bounces and complaints that a function fills from SES notifications, as a full export
// (one item a line) or as the output of `aws dynamodb scan`. Values carry their type: {"S": "text"}.

#include "esp/form.h"

// The tag and value of a typed value, or NULL.
static const json_t *typed_value(const json_t *value, const char **out_tag)
{
    void *member = json_object_iter((json_t *)(uintptr_t)value); // only read

    if (!json_is_object(value) || json_object_size(value) != 1 || member == NULL) return NULL;
    *out_tag = json_object_iter_key(member);
    return json_object_iter_value(member);
}

// S, N and SS are what addresses, times and words come in; the rest says nothing here.
static json_t *plain_value(const json_t *value)
{
    static const char *const tags[] = {"S", "N", "SS"};
    const char *tag = NULL;
    const json_t *inner = typed_value(value, &tag);

    for (size_t i = 0; inner != NULL && i < PS_COUNT_OF(tags); i++) {
        if (strcmp(tag, tags[i]) == 0) return json_incref((json_t *)(uintptr_t)inner); // counted here, changed nowhere
    }
    return NULL;
}

// A full export wraps each item in `Item`; a scan does not.
static json_t *plain(const json_t *item)
{
    const json_t *inner = json_object_get(item, "Item");
    json_t *out = json_object();
    const char *key;
    json_t *value;

    if (!json_is_object(inner)) inner = item;
    json_object_foreach((json_t *)(uintptr_t)inner, key, value)
    {
        json_t *text = plain_value(value);
        if (text != NULL && json_object_set_new(out, key, text) != 0) {
            json_decref(out);
            return NULL;
        }
    }
    return out;
}

static void page(const json_t *document, uint64_t items, ps_form_proof *proof)
{
    const json_t *last = json_object_get(document, "LastEvaluatedKey");
    const json_t *count = json_object_get(document, "Count");

    proof->open = json_object_size(last) > 0;
    if (json_is_number(count) && json_number_value(count) != (double)items) proof->open = true;
}

// The attribute names are everyone's own; these are tried in this order.
#define TABLE_OF(name)                                                                                                 \
    {                                                                                                                  \
        "table", PS_CLASS_COUNT, .address = (name), .words = {"type", "bouncetype", "reason"}, .words_decide = true    \
    }

static const ps_form_list json[] = {
    TABLE_OF("email"), TABLE_OF("emailaddress"), TABLE_OF("address"), TABLE_OF("recipient"),
    TABLE_OF("pk"),    TABLE_OF("id"),           {.address = NULL},
};

const ps_form ps_form_dynamodb = {
    .id = "dynamodb",
    .json = json,
    .json_names = PS_FORM_NAMES("dynamodb json"),
    .items = "Items",
    .plain = plain,
    .page = page,
    .open_text =
        "the scan is not whole: `LastEvaluatedKey` says that more follows, or its `Count` is not that of its items.",
    .open_hint =
        "Let the AWS CLI read all pages (without --max-items and --no-paginate), or make a full export of the table.",
};
