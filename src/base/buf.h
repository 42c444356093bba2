#ifndef PS_BASE_BUF_H
#define PS_BASE_BUF_H

// Growing bytes with a ceiling. A failed append makes the buffer `failed` and all later ones do nothing, so callers
// check once.

#include <stdbool.h>
#include <stdint.h>

#include "presend/span.h"
#include "presend/status.h"

typedef struct ps_buf {
    char *bytes;
    size_t len, capacity;
    size_t max; // ceiling in bytes
    bool failed; // out of memory or over the ceiling
    bool over_max; // failed, and the ceiling is why
} ps_buf;

void ps_buf_init(ps_buf *buf, size_t max);
void ps_buf_done(ps_buf *buf); // frees; a zeroed buf is fine
void ps_buf_clear(ps_buf *buf); // keeps the memory; forgets `failed`
void ps_buf_add_number(ps_buf *buf, uint64_t number); // in decimal
void ps_buf_add_format(ps_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

// `len` writable bytes at the end, counted as added; NULL when the buffer failed.
char *ps_buf_extend(ps_buf *buf, size_t len);

// Whether `len` more bytes and a NUL fit without growing, as nearly always.
static inline bool ps_buf_fits(const ps_buf *buf, size_t len)
{
    return !buf->failed && len < buf->capacity - buf->len && len <= buf->max - buf->len;
}

// Room for `len` bytes at the end, of which none is counted yet: write up to so many, then say where they end. One look
// at the capacity is enough for all that a row adds. NULL when the buffer failed.
char *ps_buf_make_room(ps_buf *buf, size_t len);

static inline char *ps_buf_room(ps_buf *buf, size_t len)
{
    return ps_buf_fits(buf, len) ? buf->bytes + buf->len : ps_buf_make_room(buf, len);
}

static inline void ps_buf_end(ps_buf *buf, const char *end)
{
    buf->len = (size_t)(end - buf->bytes);
}

// For writing there: each gives the end of what it wrote.
static inline char *ps_put_span(char *at, ps_span span)
{
    if (span.len > 0) memcpy(at, span.bytes, span.len);
    return at + span.len;
}

static inline char *ps_put_text(char *at, const char *text)
{
    return ps_put_span(at, (ps_span){text, strlen(text)}); // inline: most lengths are known to the compiler
}

static inline void ps_buf_add(ps_buf *buf, const void *bytes, size_t len)
{
    char *end = buf->bytes == NULL ? NULL : buf->bytes + buf->len;

    if (ps_buf_fits(buf, len)) {
        buf->len += len;
    } else {
        end = ps_buf_extend(buf, len);
    }
    if (end != NULL && len > 0) memcpy(end, bytes, len);
}

static inline void ps_buf_add_span(ps_buf *buf, ps_span span)
{
    ps_buf_add(buf, span.bytes, span.len);
}

static inline void ps_buf_add_text(ps_buf *buf, const char *text)
{
    ps_buf_add(buf, text, strlen(text)); // inline: most lengths are known to the compiler
}

static inline void ps_buf_add_char(ps_buf *buf, char c)
{
    ps_buf_add(buf, &c, 1);
}

// The content, borrowed until the next change.
static inline ps_span ps_buf_span(const ps_buf *buf)
{
    return (ps_span){buf->bytes, buf->len};
}

// The content with a NUL after it (not counted); "" when empty or failed.
const char *ps_buf_text(ps_buf *buf);

// PS_OK, or PS_RETRY with "not enough memory" or PS_BUG with the ceiling when the buffer failed. `what` names its
// content.
ps_status ps_buf_status(const ps_buf *buf, const char *what, ps_error *err);

#endif
