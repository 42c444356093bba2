#include "net/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static void refill(ps_random *random)
{
    random->left = 0;
    while (random->left < sizeof(uint64_t)) {
        ssize_t len = getrandom(random->bytes, sizeof random->bytes, 0);
        if (len < 0 && errno != EINTR) abort(); // the kernel has had it since 3.17; guessable ids are no way on
        if (len > 0) random->left = (size_t)len;
    }
}

static const unsigned char *take(ps_random *random, size_t size)
{
    if (random->left < size) refill(random);
    random->left -= size;
    return random->bytes + random->left;
}

uint16_t ps_random_16(ps_random *random)
{
    uint16_t value;

    memcpy(&value, take(random, sizeof value), sizeof value);
    return value;
}

uint64_t ps_random_64(ps_random *random)
{
    uint64_t value;

    memcpy(&value, take(random, sizeof value), sizeof value);
    return value;
}
