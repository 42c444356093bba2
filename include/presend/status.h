#ifndef PRESEND_STATUS_H
#define PRESEND_STATUS_H

#include <stdarg.h>

/** Every way an operation can end; the table is status.def. A bad row is never a status: it is a finding. */
typedef enum ps_status {
#define PS_STATUS(symbol, exit_code, word, meaning) PS_##symbol,
#include "presend/status.def"
#undef PS_STATUS
    PS_STATUS_COUNT
} ps_status;

/** Longest message, hint or place that an error carries; longer text is cut at a character and ends in "...". */
#define PS_ERROR_TEXT_MAX 2048

/**
 * What went wrong, for a person. Untouched on success, so calls chain.
 *
 * `text` is one or more whole sentences: what, and why. `hint` is what to do about it, `where` the
 * file, line and column; both may be empty. None holds a secret; addresses in them are masked.
 */
typedef struct ps_error {
    ps_status status;
    char text[PS_ERROR_TEXT_MAX];
    char hint[PS_ERROR_TEXT_MAX];
    char where[512];
} ps_error;

/** The process exit code of a status (design: 0, 64 to 78, 130, 143). */
int ps_status_exit_code(ps_status status);

/** The stable lower-case word of a status, as in `{"error":{"code":...}}`. Static storage. */
const char *ps_status_word(ps_status status);

/** One line that says what a status means; for the manual and the README. Static storage. */
const char *ps_status_meaning(ps_status status);

/** Fill `err` (which may be NULL) and return `status`, so that a failing function ends in one line. Clears hint and
 * where. */
ps_status ps_error_set(ps_error *err, ps_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/** Say what to do about the error that was just set. */
void ps_error_hint(ps_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Say where the error lies, as `file:line:column` or `file, record n`. */
void ps_error_where(ps_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
