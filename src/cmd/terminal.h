#ifndef PS_CMD_TERMINAL_H
#define PS_CMD_TERMINAL_H

// What the person at the other end can see, and what goes there. Data goes to stdout, all else to stderr.

#include <stdbool.h>
#include <stdint.h>

#include "cmd/options.h"
#include "engine/engine.h"
#include "presend/span.h"

typedef struct ps_terminal {
    bool quiet, verbose;
    bool json; // results and errors as JSON on stdout
    bool log_json;
    bool color; // of what goes to stderr
    bool attended; // stdout or stderr is a terminal: somebody looks on
    bool meter; // redraw one line with the progress
    bool meter_lines; // no terminal, but asked for: a line now and then
    bool plain; // TERM=dumb: no control sequences
    unsigned width;
    // The meter's own state.
    const char *stage;
    uint64_t stage_ms, drawn_ms; // when the stage began, when the line was drawn last; monotonic
    bool drawn;
} ps_terminal;

// By the options and the environment (NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, TERM), and set the log's sink: `terminal`
// must outlive every message.
void ps_terminal_open(const ps_arguments *arguments, ps_terminal *terminal);

// How far a run is; draws at most ten times a second. `context` is a terminal.
void ps_terminal_progress(void *context, const ps_progress *progress);

// Takes the line of the meter away; call before anything else is written.
void ps_terminal_clear(ps_terminal *terminal);

// To stderr and stdout, as they are. PS_IO when stdout does not take it; stderr has nobody to tell.
void ps_terminal_say(ps_terminal *terminal, ps_span text);
ps_status ps_terminal_data(ps_terminal *terminal, ps_span text, ps_error *err);

#endif
