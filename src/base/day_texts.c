#include "base/day_texts.h"

char *ps_put_new_day(ps_day_texts *texts, char *out, ps_day day)
{
    struct ps_day_known *known = &texts->known[(uint32_t)day % PS_DAY_TEXTS];
    char *end = ps_put_day(out, day);

    if (end - out != PS_DAY_TEXT_LEN) return end; // no text
    known->day = day;
    memcpy(known->text, out, PS_DAY_TEXT_LEN);
    return end;
}
