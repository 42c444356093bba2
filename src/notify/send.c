#include "notify/send.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hmac.h"
#include "base/secret.h"
#include "net/http.h"
#include "notify/render.h"

enum {
    BODY_BYTES_MAX = 4 << 20,
    REPLY_BYTES_MAX = 64 << 10, // nothing of it is read
    FIRST_WAIT_MS = 1000, // doubled with each try
    TICK_MS = 50, // how often a stop is seen
    SIGNATURE_SIZE = 7 + 2 * PS_HMAC_BYTES + 1,
};

typedef struct delivery {
    const ps_alert_target *target;
    const ps_notify_form *form;
    ps_notify_result *result;
    ps_secret *url, *key;
    ps_buf body;
    char signature[SIGNATURE_SIZE];
    unsigned tries;
    bool running, ended;
    uint64_t due_ms;
} delivery;

static void end(delivery *d, const char *problem)
{
    d->ended = true;
    d->result->sent = problem == NULL;
    int room = (int)sizeof d->result->problem - 1; // a long error is cut
    snprintf(d->result->problem, sizeof d->result->problem, "%.*s", room, problem == NULL ? "" : problem);
}

static ps_status sign(delivery *d, ps_error *err)
{
    static const char digits[] = "0123456789abcdef", begin[] = "sha256=";
    ps_span key = ps_secret_expose(d->key);
    unsigned char mac[PS_HMAC_BYTES];
    ps_hmac *hmac = NULL;
    char *out = d->signature + sizeof begin - 1;

    ps_status status = ps_hmac_new(key.bytes, key.len, &hmac, err);
    if (status == PS_OK) status = ps_hmac_of(hmac, ps_buf_span(&d->body), mac, err);
    ps_hmac_free(hmac);
    if (status != PS_OK) return status;
    memcpy(d->signature, begin, sizeof begin - 1);
    for (size_t i = 0; i < PS_HMAC_BYTES; i++) {
        *out++ = digits[mac[i] >> 4];
        *out++ = digits[mac[i] & 15];
    }
    *out = '\0';
    return PS_OK;
}

static ps_status prepare(delivery *d, const ps_notice *notice, ps_error *err)
{
    d->form = ps_notify_form_of(d->target->type);
    ps_buf_init(&d->body, BODY_BYTES_MAX);
    d->form->render(notice, &d->body);
    ps_status status = ps_buf_status(&d->body, "a message", err);
    if (status == PS_OK) status = ps_secret_load(d->target->url, "url", &d->url, err);
    if (status == PS_OK && d->target->key != NULL) status = ps_secret_load(d->target->key, "key", &d->key, err);
    return status == PS_OK && d->key != NULL && d->form->signs ? sign(d, err) : status;
}

// Seconds, or an HTTP date; what it does not say is not waited for.
static uint64_t asked_ms(const ps_http_reply *reply)
{
    const char *value = ps_http_reply_header(reply, "retry-after");
    char *rest;

    if (value == NULL) return 0;
    unsigned long seconds = strtoul(value, &rest, 10);
    if (rest != value) return seconds * UINT64_C(1000);
    int64_t date = ps_http_date(value), now = ps_clock_now_s();
    return date > now ? (uint64_t)(date - now) * 1000 : 0;
}

static void on_reply(void *context, const ps_http_reply *reply)
{
    delivery *d = context;
    bool replied = reply->outcome == PS_HTTP_REPLIED;
    uint64_t wait_ms = (uint64_t)FIRST_WAIT_MS << d->tries++, asked = replied ? asked_ms(reply) : 0;
    char problem[256];

    d->running = false;
    if (replied && reply->status >= 200 && reply->status < 300) {
        end(d, NULL);
        return;
    }
    if (asked > wait_ms) wait_ms = asked;
    bool again = ps_http_can_retry(reply) && d->tries < PS_NOTIFY_TRIES_MAX;
    if (again && wait_ms <= PS_NOTIFY_WAIT_S_MAX * UINT64_C(1000)) {
        d->due_ms = ps_clock_monotonic_ms() + wait_ms;
        return;
    }
    if (replied) {
        snprintf(problem, sizeof problem, "it answered with status %d", reply->status);
    } else {
        snprintf(problem, sizeof problem, "%s", reply->problem);
    }
    end(d, problem);
}

static void start(delivery *d, ps_http *http)
{
    ps_http_header headers[2] = {{"Content-Type", ps_span_of(d->form->content_type)}};
    ps_span url = ps_secret_expose(d->url);
    ps_buf text;
    ps_error err = {.status = PS_OK};

    if (d->key != NULL && d->form->key_header != NULL)
        headers[1] =
            (ps_http_header){d->form->key_header, d->form->signs ? ps_span_of(d->signature) : ps_secret_expose(d->key)};
    ps_buf_init(&text, url.len + 1);
    ps_buf_add_span(&text, url);
    const ps_http_request request = {
        .method = "POST",
        .url = ps_buf_text(&text),
        .headers = headers,
        .headers_count = headers[1].name == NULL ? 1 : 2,
        .body = ps_buf_span(&d->body),
        .timeout_ms = PS_NOTIFY_REQUEST_MS,
        .reply_bytes_max = REPLY_BYTES_MAX,
        .done = on_reply,
        .context = d,
    };
    d->running = true;
    if (ps_http_start(http, &request, &err) != PS_OK) end(d, err.text);
    if (text.bytes != NULL) explicit_bzero(text.bytes, text.capacity);
    ps_buf_done(&text);
}

// Start what is due; false when all have ended.
static bool go_on(delivery *deliveries, size_t count, ps_http *http)
{
    bool open = false;

    for (size_t i = 0; i < count; i++) {
        delivery *d = &deliveries[i];
        if (!d->ended && !d->running && ps_clock_monotonic_ms() >= d->due_ms) start(d, http);
        open = open || !d->ended;
    }
    return open;
}

static void deliver(delivery *deliveries, size_t count, bool (*stopped)(void *context), void *context)
{
    ps_http *http = NULL;
    ps_error err = {.status = PS_OK};
    ps_status status = ps_http_open(&http, &err);

    while (status == PS_OK && go_on(deliveries, count, http)) {
        if (stopped != NULL && stopped(context)) break;
        status = ps_http_wait(http, TICK_MS, &err);
    }
    ps_http_close(http);
    for (size_t i = 0; i < count; i++) {
        if (!deliveries[i].ended) end(&deliveries[i], status == PS_OK ? "stopped by a signal" : err.text);
    }
}

void ps_notify_send(const ps_alert_target *targets, size_t count, const ps_notice *notice,
                    bool (*stopped)(void *context), void *context, ps_notify_result *results)
{
    delivery deliveries[PS_NOTIFY_TARGETS_MAX] = {{.target = NULL}};

    if (count > PS_NOTIFY_TARGETS_MAX) count = PS_NOTIFY_TARGETS_MAX; // the schema allows no more
    for (size_t i = 0; i < count; i++) {
        ps_error err = {.status = PS_OK};
        deliveries[i].target = &targets[i];
        deliveries[i].result = &results[i];
        if (prepare(&deliveries[i], notice, &err) != PS_OK) end(&deliveries[i], err.text);
    }
    deliver(deliveries, count, stopped, context);
    for (size_t i = 0; i < count; i++) {
        ps_buf_done(&deliveries[i].body);
        ps_secret_free(deliveries[i].url);
        ps_secret_free(deliveries[i].key);
    }
}
