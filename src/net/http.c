#include "net/http.h"

#include "base/memory.h"
#include "base/text.h"
#include "net/curl.h"
#include "presend/presend.h"

// One request under way, or at rest with its memory for the next one.
typedef struct call {
    struct call *next;
    ps_http *http;
    CURL *easy;
    struct curl_slist *headers;
    ps_buf sent; // the body of the request
    ps_buf body; // of the reply
    size_t headers_bytes;
    bool too_large;
    ps_http_done *done;
    void *context;
    char problem[PS_HTTP_PROBLEM_SIZE];
    char curl_problem[CURL_ERROR_SIZE];
} call;

struct ps_http {
    const ps_curl *curl;
    CURLM *multi;
    call *running, *resting;
    size_t running_count;
};

bool ps_http_is_loopback(const char *url)
{
    static const char *const names[] = {"[::1]", "localhost"};
    const char *host = strstr(url, "://");

    if (host == NULL) return false;
    host += strlen("://");
    if (memchr(host, '@', strcspn(host, "/?#")) != NULL) return false; // what looks like a host may be a user's name
    size_t bracket = host[0] == '[' ? strcspn(host, "]") : 0;
    size_t len = bracket + strcspn(host + bracket, ":/?#");
    for (size_t i = 0; i < PS_COUNT_OF(names); i++) {
        if (len == strlen(names[i]) && strncmp(host, names[i], len) == 0) return true;
    }
    // Digits and dots only: 127.evil.example is no address.
    return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == len;
}

// As libcurl takes it apart; `out_https` is of its scheme.
static bool is_whole_url(const ps_curl *curl, const char *text, bool *out_https)
{
    static const CURLUPart unwanted[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT};
    CURLU *url = curl->url();
    char *part = NULL;

    bool whole = url != NULL && curl->url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK;
    for (size_t i = 0; whole && i < PS_COUNT_OF(unwanted); i++) {
        whole = curl->url_get(url, unwanted[i], &part, 0) != CURLUE_OK;
        curl->free(part);
        part = NULL;
    }
    if (whole && curl->url_get(url, CURLUPART_SCHEME, &part, 0) == CURLUE_OK) {
        *out_https = strcmp(part, "https") == 0;
        whole = *out_https || strcmp(part, "http") == 0;
        curl->free(part);
    }
    curl->url_cleanup(url);
    return whole;
}

bool ps_http_is_askable(const char *url)
{
    const char *host = strstr(url, "://");
    const ps_curl *curl = NULL;
    bool https = false;

    // A template (RFC 8484 section 4.1) is no URL yet, and libcurl would guess a scheme, and take a path for a host.
    if (host == NULL || host[strlen("://")] == '/' || strpbrk(url, "{} \t") != NULL) return false;
    if (ps_curl_load(&curl, NULL) != PS_OK) return true; // ps_http_open() says what is missing
    if (!is_whole_url(curl, url, &https)) return false;
    return https || ps_http_is_loopback(url);
}

void ps_http_add_encoded(ps_buf *out, ps_span text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    for (size_t i = 0; i < text.len; i++) {
        char c = text.bytes[i];
        if (c != '\0' && strchr(plain, c) != NULL) {
            ps_buf_add_char(out, c);
        } else {
            ps_buf_add_format(out, "%%%02X", (unsigned)(unsigned char)c);
        }
    }
}

int64_t ps_http_date(const char *text)
{
    const ps_curl *curl = NULL;

    if (text == NULL || ps_curl_load(&curl, NULL) != PS_OK) return -1; // without it nothing was replied
    return (int64_t)curl->getdate(text, NULL);
}

// Headers carry keys.
static void free_headers(const ps_curl *curl, struct curl_slist *headers)
{
    for (struct curl_slist *header = headers; header != NULL; header = header->next)
        explicit_bzero(header->data, strlen(header->data));
    curl->slist_free_all(headers);
}

static void free_call(call *c)
{
    const ps_curl *curl = c->http->curl;

    curl->easy_cleanup(c->easy);
    free_headers(curl, c->headers);
    if (c->sent.bytes != NULL) explicit_bzero(c->sent.bytes, c->sent.capacity);
    ps_buf_done(&c->sent);
    ps_buf_done(&c->body);
    ps_memory_free(c);
}

static void free_calls(call *first)
{
    while (first != NULL) {
        call *next = first->next;
        free_call(first);
        first = next;
    }
}

static ps_status no_memory(ps_error *err)
{
    return ps_error_set(err, PS_RETRY, "There is not enough memory for an HTTP request.");
}

ps_status ps_http_open(ps_http **out, ps_error *err)
{
    const ps_curl *curl = NULL;
    ps_status status = ps_curl_load(&curl, err);
    ps_http *http = status == PS_OK ? ps_memory_new(1, sizeof *http, err) : NULL;

    if (http == NULL) return PS_RETRY;
    http->curl = curl;
    if (curl->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        ps_memory_free(http);
        return no_memory(err);
    }
    http->multi = curl->multi_init();
    if (http->multi == NULL) {
        ps_http_close(http);
        return no_memory(err);
    }
    // These options cannot fail: they are numbers within libcurl's bounds.
    (void)http->curl->multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)PS_HTTP_HOST_CONNECTIONS_MAX);
    *out = http;
    return PS_OK;
}

void ps_http_bound_connections(ps_http *http, unsigned count)
{
    (void)http->curl->multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)count); // as above
}

void ps_http_close(ps_http *http)
{
    if (http == NULL) return;
    const ps_curl *curl = http->curl;
    for (call *c = http->running; c != NULL; c = c->next)
        (void)curl->multi_remove_handle(http->multi, c->easy); // of a handle that is in it: cannot fail
    free_calls(http->running);
    free_calls(http->resting);
    (void)curl->multi_cleanup(http->multi); // nothing is left in it
    curl->global_cleanup();
    ps_memory_free(http);
}

static size_t take_body(char *bytes, size_t one, size_t len, void *context)
{
    call *c = context;

    (void)one; // always 1
    ps_buf_add(&c->body, bytes, len);
    if (c->body.over_max) c->too_large = true;
    return c->body.failed ? 0 : len;
}

static size_t take_header(char *bytes, size_t one, size_t len, void *context)
{
    call *c = context;

    (void)bytes; // libcurl keeps them, see ps_http_reply_header()
    (void)one; // always 1
    c->headers_bytes += len;
    if (c->headers_bytes > PS_HTTP_HEADERS_BYTES_MAX) c->too_large = true;
    return c->too_large ? 0 : len;
}

static bool add_header(call *c, const ps_http_header *header)
{
    ps_buf line;
    struct curl_slist *list = NULL;

    ps_buf_init(&line, PS_HTTP_HEADERS_BYTES_MAX);
    (void)ps_buf_extend(&line, strlen(header->name) + header->value.len + 3); // all at once: growing leaves copies
    ps_buf_clear(&line);
    ps_buf_add_format(&line, "%s: ", header->name);
    ps_buf_add_span(&line, header->value);
    if (!line.failed) list = c->http->curl->slist_append(c->headers, ps_buf_text(&line));
    if (line.bytes != NULL) explicit_bzero(line.bytes, line.capacity);
    ps_buf_done(&line);
    if (list != NULL) c->headers = list;
    return list != NULL;
}

static bool add_headers(call *c, const ps_http_request *request)
{
    static const ps_http_header no_waiting = {"Expect", {"", 0}}; // `Expect:` keeps libcurl from asking first
    bool added = add_header(c, &no_waiting);

    for (size_t i = 0; added && i < request->headers_count; i++)
        added = add_header(c, &request->headers[i]);
    return added;
}

// Failures add up, so that one look at the end is enough.
#define SET(option, value) (failed |= c->http->curl->easy_setopt(c->easy, option, value) != CURLE_OK)

static bool set_safety(call *c, const ps_http_request *request)
{
    bool failed = false, loopback = ps_http_is_loopback(request->url);

    SET(CURLOPT_PROTOCOLS_STR, loopback ? "https,http" : "https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    if (request->ca_file != NULL) SET(CURLOPT_CAINFO, request->ca_file); // the system's folder of them stays
    SET(CURLOPT_PROXY, request->proxy == NULL ? "" : request->proxy); // "": also not the environment's
    SET(CURLOPT_NOPROXY, ""); // nor its exceptions
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    return !failed;
}

static bool set_limits(call *c, const ps_http_request *request)
{
    bool failed = false;

    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)PS_HTTP_CONNECT_MS);
    SET(CURLOPT_TIMEOUT_MS, (long)(request->timeout_ms == 0 ? PS_HTTP_REQUEST_MS : request->timeout_ms));
    SET(CURLOPT_LOW_SPEED_LIMIT, (long)PS_HTTP_SLOW_BYTES_S);
    SET(CURLOPT_LOW_SPEED_TIME, (long)PS_HTTP_SLOW_S);
    return !failed;
}

static bool set_request(call *c, const ps_http_request *request)
{
    bool failed = false;

    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_PIPEWAIT, request->multiplex ? 1L : 0L);
    SET(CURLOPT_PATH_AS_IS, 1L); // it is signed as it stands
    SET(CURLOPT_HTTPHEADER, c->headers);
    SET(CURLOPT_ACCEPT_ENCODING, ""); // whatever libcurl can unpack
    SET(CURLOPT_USERAGENT, "presend/" PS_VERSION);
    bool post = strcmp(request->method, "POST") == 0;
    if (post || request->body.len > 0) {
        failed |= c->sent.failed;
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        SET(CURLOPT_POSTFIELDS, request->body.len == 0 ? "" : c->sent.bytes); // not copied: it may hold a key
    }
    if (!post && strcmp(request->method, "GET") != 0) SET(CURLOPT_CUSTOMREQUEST, request->method);
    return !failed;
}

static bool set_callbacks(call *c)
{
    bool failed = false;

    SET(CURLOPT_PRIVATE, (void *)c);
    SET(CURLOPT_ERRORBUFFER, c->curl_problem);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, (void *)c);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, (void *)c);
    return !failed;
}

// One that rests, or a new one.
static call *take_call(ps_http *http, ps_error *err)
{
    call *c = http->resting;

    if (c != NULL) {
        http->resting = c->next;
        return c;
    }
    c = ps_memory_new(1, sizeof *c, err);
    if (c == NULL) return NULL;
    c->http = http;
    c->easy = http->curl->easy_init();
    ps_buf_init(&c->sent, PS_HTTP_REPLY_BYTES_MAX);
    if (c->easy != NULL) return c;
    ps_memory_free(c);
    (void)no_memory(err); // the caller returns it
    return NULL;
}

static void rest(call *c)
{
    const ps_curl *curl = c->http->curl;

    // Also clears what libcurl holds of the request; the connection stays with the multi handle.
    curl->easy_reset(c->easy);
    free_headers(curl, c->headers);
    c->headers = NULL;
    if (c->sent.bytes != NULL) explicit_bzero(c->sent.bytes, c->sent.capacity);
    ps_buf_clear(&c->sent);
    c->next = c->http->resting;
    c->http->resting = c;
}

ps_status ps_http_start(ps_http *http, const ps_http_request *request, ps_error *err)
{
    call *c = take_call(http, err);

    if (c == NULL) return PS_RETRY;
    size_t bytes_max = request->reply_bytes_max == 0 ? PS_HTTP_REPLY_BYTES_MAX : request->reply_bytes_max;
    if (c->body.bytes == NULL) ps_buf_init(&c->body, bytes_max);
    ps_buf_clear(&c->body);
    ps_buf_add_span(&c->sent, request->body);
    c->body.max = bytes_max;
    c->headers_bytes = 0;
    c->too_large = false;
    c->curl_problem[0] = c->problem[0] = '\0';
    c->done = request->done;
    c->context = request->context;
    bool ready = add_headers(c, request) && set_callbacks(c) && set_request(c, request) && set_limits(c, request) &&
                 set_safety(c, request);
    if (!ready || http->curl->multi_add_handle(http->multi, c->easy) != CURLM_OK) {
        rest(c);
        return no_memory(err);
    }
    c->next = http->running;
    http->running = c;
    http->running_count++;
    return PS_OK;
}

size_t ps_http_running(const ps_http *http)
{
    return http->running_count;
}

// libcurl's codes that say more than "unreachable", which the rest is.
static const struct {
    CURLcode code;
    ps_http_outcome outcome;
} outcomes[] = {
    {CURLE_OK, PS_HTTP_REPLIED},
    {CURLE_OPERATION_TIMEDOUT, PS_HTTP_TIMEOUT},
    {CURLE_PARTIAL_FILE, PS_HTTP_CUT},
    {CURLE_BAD_CONTENT_ENCODING, PS_HTTP_CUT},
    {CURLE_WEIRD_SERVER_REPLY, PS_HTTP_CUT},
    {CURLE_HTTP2, PS_HTTP_CUT},
    {CURLE_HTTP2_STREAM, PS_HTTP_CUT},
    {CURLE_SSL_CONNECT_ERROR, PS_HTTP_UNTRUSTED},
    {CURLE_PEER_FAILED_VERIFICATION, PS_HTTP_UNTRUSTED},
    {CURLE_SSL_CACERT_BADFILE, PS_HTTP_UNTRUSTED},
    {CURLE_SSL_INVALIDCERTSTATUS, PS_HTTP_UNTRUSTED},
    {CURLE_SSL_ISSUER_ERROR, PS_HTTP_UNTRUSTED},
    {CURLE_SSL_CIPHER, PS_HTTP_UNTRUSTED},
    {CURLE_UNSUPPORTED_PROTOCOL, PS_HTTP_REFUSED},
    {CURLE_URL_MALFORMAT, PS_HTTP_REFUSED},
    {CURLE_OUT_OF_MEMORY, PS_HTTP_NO_MEMORY},
    {CURLE_WRITE_ERROR, PS_HTTP_NO_MEMORY},
};

static ps_http_outcome outcome_of(const call *c, CURLcode code)
{
    long os_error = 0;

    if (c->too_large) return PS_HTTP_TOO_LARGE;
    // A connection that ends while TLS is set up is an outage, not a certificate that is wrong.
    (void)c->http->curl->easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os_error); // stays 0 when not known
    if (code == CURLE_SSL_CONNECT_ERROR && os_error != 0) return PS_HTTP_UNREACHABLE;
    for (size_t i = 0; i < PS_COUNT_OF(outcomes); i++) {
        if (outcomes[i].code == code) return outcomes[i].outcome;
    }
    return PS_HTTP_UNREACHABLE;
}

static void say_problem(call *c, CURLcode code)
{
    ps_buf text;

    ps_buf_init(&text, PS_HTTP_PROBLEM_SIZE - 1);
    const char *said = c->curl_problem[0] != '\0' ? c->curl_problem : c->http->curl->easy_strerror(code);
    ps_add_visible(&text, (ps_span){said, strnlen(said, (PS_HTTP_PROBLEM_SIZE - 1) / 4)}); // \x.. takes four
    memcpy(c->problem, ps_buf_text(&text), text.len + 1);
    ps_buf_done(&text);
}

static void finish(call *c, CURLcode code)
{
    ps_http *http = c->http;
    const ps_curl *curl = http->curl;
    ps_http_reply reply = {.outcome = outcome_of(c, code), .problem = c->problem, .handle = c->easy};
    long status = 0, version = 0, port = 0;
    curl_off_t received = 0;
    call **link = &http->running;

    // They are kept for every transfer.
    (void)curl->easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl->easy_getinfo(c->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
    (void)curl->easy_getinfo(c->easy, CURLINFO_HTTP_VERSION, &version);
    (void)curl->easy_getinfo(c->easy, CURLINFO_LOCAL_PORT, &port);
    (void)curl->easy_getinfo(c->easy, CURLINFO_PRIMARY_IP, &reply.peer);
    (void)curl->multi_remove_handle(http->multi, c->easy); // it is in it
    reply.status = (int)status;
    reply.port = (uint16_t)port;
    reply.multiplexed = version >= CURL_HTTP_VERSION_2_0;
    reply.received_bytes = (uint64_t)received;
    reply.body = ps_buf_span(&c->body);
    if (reply.outcome != PS_HTTP_REPLIED) say_problem(c, code);
    while (*link != c)
        link = &(*link)->next;
    *link = c->next;
    http->running_count--;
    c->done(c->context, &reply);
    rest(c);
}

ps_status ps_http_wait(ps_http *http, uint32_t timeout_ms, ps_error *err)
{
    const ps_curl *curl = http->curl;
    int running = 0, left = 0;
    CURLMcode code = curl->multi_perform(http->multi, &running);

    if (code == CURLM_OK && running == (int)http->running_count)
        code = curl->multi_poll(http->multi, NULL, 0, (int)timeout_ms, NULL);
    if (code == CURLM_OK) code = curl->multi_perform(http->multi, &running);
    if (code != CURLM_OK)
        return ps_error_set(err, PS_RETRY, "HTTP requests cannot go on: %s.", curl->multi_strerror(code));
    for (CURLMsg *message; (message = curl->multi_info_read(http->multi, &left)) != NULL;) {
        call *c = NULL;
        CURLcode result = message->data.result;
        if (message->msg != CURLMSG_DONE) continue;
        (void)curl->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&c); // was set at the start
        finish(c, result);
    }
    return PS_OK;
}

const char *ps_http_reply_header(const ps_http_reply *reply, const char *name)
{
    struct curl_header *header = NULL;
    const ps_curl *curl = NULL;

    if (reply->handle == NULL || ps_curl_load(&curl, NULL) != PS_OK) return NULL; // a handle is of nothing else
    if (curl->easy_header(reply->handle, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK) return NULL;
    size_t last = header->amount - 1;
    return curl->easy_header(reply->handle, name, last, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value : NULL;
}

bool ps_http_can_retry(const ps_http_reply *reply)
{
    static const int statuses[] = {408, 425, 429, 500, 502, 503, 504};

    if (reply->outcome == PS_HTTP_UNREACHABLE || reply->outcome == PS_HTTP_TIMEOUT || reply->outcome == PS_HTTP_CUT)
        return true;
    for (size_t i = 0; reply->outcome == PS_HTTP_REPLIED && i < PS_COUNT_OF(statuses); i++) {
        if (reply->status == statuses[i]) return true;
    }
    return false;
}
