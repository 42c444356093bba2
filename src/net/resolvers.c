#include "net/resolvers.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "net/http.h"

enum { SYSTEM_MAX = 3, LINE_MAX_BYTES = 256 }; // MAXNS of resolv.h

static ps_status not_an_address(const char *text, ps_error *err)
{
    ps_buf shown;

    ps_buf_init(&shown, PS_ERROR_TEXT_MAX);
    ps_add_visible(&shown, ps_span_of(text));
    ps_error_set(err, PS_CONFIG, "The resolver '%s' is not an IP address.", ps_buf_text(&shown));
    ps_error_hint(err, "Write addresses, with a port where it is not 53: "
                       "mx: {resolvers: [9.9.9.9, \"127.0.0.1:5353\", \"[2620:fe::fe]:53\"]}, or resolvers: system.");
    ps_buf_done(&shown);
    return PS_CONFIG;
}

static ps_status take_from_job(const ps_job *job, ps_endpoint out[PS_UPSTREAMS_MAX], ps_error *err)
{
    if (job->resolvers_count > PS_UPSTREAMS_MAX) {
        ps_error_set(err, PS_CONFIG, "The job names %zu resolvers; the limit is %d.", job->resolvers_count,
                     PS_UPSTREAMS_MAX);
        ps_error_hint(err, "Two or three are enough: a second one confirms what the first one says.");
        return PS_CONFIG;
    }
    for (size_t i = 0; i < job->resolvers_count; i++) {
        if (!ps_endpoint_parse(job->resolvers[i], &out[i])) return not_an_address(job->resolvers[i], err);
    }
    return PS_OK;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

// The address of a `nameserver` line; what follows it is a comment.
static bool take_line(ps_span line, ps_endpoint *out)
{
    static const char keyword[] = "nameserver";
    size_t start = sizeof keyword - 1, end;
    char address[LINE_MAX_BYTES];

    if (line.len <= start || memcmp(line.bytes, keyword, start) != 0 || !is_blank(line.bytes[start])) return false;
    while (start < line.len && is_blank(line.bytes[start])) {
        start++;
    }
    for (end = start; end < line.len && !is_blank(line.bytes[end]); end++) {
    }
    if (end - start >= sizeof address) return false;
    memcpy(address, line.bytes + start, end - start);
    address[end - start] = '\0';
    // The file knows no ports: an address with one is none, as for the C library.
    const char *colon = strchr(address, ':');
    bool has_port = address[0] == '[' || (colon != NULL && strchr(colon + 1, ':') == NULL);
    return !has_port && ps_endpoint_parse(address, out);
}

static size_t take_lines(ps_span text, ps_endpoint out[PS_UPSTREAMS_MAX])
{
    size_t count = 0, start = 0;

    for (size_t i = 0; i <= text.len && count < SYSTEM_MAX; i++) {
        if (i < text.len && text.bytes[i] != '\n') continue;
        size_t len = i - start;
        if (len > 0 && text.bytes[i - 1] == '\r') len--;
        count += take_line((ps_span){text.bytes + start, len}, &out[count]);
        start = i + 1;
    }
    return count;
}

static ps_status take_from_system(const char *path, ps_endpoint out[PS_UPSTREAMS_MAX], size_t *out_count, ps_error *err)
{
    ps_buf text;
    size_t count = 0;
    ps_error ignored; // a file that cannot be read names no resolver, and that is what the message says

    ps_buf_init(&text, PS_CONFIG_BYTES_MAX);
    if (ps_file_load(path, PS_MISSING, &text, &ignored) == PS_OK) count = take_lines(ps_buf_span(&text), out);
    ps_buf_done(&text);
    if (count == 0) {
        ps_error_set(err, PS_RETRY, "No DNS resolver is known: %s names none.", path);
        ps_error_hint(err, "Name one in the job file, mx: {resolvers: [ADDRESS]}, or go without DNS: mx: {mode: off}.");
        return PS_RETRY;
    }
    *out_count = count;
    return PS_OK;
}

// What follows the host is the user's affair: it may name an account.
static ps_status take_doh(const char *url, ps_endpoint *out, ps_error *err)
{
    const char *host = strstr(url, "://");
    size_t len = host == NULL ? 0 : (size_t)(host - url) + 3;

    len += strcspn(url + len, "/?");
    if (!ps_http_is_askable(url) || len >= sizeof out->text) {
        ps_error_set(err, PS_CONFIG, "The DNS-over-HTTPS resolver is no URL that can be asked.");
        ps_error_hint(err, "Write it whole, as its operator gives it: mx: {doh: \"https://dns.example/dns-query\"}; "
                           "plain http is for this machine only.");
        return PS_CONFIG;
    }
    // The address of a name is not known here. Whose it is says how fast it may be asked, where that can be seen.
    ps_endpoint shown = {0};
    memcpy(shown.text, url, len);
    *out = shown;
    const char *address = ps_http_is_loopback(url) ? "127.0.0.1" : shown.text + (host - url) + 3;
    if (!ps_endpoint_parse(address, out)) *out = shown;
    memcpy(out->text, shown.text, sizeof out->text);
    out->url = url;
    return PS_OK;
}

ps_status ps_resolvers_find(const ps_job *job, const char *resolv_conf, ps_endpoint out[PS_UPSTREAMS_MAX],
                            size_t *out_count, ps_error *err)
{
    if (job->mx_doh != NULL) {
        *out_count = 1;
        return take_doh(job->mx_doh, &out[0], err);
    }
    if (job->resolvers_count == 0) return take_from_system(resolv_conf, out, out_count, err);
    ps_status status = take_from_job(job, out, err);
    if (status == PS_OK) *out_count = job->resolvers_count;
    return status;
}
