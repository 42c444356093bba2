// One address off one list at the ESP. Several APIs empty the whole list when the address is missing from the path: so
// it is looked at before a request is made, and again in the path that was made of it.

#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "esp/asking.h"
#include "esp/pointer.h"
#include "esp/reply.h"
#include "esp/retry.h"
#include "net/random.h"

enum { ADDRESS_BYTES_MAX = 1000, TARGET_BYTES_MAX = 8 << 10, WHAT_SIZE = 160, STEP_MS = 200 };

typedef struct removal {
    const ps_client *client;
    const ps_api_list *list;
    ps_http *http;
    ps_buf target, body;
    char method[8];
    ps_random random;
    bool replied;
    unsigned tries;
    uint64_t waited_ms, due_ms;
    ps_client_removed result;
    ps_status status;
    ps_error error;
} removal;

static ps_status refuse(ps_error *err, const char *why)
{
    ps_error_set(err, PS_USAGE, "This is not one address to be removed: %s.", why);
    ps_error_hint(err, "Give one address as the list has it; whole domains and patterns are never removed.");
    return PS_USAGE;
}

// Signs that are no part of a quoted text; NULL when all is well.
static const char *scan(ps_span address, size_t *out_ats)
{
    bool quoted = false;

    *out_ats = 0;
    for (size_t i = 0; i < address.len; i++) {
        unsigned char c = (unsigned char)address.bytes[i];
        if (c <= 0x20 || c == 0x7f) return "it holds a blank or a control character";
        if (c == '*') return "it is a pattern";
        if (c == '"') quoted = !quoted;
        if (c == '\\' && quoted) i++;
        if (c == '@' && !quoted) ++*out_ats;
    }
    return quoted ? "its quotes are not closed" : NULL;
}

ps_status ps_client_address_check(ps_span address, ps_error *err)
{
    size_t ats = 0;

    if (address.len == 0) return refuse(err, "it is empty");
    if (address.len > ADDRESS_BYTES_MAX) return refuse(err, "it is longer than any address");
    const char *why = scan(address, &ats);
    if (why != NULL) return refuse(err, why);
    if (ats != 1) return refuse(err, "it must have one @");
    if (address.bytes[0] == '@' || address.bytes[address.len - 1] == '@')
        return refuse(err, "a side of its @ is empty");
    return PS_OK;
}

// A list within an account: without its name the address would go from another one. In a form it is in the body.
static void add_account(removal *r, const ps_template_values *values)
{
    const char *query = r->list->query_account;
    bool form = r->list->body != NULL && r->list->body[0] != '{';

    if (query == NULL || form || values->of[PS_TEMPLATE_ACCOUNT].len == 0) return;
    ps_buf_add_char(&r->target, strchr(r->list->remove, '?') == NULL ? '?' : '&');
    ps_template_add(&r->target, query, PS_TEMPLATE_URL, values);
}

// `METHOD PATH?QUERY` as a method and a path in which the last part is what it must be.
static ps_status write_request(removal *r, const ps_template_values *values, ps_error *err)
{
    const char *text = r->list->remove, *blank = strchr(text, ' ');

    snprintf(r->method, sizeof r->method, "%.*s", (int)(blank - text), text);
    ps_template_add(&r->target, blank + 1, PS_TEMPLATE_URL, values);
    add_account(r, values);
    if (r->list->remove_body != NULL) ps_template_add(&r->body, r->list->remove_body, PS_TEMPLATE_RAW, values);
    ps_status status = ps_buf_status(&r->target, "the path of a removal", err);
    if (status == PS_OK) status = ps_buf_status(&r->body, "the body of a removal", err);
    if (status != PS_OK) return status;
    const char *path = ps_buf_text(&r->target), *last = strrchr(path, '/');
    bool by_path = ps_template_has(r->list->remove, PS_TEMPLATE_ADDRESS);
    bool empty =
        last == NULL || last[1] == '\0' || last[1] == '?' || strcmp(last, "/.") == 0 || strcmp(last, "/..") == 0;
    if (!empty && strstr(path, "//") == NULL && (by_path || r->body.len > 0)) return PS_OK;
    return ps_error_set(err, PS_BUG, "A removal would go to a path without the address.");
}

static ps_status check_reply(const removal *r, const ps_http_reply *reply, ps_error *err)
{
    ps_arena arena;
    ps_span said = {NULL, 0};
    ps_status status = PS_OK;

    if (r->list->removed == NULL) return PS_OK;
    status = ps_arena_open(1 << 20, &arena, err);
    if (status != PS_OK) return status;
    json_t *root = ps_json_within_limits(reply->body)
                       ? json_loadb(reply->body.len == 0 ? "" : reply->body.bytes, reply->body.len, 0, NULL)
                       : NULL;
    bool is_text = ps_pointer_text(ps_pointer_get(root, r->list->removed), &arena, &said);
    if (!is_text || !ps_span_equal(said, ps_span_of(r->list->removed_is)))
        status = ps_reply_error(r->client, reply, PS_SOURCE, "a removal, which it did not do", err);
    json_decref(root);
    ps_arena_close(&arena);
    return status;
}

static void on_reply(void *context, const ps_http_reply *reply)
{
    removal *r = context;
    ps_reply_verdict verdict;
    char what[WHAT_SIZE];
    uint32_t wait = 0;

    r->replied = true;
    r->tries++;
    ps_reply_judge(r->client, reply, &verdict);
    if (verdict.action == PS_REPLY_TAKE) {
        r->result = PS_CLIENT_REMOVED;
        r->status = check_reply(r, reply, &r->error);
        return;
    }
    if (reply->outcome == PS_HTTP_REPLIED && reply->status == 404) {
        r->result = PS_CLIENT_WAS_NOT_LISTED;
        return;
    }
    double asked = ps_retry_asked_s(reply, (double)ps_clock_now_s());
    const ps_retry retry = {r->tries, r->waited_ms, 0};
    if (verdict.action == PS_REPLY_RETRY && ps_retry_wait_ms(&retry, asked, ps_random_16(&r->random), &wait)) {
        r->waited_ms += wait;
        r->due_ms = ps_clock_monotonic_ms() + wait;
        r->replied = false;
        return;
    }
    snprintf(what, sizeof what, "a removal from its list '%s'", r->list->name);
    r->status = ps_reply_error(r->client, reply, verdict.status, what, &r->error);
}

static ps_status ask(removal *r, ps_error *err)
{
    const ps_asking asking = {.method = r->method,
                              .target = ps_buf_text(&r->target),
                              .body = ps_buf_span(&r->body),
                              .done = on_reply,
                              .context = r};
    ps_status status = PS_OK;

    while (status == PS_OK && !r->replied) {
        uint64_t now = ps_clock_monotonic_ms();
        if (ps_http_running(r->http) == 0 && r->due_ms <= now)
            status = ps_asking_start(r->client, r->http, &asking, err);
        uint64_t left = r->due_ms > now ? r->due_ms - now : 0;
        if (status == PS_OK)
            status =
                ps_http_wait(r->http, ps_http_running(r->http) > 0 || left > STEP_MS ? STEP_MS : (uint32_t)left, err);
    }
    if (status != PS_OK || r->status == PS_OK) return status;
    if (err != NULL) *err = r->error;
    return r->status;
}

static ps_status check_scope(const removal *r, ps_span scope, ps_error *err)
{
    const char *query = strchr(r->list->remove, '?'), *named = strstr(r->list->remove, "{scope}");
    bool wanted = named != NULL && (query == NULL || named < query); // in a query an empty one is the account itself

    if (!wanted || scope.len > 0) return PS_OK;
    ps_error_set(err, PS_USAGE, "A removal from the list '%s' of '%s' must say from which group or stream.",
                 r->list->name, r->client->config->name);
    ps_error_hint(err, "The entry has it as its scope.");
    return PS_USAGE;
}

// Once more with the other body.
static ps_status ask_too(removal *r, const ps_template_values *values, ps_error *err)
{
    ps_buf_clear(&r->body);
    ps_template_add(&r->body, r->list->remove_body_too, PS_TEMPLATE_RAW, values);
    ps_status status = ps_buf_status(&r->body, "the body of a removal", err);
    r->replied = false;
    r->tries = 0;
    r->due_ms = 0;
    return status == PS_OK ? ask(r, err) : status;
}

ps_status ps_client_remove(const ps_client *client, const ps_client_list *list, ps_span address, ps_span scope,
                           ps_client_removed *out, ps_error *err)
{
    removal r = {.client = client, .list = ps_client_api_list(client, list)};
    ps_template_values values = client->values;

    ps_status status = ps_client_address_check(address, err);
    if (status == PS_OK && r.list->remove == NULL)
        return ps_error_set(err, PS_USAGE,
                            "%s takes no removals from the list '%s' over its API; remove it there by hand.",
                            client->api->title, list->name);
    if (status == PS_OK) status = check_scope(&r, scope, err);
    if (status != PS_OK) return status;
    values.of[PS_TEMPLATE_ADDRESS] = address;
    values.of[PS_TEMPLATE_SCOPE] = scope;
    ps_buf_init(&r.target, TARGET_BYTES_MAX);
    ps_buf_init(&r.body, TARGET_BYTES_MAX);
    (void)ps_buf_extend(&r.body, TARGET_BYTES_MAX - 1); // growing leaves copies of a key behind
    ps_buf_clear(&r.body);
    status = write_request(&r, &values, err);
    if (status == PS_OK) status = ps_http_open(&r.http, err);
    if (status == PS_OK) status = ask(&r, err);
    ps_client_removed first = r.result;
    if (status == PS_OK && r.list->remove_body_too != NULL) status = ask_too(&r, &values, err);
    // It was listed where one of the two found it.
    if (status == PS_OK) *out = first == PS_CLIENT_REMOVED ? first : r.result;
    ps_http_close(r.http);
    if (r.body.bytes != NULL) explicit_bzero(r.body.bytes, r.body.capacity);
    ps_buf_done(&r.target);
    ps_buf_done(&r.body);
    return status;
}
