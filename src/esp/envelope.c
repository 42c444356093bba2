// Events come wrapped: SNS puts them into a text, SQS that into another, Lambda all of it into records.

#include "base/text.h"
#include "esp/event.h"
#include "esp/pointer.h"

typedef struct unwrapping {
    json_t *out;
    const char *why; // the content cannot be read
    bool no_memory;
} unwrapping;

static void keep(unwrapping *to, json_t *object)
{
    if (json_array_append(to->out, object) != 0) to->no_memory = true;
}

// JSON within a text: an object, or a list of them.
static void keep_text(unwrapping *to, const json_t *text)
{
    const size_t flags = JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL;
    ps_span content = {json_string_value(text), json_string_length(text)};
    json_error_t error = {.line = 0};
    json_t *value = NULL, *element;
    size_t i;

    if (json_is_string(text) && ps_json_within_limits(content))
        value = json_loadb(content.bytes, content.len, flags, &error);
    to->no_memory = to->no_memory || (value == NULL && json_error_code(&error) == json_error_out_of_memory);
    if (json_is_object(value)) {
        keep(to, value);
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, element) keep(to, element);
    } else {
        to->why = "holds a message that is no JSON: the message is cut, or not of an ESP";
    }
    json_decref(value);
}

// SES says this once, when a topic is set up.
static bool is_greeting(const json_t *message)
{
    static const char greeting[] = "Successfully validated SNS topic";

    return json_is_string(message) && strncmp(json_string_value(message), greeting, sizeof greeting - 1) == 0;
}

// That somebody subscribed to a topic is about the topic. Its links are never followed.
static void open_sns(unwrapping *to, const json_t *envelope)
{
    const char *type = json_string_value(json_object_get(envelope, "Type"));
    const json_t *message = json_object_get(envelope, "Message");

    if (strcmp(type, "Notification") == 0 && !is_greeting(message)) keep_text(to, message);
}

static bool is_sns(const json_t *object)
{
    static const char *const types[] = {"Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"};
    const char *type = json_string_value(json_object_get(object, "Type"));

    for (size_t i = 0; i < PS_COUNT_OF(types) && json_object_get(object, "Message") != NULL; i++) {
        if (type != NULL && strcmp(type, types[i]) == 0) return true;
    }
    return false;
}

static bool is_sqs(const json_t *object)
{
    return json_is_string(json_object_get(object, "Body")) && json_object_get(object, "ReceiptHandle") != NULL;
}

static void open_sqs(unwrapping *to, const json_t *envelope)
{
    keep_text(to, json_object_get(envelope, "Body"));
}

static bool is_sqs_reply(const json_t *object)
{
    return json_is_array(json_object_get(object, "Messages")) && json_object_size(object) <= 2;
}

static void open_sqs_reply(unwrapping *to, const json_t *envelope)
{
    size_t i;
    json_t *message;

    json_array_foreach(json_object_get(envelope, "Messages"), i, message)
        keep_text(to, json_object_get(message, "Body"));
}

static bool is_lambda(const json_t *object)
{
    return json_is_array(json_object_get(object, "Records")) && json_object_size(object) == 1;
}

// Of SNS, or of SQS.
static void open_lambda(unwrapping *to, const json_t *envelope)
{
    size_t i;
    json_t *record;

    json_array_foreach(json_object_get(envelope, "Records"), i, record)
    {
        json_t *sns = json_object_get(record, "Sns");
        if (is_sns(sns)) {
            keep(to, sns);
        } else {
            keep_text(to, json_is_object(sns) ? json_object_get(sns, "Message") : json_object_get(record, "body"));
        }
    }
}

static bool is_mailgun(const json_t *object)
{
    return json_is_object(json_object_get(object, "event-data")) && json_object_get(object, "signature") != NULL;
}

static void open_mailgun(unwrapping *to, const json_t *envelope)
{
    keep(to, json_object_get(envelope, "event-data"));
}

static bool is_event_bridge(const json_t *object)
{
    return json_is_object(json_object_get(object, "detail")) && json_object_get(object, "detail-type") != NULL;
}

static void open_event_bridge(unwrapping *to, const json_t *envelope)
{
    keep(to, json_object_get(envelope, "detail"));
}

static const struct {
    bool (*is)(const json_t *object);
    void (*open)(unwrapping *to, const json_t *envelope);
} envelopes[] = {
    {is_sns, open_sns},       {is_sqs, open_sqs},         {is_sqs_reply, open_sqs_reply},
    {is_lambda, open_lambda}, {is_mailgun, open_mailgun}, {is_event_bridge, open_event_bridge},
};

ps_status ps_event_unwrap(const json_t *object, json_t *out, bool *out_wrapped, const char **out_why)
{
    unwrapping to = {.out = out};

    *out_wrapped = false;
    for (size_t i = 0; i < PS_COUNT_OF(envelopes) && !*out_wrapped; i++) {
        *out_wrapped = envelopes[i].is(object);
        if (*out_wrapped) envelopes[i].open(&to, object);
    }
    *out_why = to.why;
    return to.no_memory ? PS_RETRY : to.why != NULL ? PS_SOURCE : PS_OK;
}

bool ps_event_is(const json_t *object)
{
    bool doubt;

    for (size_t i = 0; i < PS_COUNT_OF(envelopes); i++) {
        if (envelopes[i].is(object)) return true;
    }
    return ps_event_form_of(object, &doubt) != NULL || doubt;
}
