#ifndef PS_ESP_FORM_MEMO_H
#define PS_ESP_FORM_MEMO_H

// What the words of a record came to: a list of a million entries says a handful of things, and reading one of them
// takes longer than all else in its record. What is kept is a function of the words alone.

#include "esp/form.h"

enum {
    PS_FORM_MEMO_SLOTS = 64, // a list has a handful of reasons, or as many as mail servers have wordings
    PS_FORM_MEMO_BYTES = 120, // longer texts are read each time
};

typedef struct ps_form_memo {
    size_t late; // the slot of the latest record: most say the same again
    struct ps_form_kept {
        ps_class class;
        uint32_t len; // and 1; 0: nothing is kept here
        char said[PS_FORM_MEMO_BYTES];
    } slots[PS_FORM_MEMO_SLOTS];
} ps_form_memo; // zeroed, it is empty; one for each set of `slots`

// ps_form_class() of the words.
ps_class ps_form_memo_class(ps_form_memo *memo, const ps_form_slots *slots, const ps_span *words);

#endif
