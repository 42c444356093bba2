#ifndef PS_TABLE_ESTIMATE_H
#define PS_TABLE_ESTIMATE_H

// What a file will take, before it is read.

#include <stdint.h>

// About how many lines of a file hold an address, by what stands at a few places all over it; of one of up to 1 MiB
// exactly how many hold an `@`. Far too few where it is packed or in UTF-16; 0 where it is a pipe or cannot be read,
// which whoever reads it in earnest says.
uint64_t ps_estimate_addresses(const char *path);

#endif
