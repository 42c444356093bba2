#include "net/doh.h"

#include <stdio.h>
#include <strings.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/http.h"

enum {
    MESSAGE_BYTES_MAX = 65535,
    PROBLEM_SIZE = 512,
    HEARD = 2 * PS_DOH_CONNECTIONS // connections that may be in use, old ones too
};

static const char media_type[] = "application/dns-message";

// A question under way, or at rest for the next one.
typedef struct exchange {
    struct exchange *next, *next_resting;
    ps_doh *doh;
    uint64_t sent_ms;
    uint32_t number;
    bool forgotten;
} exchange;

struct ps_doh {
    ps_doh_options options;
    ps_http *http;
    ps_http *old; // connections that no new question goes by; NULL: none
    exchange *all, *resting;
    struct {
        uint16_t port; // of a connection
        uint64_t last_ms; // when something came by it
    } heard[HEARD];
    unsigned heard_next;
    ps_status status; // of the first `take` that failed during a wait
    ps_error *err; // for it
    char problem[PROBLEM_SIZE];
};

static ps_status open_http(ps_http **out, ps_error *err)
{
    ps_status status = ps_http_open(out, err);

    if (status == PS_OK) ps_http_bound_connections(*out, PS_DOH_CONNECTIONS);
    return status;
}

ps_status ps_doh_open(const ps_doh_options *options, ps_doh **out, ps_error *err)
{
    ps_doh *doh = ps_memory_new(1, sizeof *doh, err);

    if (doh == NULL) return PS_RETRY;
    doh->options = *options;
    ps_status status = open_http(&doh->http, err);
    if (status == PS_OK) {
        *out = doh;
    } else {
        ps_doh_close(doh);
    }
    return status;
}

void ps_doh_close(ps_doh *doh)
{
    if (doh == NULL) return;
    ps_http_close(doh->http);
    ps_http_close(doh->old);
    while (doh->all != NULL) {
        exchange *next = doh->all->next;
        ps_memory_free(doh->all);
        doh->all = next;
    }
    ps_memory_free(doh);
}

static exchange *take_exchange(ps_doh *doh, ps_error *err)
{
    exchange *e = doh->resting;

    if (e != NULL) {
        doh->resting = e->next_resting;
        return e;
    }
    e = ps_memory_new(1, sizeof *e, err);
    if (e == NULL) return NULL;
    e->doh = doh;
    e->next = doh->all;
    doh->all = e;
    return e;
}

static void rest(exchange *e)
{
    e->next_resting = e->doh->resting;
    e->doh->resting = e;
}

// ---- what came

static uint32_t wait_s_of(const ps_http_reply *reply)
{
    enum { WAIT_S_MAX = 24 * 60 * 60 };
    const char *asked = ps_http_reply_header(reply, "retry-after");
    int64_t seconds = 0;

    if (asked == NULL) return 0;
    if (strspn(asked, "0123456789") == strlen(asked)) {
        for (; *asked != '\0' && seconds < WAIT_S_MAX; asked++)
            seconds = seconds * 10 + (*asked - '0');
    } else {
        int64_t until_s = ps_http_date(asked);
        if (until_s >= 0) seconds = until_s - ps_clock_now_s();
    }
    if (seconds < 0) return 0;
    return (uint32_t)(seconds < WAIT_S_MAX ? seconds : WAIT_S_MAX);
}

// Parameters of the type say nothing here, and letters do not count.
static bool is_dns(const char *type)
{
    size_t len = sizeof media_type - 1;

    return type != NULL && strncasecmp(type, media_type, len) == 0 && strchr("; \t", type[len]) != NULL;
}

static ps_doh_end end_of_status(const ps_http_reply *reply)
{
    enum { OK = 200, TOO_MANY = 429, FAILED = 500 };

    if (reply->status == OK) return PS_DOH_MESSAGE;
    if (reply->status == TOO_MANY) return PS_DOH_BUSY;
    return reply->status >= FAILED ? PS_DOH_FAILED : PS_DOH_WRONG_STATUS;
}

static ps_doh_end end_of(const ps_http_reply *reply, const char *type)
{
    if (reply->outcome == PS_HTTP_TIMEOUT) return PS_DOH_LATE;
    if (reply->outcome == PS_HTTP_TOO_LARGE) return PS_DOH_WRONG_BODY;
    if (reply->outcome != PS_HTTP_REPLIED) return PS_DOH_BROKEN;
    ps_doh_end end = end_of_status(reply);
    bool wrong = end == PS_DOH_MESSAGE && (!is_dns(type) || reply->body.len == 0);
    return wrong ? PS_DOH_WRONG_BODY : end;
}

static void note_problem(ps_doh *doh, const ps_http_reply *reply, const char *type, ps_doh_end end)
{
    ps_buf text;

    if (end == PS_DOH_MESSAGE) return;
    if (end == PS_DOH_LATE && doh->problem[0] != '\0') return; // silence says less than what came before
    ps_buf_init(&text, sizeof doh->problem - 1);
    if (end == PS_DOH_LATE) {
        ps_buf_add_format(&text, "no answer within %u ms", doh->options.timeout_ms);
    } else if (reply->outcome == PS_HTTP_TOO_LARGE) {
        ps_buf_add_text(&text, "the answer is too long for DNS");
    } else if (reply->outcome != PS_HTTP_REPLIED) {
        ps_buf_add_text(&text, reply->problem);
    } else if (end != PS_DOH_WRONG_BODY) {
        ps_buf_add_format(&text, "the answer has HTTP status %d", reply->status);
    } else if (is_dns(type)) {
        ps_buf_add_text(&text, "the answer is empty");
    } else {
        enum { SHOWN_MAX = 80 };
        ps_buf_add_text(&text, "the answer is no DNS message but ");
        if (type == NULL) type = "of no type";
        ps_add_visible(&text, (ps_span){type, strnlen(type, SHOWN_MAX)});
    }
    snprintf(doh->problem, sizeof doh->problem, "%s", ps_buf_text(&text));
    ps_buf_done(&text);
}

// ---- connections

static uint64_t *heard_of(ps_doh *doh, uint16_t port)
{
    for (size_t i = 0; i < HEARD; i++) {
        if (doh->heard[i].port == port) return &doh->heard[i].last_ms;
    }
    return NULL;
}

static void note_heard(ps_doh *doh, uint16_t port)
{
    uint64_t *last_ms = heard_of(doh, port);

    if (last_ms == NULL) {
        unsigned place = doh->heard_next++ % HEARD;
        doh->heard[place].port = port;
        last_ms = &doh->heard[place].last_ms;
    }
    *last_ms = ps_clock_monotonic_ms();
}

// What is sent from now on goes by new connections, unless those before the last are still waited for.
static ps_status renew(ps_doh *doh, ps_error *err)
{
    ps_http *fresh = NULL;

    if (doh->old != NULL) return PS_OK;
    ps_status status = open_http(&fresh, err);
    if (status != PS_OK) return status;
    doh->old = doh->http;
    doh->http = fresh;
    return PS_OK;
}

// A connection that somebody on the way has forgotten stays open and carries nothing, and libcurl would go on putting
// questions on it. It is one by which nothing came while a question was given up.
static ps_status look_at_connection(ps_doh *doh, const exchange *e, const ps_http_reply *reply)
{
    if (reply->outcome == PS_HTTP_REPLIED) note_heard(doh, reply->port);
    if (reply->outcome != PS_HTTP_TIMEOUT || reply->port == 0) return PS_OK;
    const uint64_t *last_ms = heard_of(doh, reply->port);
    bool silent = last_ms == NULL || *last_ms < e->sent_ms;
    return silent ? renew(doh, doh->err) : PS_OK;
}

static void take_reply(void *context, const ps_http_reply *reply)
{
    exchange *e = context;
    ps_doh *doh = e->doh;
    const char *type = ps_http_reply_header(reply, "content-type");
    ps_doh_reply out = {
        .end = end_of(reply, type), .message = reply->body, .peer = reply->peer, .multiplexed = reply->multiplexed};

    if (reply->outcome == PS_HTTP_REPLIED) out.wait_s = wait_s_of(reply);
    if (doh->status == PS_OK) doh->status = look_at_connection(doh, e, reply);
    if (doh->status == PS_OK && !e->forgotten) {
        note_problem(doh, reply, type, out.end);
        if (reply->outcome == PS_HTTP_NO_MEMORY) {
            doh->status = ps_error_set(doh->err, PS_RETRY, "There is not enough memory for an HTTP request.");
        } else {
            doh->status = doh->options.take(doh->options.context, e->number, &out, doh->err);
        }
    }
    rest(e);
}

// ---- what is sent

ps_status ps_doh_start(ps_doh *doh, uint32_t number, ps_span message, ps_error *err)
{
    static const ps_http_header headers[] = {{"Content-Type", {media_type, sizeof media_type - 1}},
                                             {"Accept", {media_type, sizeof media_type - 1}}};
    exchange *e = take_exchange(doh, err);

    if (e == NULL) return PS_RETRY;
    e->number = number;
    e->sent_ms = ps_clock_monotonic_ms();
    e->forgotten = false;
    const ps_http_request request = {.method = "POST",
                                     .url = doh->options.url,
                                     .headers = headers,
                                     .headers_count = PS_COUNT_OF(headers),
                                     .body = message,
                                     .ca_file = doh->options.ca_file,
                                     .timeout_ms = doh->options.timeout_ms,
                                     .reply_bytes_max = MESSAGE_BYTES_MAX,
                                     .multiplex = true,
                                     .done = take_reply,
                                     .context = e};
    ps_status status = ps_http_start(doh->http, &request, err);
    if (status != PS_OK) rest(e);
    return status;
}

void ps_doh_forget(ps_doh *doh)
{
    for (exchange *e = doh->all; e != NULL; e = e->next)
        e->forgotten = true;
}

ps_status ps_doh_wait(ps_doh *doh, uint32_t wait_ms, ps_error *err)
{
    ps_status status = PS_OK;

    doh->status = PS_OK;
    doh->err = err;
    if (doh->old != NULL) status = ps_http_wait(doh->old, 0, err);
    if (doh->old != NULL && ps_http_running(doh->old) == 0) {
        ps_http_close(doh->old);
        doh->old = NULL;
    }
    if (status == PS_OK) status = ps_http_wait(doh->http, wait_ms, err);
    doh->err = NULL;
    return doh->status != PS_OK ? doh->status : status;
}

void ps_doh_note_stray(ps_doh *doh)
{
    snprintf(doh->problem, sizeof doh->problem, "the answer is no DNS message about what was asked");
}

const char *ps_doh_problem(const ps_doh *doh)
{
    return doh->problem;
}
