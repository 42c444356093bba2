#ifndef PS_CMD_YAML_H
#define PS_CMD_YAML_H

// A YAML document as a tree that knows where each thing stands. Scalars stay text: who reads them decides their type,
// so that `no`, `on` and `0123` are what their key wants them to be.

#include "cmd/problems.h"

typedef enum ps_yaml_kind { PS_YAML_NULL, PS_YAML_SCALAR, PS_YAML_SEQUENCE, PS_YAML_MAPPING } ps_yaml_kind;

typedef struct ps_yaml {
    ps_yaml_kind kind;
    bool plain; // a scalar without quotes
    ps_span text; // of a scalar; a NUL follows
    ps_place place;
    ps_span key; // of a member of a mapping; a NUL follows
    ps_place key_place;
    struct ps_yaml *first, *last, *next; // children, in the order of the file
    size_t count; // of children
} ps_yaml;

// Read one document. NULL with problems added when it is not YAML, or uses what a job file may not: a repeated key,
// anchors and aliases, tags, several documents. `origin` and its text must outlive the tree.
ps_yaml *ps_yaml_read(const ps_config_text *origin, ps_arena *arena, ps_problems *problems);

// The member of a mapping, or NULL (also where `node` is NULL or no mapping).
ps_yaml *ps_yaml_member(const ps_yaml *node, const char *key);

// The node at a dotted path (members by name, items of sequences by number from 0), or NULL.
ps_yaml *ps_yaml_find(ps_yaml *root, const char *path);

// Put `value` at a dotted path, in place of what stands there. Mappings on the way are made; an item of a sequence must
// exist, or be the next one. A problem at `place` when the path leads through something else.
void ps_yaml_put(ps_yaml *root, const char *path, ps_yaml *value, const ps_place *place, ps_problems *problems);

// A new scalar, as if it were written at `place`.
ps_yaml *ps_yaml_scalar(const char *text, const ps_place *place, ps_arena *arena);

#endif
