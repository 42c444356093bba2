#ifndef PS_ESP_SIGV4_H
#define PS_ESP_SIGV4_H

// AWS Signature Version 4. libcurl has a signer of its own, but up to 8.13 it signs neither an unsorted query nor a
// path with an address in it as AWS reads them, so that a removal would never be accepted.

#include "base/buf.h"
#include "base/secret.h"

enum { PS_SIGV4_TIME_SIZE = 17, PS_SIGV4_PARTS_MAX = 32 };

typedef struct ps_sigv4_header {
    const char *name;
    ps_span value;
} ps_sigv4_header;

typedef struct ps_sigv4_request {
    const char *method;
    const char *path; // exactly as it will be sent
    const char *query; // any order, `+` is a plus; "" for none
    const ps_sigv4_header *headers; // host, x-amz-date and what else is to be signed, in the order they are sent
    size_t headers_count;
    ps_span body;
    const char *region, *service;
    const char *time; // of ps_sigv4_time()
} ps_sigv4_request;

// YYYYMMDDTHHMMSSZ
void ps_sigv4_time(int64_t seconds, char out[PS_SIGV4_TIME_SIZE]);

// The query as it is signed, and so must be sent: sorted, strictly encoded. PS_BUG for more than PS_SIGV4_PARTS_MAX
// parts.
ps_status ps_sigv4_query(const char *query, ps_buf *out, ps_error *err);

// The canonical request; for tests, and for the signature.
ps_status ps_sigv4_canonical(const ps_sigv4_request *request, ps_buf *out, ps_error *err);

// The value of the header Authorization.
ps_status ps_sigv4_sign(const ps_sigv4_request *request, const ps_secret *id, const ps_secret *secret, ps_buf *out,
                        ps_error *err);

#endif
