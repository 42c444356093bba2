#ifndef PS_CMD_OPTIONS_H
#define PS_CMD_OPTIONS_H

// The command line of one command: a table says what there is, and parser and help are made from it.

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "presend/status.h"

typedef enum ps_option_type {
    PS_OPTION_FLAG, // takes no argument
    PS_OPTION_TEXT,
    PS_OPTION_NUMBER, // a whole number from `least` to `most`
    PS_OPTION_DATE, // 2026-11-21, or now
    PS_OPTION_CHOICE // one of `choices`
} ps_option_type;

typedef struct ps_option {
    const char *name; // long, without the dashes
    char letter; // short, or 0
    ps_option_type type;
    const char *argument; // what help calls it; NULL for a flag
    const char *initial; // the default, as help shows it; NULL: none
    const char *help; // no capital, no full stop
    const char *choices; // with blanks between
    unsigned least, most;
} ps_option;

// What a command takes, besides the options of every command.
typedef struct ps_syntax {
    const char *name; // of the command
    const char *operands; // as in `presend run JOB.yaml`
    size_t operands_least, operands_most;
    const char *summary; // one line
    const char *examples[2];
    const ps_option *options;
    size_t options_count;
} ps_syntax;

typedef struct ps_argument {
    const ps_option *option;
    const char *value; // NULL for a flag
} ps_argument;

// Borrows the argument vector.
typedef struct ps_arguments {
    ps_argument *items; // as they came
    size_t count;
    const char **operands;
    size_t operands_count;
} ps_arguments;

// The options of every command.
const ps_option *ps_options_common(size_t *out_count);

// PS_USAGE, with what was probably meant. Names must be whole; options and operands may be mixed; `--` ends the
// options. With --help or --version among them, operands and nothing else go unchecked. Freed by ps_arguments_done also
// on failure.
ps_status ps_arguments_parse(const ps_syntax *syntax, int argc, char **argv, ps_arguments *out, ps_error *err);
void ps_arguments_done(ps_arguments *arguments); // a zeroed one is fine

bool ps_arguments_has(const ps_arguments *arguments, const char *name);
const char *ps_arguments_value(const ps_arguments *arguments, const char *name); // the last one given, or NULL

// The help of a command: examples first.
void ps_options_help(const ps_syntax *syntax, ps_buf *out);

#endif
