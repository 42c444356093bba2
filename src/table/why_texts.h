#ifndef PS_TABLE_WHY_TEXTS_H
#define PS_TABLE_WHY_TEXTS_H

// Cells that say why a row is taken out, as they were written before: a batch has a hundred sets of findings, most of
// them those of the batch before, and sorting and naming one takes as long as writing ten rows. And what the detail
// says of a win-back in course: mails of a few hundred days are waited for.

#include "base/clock.h"
#include "presend/reason.h"

enum { PS_WHY_TEXT_BITS = 11, PS_WHY_TEXT_MAX = 109, PS_WAIT_TEXTS = 512, PS_WAIT_TEXT_MAX = 64 };

// A zeroed one knows none yet. All of one job.
typedef struct ps_why_texts {
    struct ps_why_text {
        ps_findings findings;
        uint8_t reason, len; // no bytes: not known
        char delimiter;
        char text[PS_WHY_TEXT_MAX];
    } known[1 << PS_WHY_TEXT_BITS]; // by a few bits of the findings
    struct ps_wait_text {
        ps_day winback_at, reply_by;
        uint32_t len; // no bytes: not known
        char text[PS_WAIT_TEXT_MAX];
    } waits[PS_WAIT_TEXTS]; // by the last bits of the day of the mail
} ps_why_texts;

#endif
