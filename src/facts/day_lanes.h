// Days of PS_LANES_BYTES / 4 people at once, and what is asked of them: a yes has all bits set, a no none. Included by
// facts/engagement_lanes.h.

#include <string.h>

#include "facts/engagement_block.h"

// Nothing of this is left as a function, so no vector is ever passed to one.
#pragma GCC diagnostic ignored "-Wpsabi"
#define LANES static inline __attribute__((always_inline)) lanes

typedef int32_t lanes __attribute__((vector_size(PS_LANES_BYTES)));
enum { LANES_COUNT = PS_LANES_BYTES / 4 };

LANES all_of(int32_t value)
{
    return value - (lanes){0};
}

LANES select_lanes(lanes yes, lanes a, lanes b)
{
    return (yes & a) | (~yes & b);
}

LANES later(lanes a, lanes b)
{
    return select_lanes(a > b, a, b);
}

LANES earlier(lanes a, lanes b)
{
    lanes least = select_lanes(a < b, a, b);

    return select_lanes(least == PS_DAY_NONE, later(a, b), least);
}

// From a day that is not known: -1. (It is taken for the one after, so that the difference is -1 and none too large.)
LANES days_since(ps_day as_of, lanes day)
{
    return as_of - select_lanes(day == PS_DAY_NONE, all_of(as_of + 1), day);
}

LANES day_of(const ps_engagement_block *block, ps_signal signal, size_t from)
{
    lanes day = all_of(PS_DAY_NONE);

    if (block->days[signal] != NULL) memcpy(&day, block->days[signal] + from, sizeof day);
    return day;
}

LANES latest(const ps_engagement_block *block, const ps_signal *which, size_t count, size_t from)
{
    lanes day = all_of(PS_DAY_NONE);

    for (size_t i = 0; i < count; i++) {
        if (block->days[which[i]] != NULL) day = later(day, day_of(block, which[i], from));
    }
    return day;
}
