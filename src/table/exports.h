#ifndef PS_TABLE_EXPORTS_H
#define PS_TABLE_EXPORTS_H

// Which product wrote a file, told by headers that only its exports have. Nothing is decided by it: people know their
// file again.

#include "table/layout.h"

// The product's name, or NULL. Static storage.
const char *ps_export_name(const ps_layout *layout, ps_arena *arena);

#endif
