#include "esp/sigv4.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/digest.h"
#include "base/hmac.h"
#include "base/limits.h"
#include "base/text.h"
#include "net/http.h"

enum { QUERY_BYTES_MAX = 64 << 10, CANONICAL_BYTES_MAX = 1 << 20 };

void ps_sigv4_time(int64_t seconds, char out[PS_SIGV4_TIME_SIZE])
{
    time_t time = (time_t)seconds;
    struct tm parts;

    if (gmtime_r(&time, &parts) == NULL || strftime(out, PS_SIGV4_TIME_SIZE, "%Y%m%dT%H%M%SZ", &parts) == 0)
        memcpy(out, "19700101T000000Z", PS_SIGV4_TIME_SIZE); // beyond the year 9999
}

// Decoded and encoded again, so that an escape is in the one form that is signed.
static void add_strict(ps_buf *out, ps_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.bytes[i];
        int high = c == '%' && i + 2 < text.len ? ps_hex_value(text.bytes[i + 1]) : -1;
        int low = high >= 0 ? ps_hex_value(text.bytes[i + 2]) : -1;
        if (low >= 0) {
            c = (char)(high * 16 + low);
            i += 2;
        }
        ps_http_add_encoded(out, (ps_span){&c, 1});
    }
}

// A name and a value in `bytes`, which moves when it grows: so by offset.
typedef struct part {
    const char *name;
    size_t name_at, name_len, value_at, value_len;
} part;

static int compare_parts(const void *a, const void *b)
{
    const part *left = a, *right = b;
    int order = ps_span_compare((ps_span){left->name + left->name_at, left->name_len},
                                (ps_span){right->name + right->name_at, right->name_len});

    if (order != 0) return order;
    return ps_span_compare((ps_span){left->name + left->value_at, left->value_len},
                           (ps_span){right->name + right->value_at, right->value_len});
}

static void add_part(ps_buf *bytes, ps_span text, part *out)
{
    const char *equals = memchr(text.bytes, '=', text.len);
    size_t name_len = equals == NULL ? text.len : (size_t)(equals - text.bytes);

    out->name_at = bytes->len;
    add_strict(bytes, (ps_span){text.bytes, name_len});
    out->name_len = bytes->len - out->name_at;
    out->value_at = bytes->len;
    if (equals != NULL) add_strict(bytes, (ps_span){equals + 1, text.len - name_len - 1});
    out->value_len = bytes->len - out->value_at;
}

static size_t split(const char *query, ps_buf *bytes, part parts[PS_SIGV4_PARTS_MAX])
{
    size_t count = 0;

    while (*query != '\0' && count < PS_SIGV4_PARTS_MAX) {
        size_t len = strcspn(query, "&");
        if (len > 0) add_part(bytes, (ps_span){query, len}, &parts[count++]);
        query += len + (query[len] == '&');
    }
    return *query == '\0' ? count : PS_SIGV4_PARTS_MAX + 1;
}

ps_status ps_sigv4_query(const char *query, ps_buf *out, ps_error *err)
{
    part parts[PS_SIGV4_PARTS_MAX];
    ps_buf bytes;

    ps_buf_init(&bytes, QUERY_BYTES_MAX);
    size_t count = split(query, &bytes, parts);
    ps_status status = ps_buf_status(&bytes, "the query of a request", err);
    if (status == PS_OK && count > PS_SIGV4_PARTS_MAX)
        status = ps_error_set(err, PS_BUG, "A query has more than %d parts.", PS_SIGV4_PARTS_MAX);
    if (status == PS_OK) {
        for (size_t i = 0; i < count; i++)
            parts[i].name = bytes.bytes;
        qsort(parts, count, sizeof *parts, compare_parts);
    }
    for (size_t i = 0; status == PS_OK && i < count; i++) {
        if (i > 0) ps_buf_add_char(out, '&');
        ps_buf_add(out, bytes.bytes + parts[i].name_at, parts[i].name_len);
        ps_buf_add_char(out, '=');
        ps_buf_add(out, bytes.bytes + parts[i].value_at, parts[i].value_len);
    }
    ps_buf_done(&bytes);
    return status;
}

static void add_path(ps_buf *out, const char *path)
{
    if (*path == '\0') ps_buf_add_char(out, '/');
    for (; *path != '\0'; path++) {
        if (*path == '/') {
            ps_buf_add_char(out, '/');
        } else {
            ps_http_add_encoded(out, (ps_span){path, 1});
        }
    }
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static int compare_names(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return (unsigned char)lower(*a) - (unsigned char)lower(*b);
}

// The headers' indices by name, those of one name in the order they are sent; there are few.
static void sort_headers(const ps_sigv4_request *request, size_t order[PS_SIGV4_PARTS_MAX])
{
    for (size_t i = 0; i < request->headers_count; i++) {
        size_t at = i;
        for (; at > 0 && compare_names(request->headers[order[at - 1]].name, request->headers[i].name) > 0; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

static void add_name(ps_buf *out, const char *name)
{
    for (; *name != '\0'; name++)
        ps_buf_add_char(out, lower(*name));
}

// Without blanks at its ends, and runs of them as one.
static void add_value(ps_buf *out, ps_span value)
{
    bool blank = false, any = false;

    for (size_t i = 0; i < value.len; i++) {
        char c = value.bytes[i];
        if (c == ' ' || c == '\t') {
            blank = true;
            continue;
        }
        if (blank && any) ps_buf_add_char(out, ' ');
        ps_buf_add_char(out, c);
        blank = false;
        any = true;
    }
}

// `values`: as the header lines of the canonical request; else only the names, as SignedHeaders has them.
static void add_headers(ps_buf *out, const ps_sigv4_request *request, bool values)
{
    size_t order[PS_SIGV4_PARTS_MAX];

    sort_headers(request, order);
    for (size_t i = 0; i < request->headers_count; i++) {
        const ps_sigv4_header *header = &request->headers[order[i]];
        bool same = i > 0 && compare_names(request->headers[order[i - 1]].name, header->name) == 0;
        if (same && !values) continue;
        if (i > 0 && !values) ps_buf_add_char(out, ';');
        if (i > 0 && values) ps_buf_add_char(out, same ? ',' : '\n');
        if (!same) add_name(out, header->name);
        if (!same && values) ps_buf_add_char(out, ':');
        if (values) add_value(out, header->value);
    }
    if (values) ps_buf_add_char(out, '\n');
}

ps_status ps_sigv4_canonical(const ps_sigv4_request *request, ps_buf *out, ps_error *err)
{
    char body[65];

    if (request->headers_count > PS_SIGV4_PARTS_MAX)
        return ps_error_set(err, PS_BUG, "A request has more than %d headers to sign.", PS_SIGV4_PARTS_MAX);
    ps_status status = ps_sha256_of(request->body, body, err);
    if (status != PS_OK) return status;
    ps_buf_add_format(out, "%s\n", request->method);
    add_path(out, request->path);
    ps_buf_add_char(out, '\n');
    status = ps_sigv4_query(request->query, out, err);
    ps_buf_add_char(out, '\n');
    add_headers(out, request, true);
    ps_buf_add_char(out, '\n');
    add_headers(out, request, false);
    ps_buf_add_format(out, "\n%s", body);
    return status == PS_OK ? ps_buf_status(out, "a request to sign", err) : status;
}

static ps_status hmac(ps_span key, ps_span text, unsigned char out[PS_HMAC_BYTES], ps_error *err)
{
    ps_hmac *hmac = NULL;
    ps_status status = ps_hmac_new(key.bytes, key.len, &hmac, err);

    if (status == PS_OK) status = ps_hmac_of(hmac, text, out, err);
    ps_hmac_free(hmac);
    return status;
}

// The key of a day, region and service, from the secret: each step's result is the next one's key.
static ps_status derive(const ps_sigv4_request *request, const ps_secret *secret, unsigned char out[PS_HMAC_BYTES],
                        ps_error *err)
{
    const ps_span steps[] = {
        {request->time, 8}, ps_span_of(request->region), ps_span_of(request->service), ps_span_of("aws4_request")};
    char first[4 + PS_SECRET_BYTES_MAX] = "AWS4";
    ps_span exposed = ps_secret_expose(secret), key = {first, 4 + exposed.len};
    unsigned char last[PS_HMAC_BYTES];
    ps_status status = PS_OK;

    memcpy(first + 4, exposed.bytes, exposed.len);
    for (size_t i = 0; status == PS_OK && i < PS_COUNT_OF(steps); i++) {
        status = hmac(key, steps[i], out, err);
        memcpy(last, out, sizeof last);
        key = (ps_span){(const char *)last, sizeof last};
    }
    explicit_bzero(first, sizeof first);
    explicit_bzero(last, sizeof last);
    return status;
}

static ps_status sign_text(const ps_sigv4_request *request, const ps_secret *secret, const char *scope, char out[65],
                           ps_error *err)
{
    unsigned char key[PS_HMAC_BYTES], signature[PS_HMAC_BYTES];
    char digest[65];
    ps_buf text;

    ps_buf_init(&text, CANONICAL_BYTES_MAX);
    ps_status status = ps_sigv4_canonical(request, &text, err);
    if (status == PS_OK) status = ps_sha256_of(ps_buf_span(&text), digest, err);
    ps_buf_clear(&text);
    if (status == PS_OK) ps_buf_add_format(&text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", request->time, scope, digest);
    if (status == PS_OK) status = derive(request, secret, key, err);
    if (status == PS_OK) status = hmac((ps_span){(char *)key, sizeof key}, ps_buf_span(&text), signature, err);
    for (size_t i = 0; status == PS_OK && i < sizeof signature; i++)
        snprintf(out + 2 * i, 3, "%02x", (unsigned)signature[i]);
    explicit_bzero(key, sizeof key);
    ps_buf_done(&text);
    return status;
}

ps_status ps_sigv4_sign(const ps_sigv4_request *request, const ps_secret *id, const ps_secret *secret, ps_buf *out,
                        ps_error *err)
{
    char signature[65] = "";
    ps_buf scope;

    ps_buf_init(&scope, QUERY_BYTES_MAX);
    ps_buf_add_format(&scope, "%.8s/%s/%s/aws4_request", request->time, request->region, request->service);
    ps_status status = sign_text(request, secret, ps_buf_text(&scope), signature, err);
    if (status == PS_OK) {
        ps_buf_add_text(out, "AWS4-HMAC-SHA256 Credential=");
        ps_buf_add_span(out, ps_secret_expose(id));
        ps_buf_add_char(out, '/');
        ps_buf_add_span(out, ps_buf_span(&scope));
        ps_buf_add_text(out, ", SignedHeaders=");
        add_headers(out, request, false);
        ps_buf_add_format(out, ", Signature=%s", signature);
        status = ps_buf_status(out, "a signature", err);
    }
    ps_buf_done(&scope);
    return status;
}
