#ifndef PS_CMD_COMMAND_H
#define PS_CMD_COMMAND_H

// A subcommand is a row of data and a function; how it is parsed, helped and reported is the same for all.

#include "cmd/config.h"
#include "cmd/options.h"
#include "cmd/terminal.h"

// One call of presend.
typedef struct ps_session {
    const ps_syntax *syntax;
    ps_arguments arguments;
    ps_terminal terminal;
    ps_config config; // lives until the error is told, which may be about it
    const volatile int *stop; // a signal number once one came
} ps_session;

typedef struct ps_command {
    ps_syntax syntax;
    ps_status (*run)(ps_session *session, ps_error *err);
} ps_command;

extern const ps_command ps_command_run, ps_command_clean, ps_command_approve, ps_command_winback, ps_command_address,
    ps_command_domains, ps_command_inspect, ps_command_suppress;

// Run the command that the arguments name (NULL ends the list), tell what came of it, and return the exit code.
int ps_commands_main(const ps_command *const *commands, int argc, char **argv);

// Waiting for a keyboard looks as if the program hung: the help, and PS_USAGE. `thing` and `things` are what it takes.
ps_status ps_refuse_keyboard(ps_session *session, const char *thing, const char *things, ps_error *err);

// The version, with the build's id where the linker left one.
void ps_version_write(ps_buf *out);

#endif
