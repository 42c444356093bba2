#ifndef PS_NET_RANDOM_H
#define PS_NET_RANDOM_H

// Bytes that nobody on the network can guess, from getrandom(2), fetched in lots.

#include <stddef.h>
#include <stdint.h>

typedef struct ps_random {
    unsigned char bytes[4096];
    size_t left;
} ps_random;

uint16_t ps_random_16(ps_random *random); // a zeroed one is fine
uint64_t ps_random_64(ps_random *random);

#endif
