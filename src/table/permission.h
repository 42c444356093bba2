#ifndef PS_TABLE_PERMISSION_H
#define PS_TABLE_PERMISSION_H

// Headers that seem to say who may be mailed, but are none that is known.

#include <stdbool.h>

#include "presend/span.h"

// `folded` as ps_header_fold gives it.
bool ps_permission_is_named(ps_span folded);

#endif
