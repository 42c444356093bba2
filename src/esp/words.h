#ifndef PS_ESP_WORDS_H
#define PS_ESP_WORDS_H

// What words in a file's columns, and in its name, say about why an address is on a list.

#include <stdbool.h>

#include "presend/job.h"
#include "presend/span.h"

enum { PS_WORD_BYTES_MAX = 64 }; // no class word or column name is longer

// A word or column name for comparison: trimmed, ASCII lower case, without blanks, quotes, `_`, `-` and a BOM. False
// when it is longer than any that is known.
bool ps_word_fold(ps_span text, char out[PS_WORD_BYTES_MAX + 1]);

bool ps_word_is_blank(ps_span text);

// Of folded words; nearly all differ in their first byte, and tables of them are gone through for every entry.
static inline bool ps_word_same(const char *a, const char *b)
{
    return a[0] == b[0] && strcmp(a, b) == 0;
}

// The class that a cell such as `Hard Bounce` or `配信停止` names. `*out_vague`: it says `bounce` and leaves open of
// what kind.
bool ps_word_class(ps_span text, ps_class *out, bool *out_vague);

// The list that a file's name points to, such as sg_bounces.csv; false when it points to none or to more than one.
typedef struct ps_word_hint {
    ps_class class;
    const char *list;
} ps_word_hint;
bool ps_word_file_hint(const char *file, ps_word_hint *out);

#endif
