#ifndef PS_TABLE_HEADER_H
#define PS_TABLE_HEADER_H

// Which column is what: a header proposes, the content confirms.

#include "table/reader.h"

// Fill layout->mapped of a recipient file from the synonym table, the sample and what the job declares.
//
// PS_INPUT (layout->bad): no or two columns that could be the address, a declared column that is not there or stands
// twice, two columns for one date or for the opt-in, a name that begins with `presend_`, a flag column whose words are
// not understood; no or two id columns where rows are joined by it. Each message lists the headers found, and the hint
// is the line to add to the job file.
ps_status ps_header_map(const ps_recipients *recipients, ps_reader *reader, ps_error *err);

// A header folded for comparison: NFKC, lower case, without blanks _ - . / ( ) and brackets.
ps_span ps_header_fold(ps_span name, ps_arena *arena);

// The meaning of flag and status words (after folding), in English and Japanese.
typedef enum ps_word {
    PS_WORD_BLANK,
    PS_WORD_TRUE,
    PS_WORD_FALSE,
    PS_WORD_STOP,
    PS_WORD_PENDING,
    PS_WORD_OTHER
} ps_word;
ps_word ps_flag_word(ps_span text); // BLANK TRUE FALSE OTHER
ps_word ps_status_column_word(ps_span text); // BLANK STOP PENDING OTHER
ps_word ps_consent_word(ps_span text); // BLANK: nobody knows of a source; FALSE: there is no consent; OTHER: a source

#endif
