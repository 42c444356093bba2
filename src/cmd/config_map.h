#ifndef PS_CMD_CONFIG_MAP_H
#define PS_CMD_CONFIG_MAP_H

// From the checked document to the fields of a ps_job, by tables. Problems are what a schema cannot see.

#include "cmd/config.h"
#include "cmd/yaml.h"

// `root` passed the schema. PS_RETRY without memory.
ps_status ps_config_map(ps_config *config, ps_yaml *root, ps_error *err);

// What only the whole job shows: keys that need each other, names that stand twice.
void ps_config_check(ps_config *config, ps_yaml *root);

#endif
