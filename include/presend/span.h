#ifndef PRESEND_SPAN_H
#define PRESEND_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/** Borrowed bytes: neither owned nor NUL-terminated. Who lends them is said where a span is handed out. */
typedef struct ps_span {
    const char *bytes; /**< may be NULL when len is 0 */
    size_t len;
} ps_span;

/** A span over a string constant or any NUL-terminated text; NULL gives the empty span. */
static inline ps_span ps_span_of(const char *text)
{
    return (ps_span){text, text == NULL ? 0 : strlen(text)};
}

static inline bool ps_span_equal(ps_span a, ps_span b)
{
    return a.len == b.len && (a.len == 0 || a.bytes == b.bytes || memcmp(a.bytes, b.bytes, a.len) == 0);
}

/** Byte order, the shorter first where one begins the other; for sorting. */
static inline int ps_span_compare(ps_span a, ps_span b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.bytes, b.bytes, common);
    if (order != 0) return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

#define PS_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
