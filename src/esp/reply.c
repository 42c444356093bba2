#include "esp/reply.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "esp/pointer.h"

enum {
    NAME_SIZE = 128,
    SHOWN_BYTES_MAX = 200,
    SHOWN_BUFFER_MAX = 8 * SHOWN_BYTES_MAX,
    ERROR_REPLY_BYTES_MAX = 1 << 20, // an error that is longer has no name worth looking for
    CLOCK_SKEW_S = 4 * 60 // AWS allows 5 minutes
};

// What went wrong on the way, and what it means: {outcome, again?, status, text}.
static const struct {
    ps_http_outcome outcome;
    bool again;
    ps_status status;
    const char *text, *hint;
} outcomes[] = {
    {PS_HTTP_UNREACHABLE, true, PS_RETRY, "cannot be reached",
     "Look at the network and at `base_url` or `proxy`, or try again later."},
    {PS_HTTP_TIMEOUT, true, PS_RETRY, "does not answer in time", "Try again later."},
    {PS_HTTP_CUT, true, PS_SOURCE, "sends replies that are cut or damaged",
     "Try again later; something on the way may cut them."},
    {PS_HTTP_UNTRUSTED, false, PS_SOURCE,
     "cannot be trusted: its certificate, host name or TLS version is not what it must be",
     "Nothing was sent. Look at `base_url`; name the certificate of a gateway of your own with `ca_file: ca.pem`."},
    {PS_HTTP_TOO_LARGE, false, PS_SOURCE, "sends a reply over 64 MiB (or `max_reply_mib`), or headers over 256 KiB",
     "If the list is that long, write `max_reply_mib: 256` at this source, or name an export of it as a file."},
    {PS_HTTP_REFUSED, false, PS_SOURCE, "does not speak HTTP, or is at an address that is not asked",
     "Plain http is for loopback addresses only; look at `base_url`."},
    {PS_HTTP_NO_MEMORY, false, PS_RETRY, "cannot be asked: there is not enough memory",
     "Try again when more memory is free."},
};

// The name in a header such as `NotFoundException:http://internal...`, or in `com.amazonaws#NotFoundException`.
static void take_name(const char *text, char out[NAME_SIZE])
{
    const char *hash = strrchr(text, '#');
    const char *begin = hash != NULL ? hash + 1 : text;

    snprintf(out, NAME_SIZE, "%.*s", (int)strcspn(begin, ":"), begin);
}

static void error_name(const ps_api *api, const ps_http_reply *reply, char out[NAME_SIZE])
{
    const char *header = api->error_header == NULL ? NULL : ps_http_reply_header(reply, api->error_header);

    out[0] = '\0';
    if (header != NULL) {
        take_name(header, out);
        return;
    }
    if (api->error_name == NULL || reply->body.len > ERROR_REPLY_BYTES_MAX || !ps_json_within_limits(reply->body))
        return;
    json_t *root = json_loadb(reply->body.len == 0 ? "" : reply->body.bytes, reply->body.len, 0, NULL);
    const char *name = json_string_value(ps_pointer_get(root, api->error_name));
    if (name == NULL) name = json_string_value(ps_pointer_get(root, api->error_name_too));
    if (name != NULL) take_name(name, out);
    json_decref(root);
}

static bool known_error(const ps_api *api, const char *name, ps_reply_verdict *out)
{
    static const ps_reply_verdict meanings[] = {
        [PS_API_MISTAKE_SOURCE] = {PS_REPLY_FAIL, PS_SOURCE, false},
        [PS_API_MISTAKE_CREDENTIALS] = {PS_REPLY_FAIL, PS_CREDENTIALS, false},
        [PS_API_MISTAKE_RETRY] = {PS_REPLY_RETRY, PS_RETRY, false},
    };

    for (const ps_api_error *error = api->errors; name[0] != '\0' && error->name != NULL; error++) {
        if (strcmp(error->name, name) != 0) continue;
        *out = meanings[error->mistake];
        return true;
    }
    return false;
}

void ps_reply_judge(const ps_client *client, const ps_http_reply *reply, ps_reply_verdict *out)
{
    bool names = client->api->errors != NULL;
    int status = reply->status;
    char name[NAME_SIZE] = "";

    *out = (ps_reply_verdict){PS_REPLY_TAKE, PS_OK, false};
    for (size_t i = 0; i < PS_COUNT_OF(outcomes); i++) {
        if (outcomes[i].outcome != reply->outcome) continue;
        *out = (ps_reply_verdict){outcomes[i].again ? PS_REPLY_RETRY : PS_REPLY_FAIL, outcomes[i].status, false};
        return;
    }
    if (status >= 200 && status < 300) return;
    if (names) error_name(client->api, reply, name);
    if (names && known_error(client->api, name, out)) return;
    // An ESP that names its errors did not refuse this itself: what stands before it may only want less.
    bool slowed = status == 403 && names && name[0] == '\0';
    out->action = ps_http_can_retry(reply) || slowed ? PS_REPLY_RETRY : PS_REPLY_FAIL;
    out->status = out->action == PS_REPLY_RETRY || status >= 500 ? PS_RETRY : PS_SOURCE;
    if (status == 401 || status == 403) out->status = PS_CREDENTIALS;
    out->about_request = status >= 400 && status < 500 && out->status == PS_SOURCE;
}

static bool shows_key(const ps_client *client, ps_span text)
{
    const ps_secret *const secrets[] = {client->key, client->session, client->authorization, client->user};

    for (size_t i = 0; i < PS_COUNT_OF(secrets); i++) {
        if (secrets[i] != NULL && ps_secret_is_in(secrets[i], text)) return true;
    }
    return false;
}

// Word by word, so that addresses can be masked.
static void add_masked(ps_buf *out, ps_span text)
{
    static const char between[] = " \t\r\n\"'<>(),;:{}[]";

    while (text.len > 0) {
        size_t len = 0;
        while (len < text.len && strchr(between, text.bytes[len]) == NULL)
            len++;
        ps_span word = {text.bytes, len};
        bool address = memchr(word.bytes, '@', len) != NULL || memmem(word.bytes, len, "%40", 3) != NULL;
        if (address) {
            ps_mask_address(word, out);
        } else {
            ps_add_visible(out, word);
        }
        if (len < text.len) ps_add_visible(out, (ps_span){text.bytes + len, 1});
        len += len < text.len;
        text = (ps_span){text.bytes + len, text.len - len};
    }
}

// ` It says: "..."`, or nothing.
static void add_said(const ps_client *client, const ps_http_reply *reply, ps_buf *out)
{
    ps_span said = reply->outcome == PS_HTTP_REPLIED ? reply->body : ps_span_of(reply->problem);

    if (said.len == 0) return;
    if (shows_key(client, said)) {
        ps_buf_add_text(out, " What it says repeats the key and is not shown.");
        return;
    }
    if (said.len > SHOWN_BYTES_MAX) {
        said.len = SHOWN_BYTES_MAX;
        while (said.len > 0 && ((unsigned char)said.bytes[said.len] & 0xc0) == 0x80)
            said.len--;
    }
    ps_buf_add_text(out, " It says: ");
    add_masked(out, said);
}

static void add_clock(const ps_client *client, const ps_http_reply *reply, ps_buf *out)
{
    int64_t theirs = ps_http_date(ps_http_reply_header(reply, "date")), ours = ps_clock_now_s();

    if (client->api->auth != PS_API_AUTH_SIGV4 || theirs < 0 || llabs(theirs - ours) < CLOCK_SKEW_S) return;
    ps_buf_add_format(out,
                      " This machine's clock differs from the server's by %lld s, and signatures hold for minutes.",
                      llabs((long long)(theirs - ours)));
}

static const char *status_text(const ps_http_reply *reply)
{
    int status = reply->status;

    if (status >= 300 && status < 400) return "sends us elsewhere, which is not followed, when asked for";
    if (status == 401 || status == 403) return "refused the credentials when asked for";
    if (status == 429) return "gets too many requests, it says, when asked for";
    return status == 404 ? "does not know" : "answers with an error when asked for";
}

static void write_hint(const ps_client *client, ps_status status, const ps_http_reply *reply, ps_error *err)
{
    const char *name = client->config->name;

    for (size_t i = 0; i < PS_COUNT_OF(outcomes); i++) {
        if (outcomes[i].outcome == reply->outcome) {
            ps_error_hint(err, "%s `--accept %s:stale` uses the last whole list for one run.", outcomes[i].hint, name);
            return;
        }
    }
    if (status == PS_RETRY) {
        ps_error_hint(err, "Try again later; `--accept %s:stale` uses the last whole list for one run.", name);
    } else {
        ps_error_hint(err, "%s%s", client->api->wrong_region == NULL ? "" : client->api->wrong_region,
                      status == PS_CREDENTIALS ? " Look whether the key is right and may read these lists." : "");
    }
}

ps_status ps_reply_error(const ps_client *client, const ps_http_reply *reply, ps_status status, const char *what,
                         ps_error *err)
{
    const char *way = NULL;
    ps_buf said;

    ps_buf_init(&said, SHOWN_BUFFER_MAX);
    add_said(client, reply, &said);
    if (status == PS_CREDENTIALS) add_clock(client, reply, &said);
    for (size_t i = 0; i < PS_COUNT_OF(outcomes); i++) {
        if (outcomes[i].outcome == reply->outcome) way = outcomes[i].text;
    }
    if (way != NULL) {
        ps_error_set(err, status, "Suppression source '%s' cannot be used: %s %s, asked for %s.%s",
                     client->config->name, client->origin, way, what, ps_buf_text(&said));
    } else {
        ps_error_set(err, status, "Suppression source '%s' cannot be used: %s %s %s (HTTP %d).%s", client->config->name,
                     client->origin, status_text(reply), what, reply->status, ps_buf_text(&said));
    }
    write_hint(client, status, reply, err);
    ps_buf_done(&said);
    return status;
}
