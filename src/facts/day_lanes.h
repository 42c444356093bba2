// Days of PS_LANES_BYTES / 4 people at once, and what is asked of them: the answers are `yeses`. Included by
// facts/engagement_lanes.h.

#include <string.h>

#include "facts/engagement_block.h"

// Nothing of this is left as a function, so no vector is ever passed to one.
#pragma GCC diagnostic ignored "-Wpsabi"
#define LANES PS_LANES_TARGET static inline __attribute__((always_inline)) lanes
#define YESES PS_LANES_TARGET static inline __attribute__((always_inline)) yeses

typedef int32_t lanes __attribute__((vector_size(PS_LANES_BYTES)));
enum { LANES_COUNT = PS_LANES_BYTES / 4 };
typedef uint8_t narrow_lanes __attribute__((vector_size(LANES_COUNT))); // of small numbers

LANES all_of(int32_t value)
{
    return value - (lanes){0};
}

#if PS_LANES_BYTES == 64 // of which gcc 12 would compare lane by lane: a bit for each

typedef uint32_t yeses; // what stands above the lanes has no meaning

YESES is_after(lanes a, lanes b)
{
    return _mm512_cmpgt_epi32_mask((__m512i)a, (__m512i)b);
}

YESES is_same(lanes a, lanes b)
{
    return _mm512_cmpeq_epi32_mask((__m512i)a, (__m512i)b);
}

LANES select_lanes(yeses yes, lanes a, lanes b)
{
    return (lanes)_mm512_mask_mov_epi32((__m512i)b, (__mmask16)yes, (__m512i)a);
}

YESES all_yes(bool yes)
{
    return -(uint32_t)yes;
}

LANES later(lanes a, lanes b)
{
    return (lanes)_mm512_max_epi32((__m512i)a, (__m512i)b);
}

#else // a yes has all bits of its lane set, a no none

typedef lanes yeses;

YESES is_after(lanes a, lanes b)
{
    return a > b;
}

YESES is_same(lanes a, lanes b)
{
    return a == b;
}

LANES select_lanes(yeses yes, lanes a, lanes b)
{
    return (yes & a) | (~yes & b);
}

YESES all_yes(bool yes)
{
    return all_of(-(int32_t)yes);
}

LANES later(lanes a, lanes b)
{
    return select_lanes(a > b, a, b);
}

#endif

YESES is_over(lanes days, int32_t limit)
{
    return is_after(days, all_of(limit));
}

YESES is_none(lanes day)
{
    return is_same(day, all_of(PS_DAY_NONE));
}

LANES earlier(lanes a, lanes b)
{
    lanes least = select_lanes(is_after(b, a), a, b);

    return select_lanes(is_none(least), later(a, b), least);
}

// From a day that is not known: -1. (It is taken for the one after, so that the difference is -1 and none too large.)
LANES days_since(ps_day as_of, lanes day)
{
    return as_of - select_lanes(is_none(day), all_of(as_of + 1), day);
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
