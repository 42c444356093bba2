#ifndef PS_CMD_STARTUP_H
#define PS_CMD_STARTUP_H

// What a process that holds addresses does before anything else.

// No core, not dumpable, no new privileges, private files, descriptors 0 to 2 open, signals handled. Returns where the
// number of a signal that asks to stop will stand; a second one ends the process at once.
const volatile int *ps_startup(void);

#endif
