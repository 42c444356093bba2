#ifndef PS_MAIL_PLAIN_MARKS_H
#define PS_MAIL_PLAIN_MARKS_H

// The second half of the vector forms: from bits to what they say. Bit n is byte n of the cell.

#include <stdbool.h>

#include "mail/plain.h"

typedef struct ps_plain_marks {
    uint64_t at, dot, plus, upper, atext, high;
} ps_plain_marks;

// `len` bytes, beginning with `first`.
static inline ps_plain ps_plain_of_marks(ps_plain_marks marks, size_t len, char first)
{
    if (marks.at == 0) return (ps_plain){.local_len = 0};
    uint64_t at = marks.at & -marks.at, local = at - 1, dot = marks.dot & local;
    uint64_t edges = 1 | at >> 1;
    // Bytes that no plain local part has, dots at its ends, dots after dots.
    uint64_t bad = (local & ~(marks.atext | dot)) | (dot & edges) | (dot & dot << 1);
    uint32_t local_len = (uint32_t)__builtin_ctzll(at);

    if (bad != 0 || local_len + 1 == len || first == '\'' || first == '{') return (ps_plain){.local_len = 0};
    uint32_t found = ((marks.upper & local) != 0 ? PS_PLAIN_UPPER : 0U) | (dot != 0 ? PS_PLAIN_DOT : 0U) |
                     ((marks.plus & local) != 0 ? PS_PLAIN_PLUS : 0U);
    // Of other characters than ASCII, case may be more than case.
    bool host_upper = (marks.upper & ~local) != 0 && (marks.high & ~local) == 0;
    return (ps_plain){local_len, found | PS_PLAIN_ANY | (host_upper ? PS_PLAIN_HOST_UPPER : 0U)};
}

#endif
