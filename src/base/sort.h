#ifndef PS_BASE_SORT_H
#define PS_BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

// Numbers in ascending order, in a time that goes with their count; `room` has as many places. For long lists: a
// million take a tenth of what qsort() takes for them.
void ps_sort_numbers(uint64_t *numbers, uint64_t *room, size_t count);

#endif
