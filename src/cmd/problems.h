#ifndef PS_CMD_PROBLEMS_H
#define PS_CMD_PROBLEMS_H

// What is wrong with a job, all of it at once, each with the place where it stands.

#include <stdint.h>

#include "base/buf.h"
#include "presend/arena.h"

// A text that a job is read from: the job file, or an option of the command line.
typedef struct ps_config_text {
    const char *name; // the file as the user named it, or the option
    ps_span text;
    const char *folder; // what relative paths in it start from
    bool option; // one line of the command line: it has no line numbers
    unsigned number; // of an included file, from 1
} ps_config_text;

// Characters of one line, counted from 1.
typedef struct ps_place {
    const ps_config_text *origin;
    uint32_t line, column, width;
} ps_place;

typedef struct ps_problem {
    ps_place place;
    const char *text; // what is wrong: no capital, no full stop
    const char *hint; // what to do, or NULL
} ps_problem;

enum {
    PS_PROBLEMS_MAX = 50, // more than anybody reads; the rest is counted
    PS_SECRETS_MAX = 16 // lines that hold a secret; with more, no line is shown at all
};

typedef struct ps_problems {
    ps_arena *arena; // of the caller; texts live there
    ps_problem items[PS_PROBLEMS_MAX];
    size_t count, more;
    ps_place secrets[PS_SECRETS_MAX];
    size_t secret_count;
} ps_problems;

void ps_problems_init(ps_problems *problems, ps_arena *arena);

void ps_problem_add(ps_problems *problems, const ps_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Of the problem that was just added.
void ps_problem_hint(ps_problems *problems, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The line of `place` holds a secret: it is never shown.
void ps_problems_hide(ps_problems *problems, const ps_place *place);

// In the order of the file: files first, then options.
void ps_problems_sort(ps_problems *problems);

// `file:line:column`, or the option.
void ps_place_write(const ps_place *place, ps_buf *out);

// Every problem for people: place, what, the line, a caret under it, what to do.
void ps_problems_write(const ps_problems *problems, ps_buf *out);

#endif
