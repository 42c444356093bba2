#ifndef PS_CMD_CONFIG_INCLUDE_H
#define PS_CMD_CONFIG_INCLUDE_H

// `- include: FILE` among the suppressions: the sources of that file stand in its place, so that several jobs share
// them.

#include "cmd/config.h"
#include "cmd/yaml.h"

// Replace every include by what its file holds. What is wrong with a file is a problem at its own line; PS_MISSING and
// the like when it cannot be read at all.
ps_status ps_config_include(ps_config *config, ps_yaml *root, ps_error *err);

#endif
