#include "base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_BYTES = 64 };

void ps_buf_init(ps_buf *buf, size_t max)
{
    *buf = (ps_buf){.max = max};
}

void ps_buf_done(ps_buf *buf)
{
    ps_memory_free(buf->bytes);
    *buf = (ps_buf){.max = buf->max};
}

void ps_buf_clear(ps_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    buf->over_max = false;
}

// Room for `len` more bytes and a NUL, which every text has place for at any time.
static bool reserve(ps_buf *buf, size_t len)
{
    if (buf->failed) return false;
    if (len > buf->max - buf->len || len >= SIZE_MAX - buf->len) {
        buf->failed = true;
        buf->over_max = true;
        return false;
    }
    size_t want = buf->len + len + 1;
    if (want < FIRST_BYTES) want = FIRST_BYTES;
    if (want <= buf->capacity) return true;
    // The error is not lost: `failed` without `over_max` is told as lack of memory by ps_buf_status.
    buf->failed = ps_memory_grow((void **)&buf->bytes, &buf->capacity, want, 1, NULL) != PS_OK;
    return !buf->failed;
}

char *ps_buf_extend(ps_buf *buf, size_t len)
{
    if (!reserve(buf, len)) return NULL;

    char *end = buf->bytes + buf->len;
    buf->len += len;
    return end;
}

void ps_buf_add_number(ps_buf *buf, uint64_t number)
{
    // Two digits a division: each waits for the one before.
    static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    char digits[20]; // of 2^64 - 1
    size_t at = sizeof digits;
    uint64_t left = number;

    for (; left >= 10; left /= 100) {
        const char *pair = pairs + 2 * (left % 100);
        digits[--at] = pair[1];
        digits[--at] = pair[0];
    }
    if (left > 0 || at == sizeof digits) digits[--at] = (char)('0' + left);
    ps_buf_add(buf, digits + at, sizeof digits - at);
}

void ps_buf_add_format(ps_buf *buf, const char *format, ...)
{
    va_list list, again;

    va_start(list, format);
    va_copy(again, list);
    int len = vsnprintf(NULL, 0, format, list);
    assert(len >= 0); // only a wrong format fails
    char *end = ps_buf_extend(buf, (size_t)len);
    if (end != NULL) vsnprintf(end, (size_t)len + 1, format, again); // the NUL's place is always reserved
    va_end(again);
    va_end(list);
}

const char *ps_buf_text(ps_buf *buf)
{
    if (buf->failed || buf->len == 0) return "";
    buf->bytes[buf->len] = '\0';
    return buf->bytes;
}

ps_status ps_buf_status(const ps_buf *buf, const char *what, ps_error *err)
{
    if (!buf->failed) return PS_OK;
    if (buf->over_max) {
        return ps_error_set(err, PS_BUG, "%s would be longer than its limit of %zu bytes.", what, buf->max);
    }
    return ps_error_set(err, PS_RETRY, "There is not enough memory for %s.", what);
}
