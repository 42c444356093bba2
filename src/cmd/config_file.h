#ifndef PS_CMD_CONFIG_FILE_H
#define PS_CMD_CONFIG_FILE_H

#include "cmd/problems.h"

// A job file, or one that it includes, into the arena: at most PS_CONFIG_BYTES_MAX, and not writable by everybody,
// since who may write it decides who is mailed. PS_MISSING, PS_CONFIG.
ps_status ps_config_file_read(const char *path, ps_arena *arena, ps_config_text *out, ps_error *err);

#endif
