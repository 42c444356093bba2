#ifndef PS_BASE_HASH_LONG_H
#define PS_BASE_HASH_LONG_H

// What ps_hash_of() says of a span of any length, with the widest vectors that the processor has.

#include "base/hash.h"

ps_hash ps_hash_of_long(ps_span span);

#endif
