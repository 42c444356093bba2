#ifndef PS_BASE_DAY_TEXTS_H
#define PS_BASE_DAY_TEXTS_H

// Texts of days that were written before: rows that wait for something wait for a few hundred days only, and working a
// text out takes ten times as long as copying it.

#include <stdint.h>
#include <string.h>

#include "base/clock.h"

enum { PS_DAY_TEXTS = 1024, PS_DAY_TEXT_LEN = PS_DAY_TEXT_SIZE - 1 };

// A zeroed one knows none yet.
typedef struct ps_day_texts {
    struct ps_day_known {
        ps_day day;
        char text[12]; // no NUL behind it; none: it begins with a NUL
    } known[PS_DAY_TEXTS]; // by the last bits of a day
} ps_day_texts;

// The long way, which remembers the text.
char *ps_put_new_day(ps_day_texts *texts, char *out, ps_day day);

// The same bytes as ps_put_day() writes, with the same room. `texts` may be NULL.
static inline char *ps_put_known_day(ps_day_texts *texts, char *out, ps_day day)
{
    if (texts == NULL) return ps_put_day(out, day);
    const struct ps_day_known *known = &texts->known[(uint32_t)day % PS_DAY_TEXTS];
    if (known->day != day || known->text[0] == '\0') return ps_put_new_day(texts, out, day);
    memcpy(out, known->text, PS_DAY_TEXT_LEN);
    return out + PS_DAY_TEXT_LEN;
}

#endif
