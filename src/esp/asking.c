#include "esp/asking.h"

#include <stdio.h>

#include "base/clock.h"
#include "esp/sigv4.h"

enum { URL_BYTES_MAX = 80 << 10, VALUES_BYTES_MAX = 256 << 10, HEADERS_MAX = PS_API_HEADERS_MAX + 6 };

// The headers of one request; their values, keys among them, are cleared with it.
typedef struct headers {
    ps_http_header items[HEADERS_MAX];
    size_t at[HEADERS_MAX]; // where in `values` each begins
    size_t count;
    char names[HEADERS_MAX][64];
    ps_buf values;
} headers;

static void add_value(headers *h, const char *name, size_t name_len, size_t at)
{
    snprintf(h->names[h->count], sizeof h->names[0], "%.*s", (int)name_len, name);
    h->at[h->count] = at;
    h->items[h->count++] = (ps_http_header){NULL, {NULL, h->values.len - at}};
}

static void add_template(headers *h, const ps_client *client, const char *text)
{
    size_t name_len = strcspn(text, ":"), at = h->values.len;
    const char *value = text + name_len + (text[name_len] == ':');

    ps_template_add(&h->values, value + strspn(value, " "), PS_TEMPLATE_RAW, &client->values);
    add_value(h, text, name_len, at);
}

static void add_span(headers *h, const char *name, ps_span value)
{
    size_t at = h->values.len;

    ps_buf_add_span(&h->values, value);
    add_value(h, name, strlen(name), at);
}

static void add_common(headers *h, const ps_client *client, const ps_asking *asking)
{
    const ps_api *api = client->api;
    bool json = asking->body.len > 0 && asking->body.bytes[0] == '{';

    for (size_t i = 0; i < PS_API_HEADERS_MAX && api->headers[i] != NULL; i++)
        add_template(h, client, api->headers[i]);
    if (api->header_account != NULL && client->values.of[PS_TEMPLATE_ACCOUNT].len > 0)
        add_template(h, client, api->header_account);
    if (client->authorization != NULL) add_span(h, "Authorization", ps_secret_expose(client->authorization));
    if (asking->body.len > 0)
        add_span(h, "Content-Type", ps_span_of(json ? "application/json" : "application/x-www-form-urlencoded"));
}

// Signs what `url` will ask for, and says it in headers.
static ps_status add_signature(headers *h, const ps_client *client, const ps_asking *asking, const char *path,
                               const char *query, ps_error *err)
{
    char time[PS_SIGV4_TIME_SIZE];
    const char *host = strstr(client->origin, "://") + 3;
    bool session = client->session != NULL;

    ps_sigv4_time(ps_clock_now_s(), time);
    const ps_sigv4_header signed_headers[] = {
        {"host", ps_span_of(host)},
        {"x-amz-date", ps_span_of(time)},
        {"x-amz-security-token", session ? ps_secret_expose(client->session) : (ps_span){NULL, 0}},
    };
    const ps_sigv4_request request = {.method = asking->method,
                                      .path = path,
                                      .query = query,
                                      .headers = signed_headers,
                                      .headers_count = session ? 3 : 2,
                                      .body = asking->body,
                                      .region = client->region,
                                      .service = "ses",
                                      .time = time};
    add_span(h, "X-Amz-Date", ps_span_of(time));
    if (session) add_span(h, "X-Amz-Security-Token", signed_headers[2].value);
    size_t at = h->values.len;
    ps_status status = ps_sigv4_sign(&request, client->user, client->key, &h->values, err);
    if (status == PS_OK) add_value(h, "Authorization", strlen("Authorization"), at);
    return status;
}

// The query is sent as it was signed: sorted and strictly encoded.
static ps_status write_signed(headers *h, const ps_client *client, const ps_asking *asking, ps_buf *url, ps_error *err)
{
    size_t len = strcspn(asking->target, "?");
    const char *query = asking->target[len] == '?' ? asking->target + len + 1 : "";
    ps_buf path, sorted;

    ps_buf_init(&path, URL_BYTES_MAX);
    ps_buf_init(&sorted, URL_BYTES_MAX);
    ps_buf_add_text(&path, client->prefix);
    ps_buf_add(&path, asking->target, len);
    ps_status status = ps_sigv4_query(query, &sorted, err);
    if (status == PS_OK) status = add_signature(h, client, asking, ps_buf_text(&path), ps_buf_text(&sorted), err);
    ps_buf_add_format(url, "%s%s%s%s", client->origin, ps_buf_text(&path), sorted.len > 0 ? "?" : "",
                      ps_buf_text(&sorted));
    ps_buf_done(&path);
    ps_buf_done(&sorted);
    return status;
}

static ps_status start(const ps_client *client, ps_http *http, const ps_asking *asking, headers *h, ps_buf *url,
                       ps_error *err)
{
    ps_status status = ps_buf_status(&h->values, "the headers of a request", err);

    if (status == PS_OK) status = ps_buf_status(url, "the address of a request", err);
    if (status != PS_OK) return status;
    for (size_t i = 0; i < h->count; i++) {
        h->items[i].name = h->names[i];
        h->items[i].value.bytes = h->values.bytes + h->at[i];
    }
    const ps_http_request request = {
        .method = asking->method,
        .url = ps_buf_text(url),
        .headers = h->items,
        .headers_count = h->count,
        .body = asking->body,
        .ca_file = client->config->ca_file,
        .proxy = client->config->proxy,
        .reply_bytes_max = (size_t)client->config->max_reply_mib << 20,
        .done = asking->done,
        .context = asking->context,
    };
    return ps_http_start(http, &request, err);
}

ps_status ps_asking_start(const ps_client *client, ps_http *http, const ps_asking *asking, ps_error *err)
{
    headers h = {.count = 0};
    ps_status status = PS_OK;
    ps_buf url;

    ps_buf_init(&url, URL_BYTES_MAX);
    ps_buf_init(&h.values, VALUES_BYTES_MAX);
    (void)ps_buf_extend(&h.values, VALUES_BYTES_MAX / 2); // growing leaves copies of the keys behind
    ps_buf_clear(&h.values);
    add_common(&h, client, asking);
    if (client->api->auth == PS_API_AUTH_SIGV4) {
        status = write_signed(&h, client, asking, &url, err);
    } else {
        ps_buf_add_format(&url, "%s%s%s", client->origin, client->prefix, asking->target);
    }
    if (status == PS_OK) status = start(client, http, asking, &h, &url, err);
    if (h.values.bytes != NULL) explicit_bzero(h.values.bytes, h.values.capacity);
    ps_buf_done(&h.values);
    ps_buf_done(&url);
    return status;
}
