#ifndef PS_BASE_MEMORY_H
#define PS_BASE_MEMORY_H

// The heap, for what no arena's lifetime fits. All of presend's own heap memory comes through here, so that tests can
// make the n-th allocation fail.

#include <stddef.h>

#include "presend/status.h"

// Zeroed array of `count` items; a failed one fills `err` with PS_RETRY and returns NULL. Overflow counts as failure.
void *ps_memory_new(size_t count, size_t item_size, ps_error *err);

// Once, before threads start: what is large is mapped by itself from now on, so that it grows without being copied and
// goes back to the system when it is freed. Else glibc raises its bound as soon as something large is freed, and tables
// that double leave their smaller selves as holes in the heap: 16 MiB of them with 10 million rows.
void ps_memory_map_large(void);

// What is free in the heap goes back to the system: for when much was given up that later work will not need.
void ps_memory_trim(void);

// Grow (or make, from NULL) an array to at least `want` items, doubling; `*capacity` is in items. The old array stays
// on failure (PS_RETRY). New items are not zeroed.
ps_status ps_memory_grow(void **array, size_t *capacity, size_t want, size_t item_size, ps_error *err);

// free(NULL) is fine.
void ps_memory_free(void *memory);

// Zeroed pages for what is large: it takes memory as it is touched. NULL and PS_RETRY when the system refuses.
void *ps_memory_map(size_t size, ps_error *err);
// Takes the memory of pages that will all be written soon. Each of them costs two interruptions less than where it is
// read first, as a table's are, and several threads may do it at once.
void ps_memory_touch(void *memory, size_t size);
void ps_memory_unmap(void *memory, size_t size); // NULL is fine

// A NUL-terminated copy; NULL and PS_RETRY on failure.
char *ps_memory_text(const char *text, ps_error *err);

// Fail the n-th allocation from now on (1 is the next), once or for ever after; 0 never. For tests only.
void ps_memory_fail_at(unsigned long n, int for_ever);

#endif
