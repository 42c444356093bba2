#ifndef PS_TABLE_WHY_TEXTS_H
#define PS_TABLE_WHY_TEXTS_H

// Cells that say why a row is taken out, as they were written before: a batch has a hundred sets of findings, most of
// them those of the batch before, and sorting and naming one takes as long as writing ten rows.

#include "presend/reason.h"

enum { PS_WHY_TEXT_BITS = 9, PS_WHY_TEXT_MAX = 109 };

// A zeroed one knows none yet.
typedef struct ps_why_texts {
    struct ps_why_text {
        ps_findings findings;
        uint8_t reason, len; // no bytes: not known
        char delimiter;
        char text[PS_WHY_TEXT_MAX];
    } known[1 << PS_WHY_TEXT_BITS]; // by a few bits of the findings
} ps_why_texts;

#endif
