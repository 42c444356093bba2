#ifndef PS_BASE_PREFETCH_H
#define PS_BASE_PREFETCH_H

// Stands before a function of one file or header that does nothing but prefetch. gcc 12 takes such a function for one
// that does nothing at all, and leaves out the calls that it has not put inline by then.
#define PS_PREFETCHING static inline __attribute__((always_inline))

#endif
