#include "base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

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

char *ps_buf_make_room(ps_buf *buf, size_t len)
{
    return reserve(buf, len) ? buf->bytes + buf->len : NULL;
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
    char text[PS_NUMBER_SIZE];

    ps_buf_add(buf, text, (size_t)(ps_put_number(text, number) - text));
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
