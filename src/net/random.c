#include "net/random.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

static void refill(ps_random *random)
{
    while (random->left == 0) {
        ssize_t len = getrandom(random->bytes, sizeof random->bytes, 0);
        if (len < 0 && errno != EINTR) abort(); // the kernel has had it since 3.17; guessable ids are no way on
        if (len >= 2) random->left = (size_t)len & ~(size_t)1;
    }
}

uint16_t ps_random_16(ps_random *random)
{
    if (random->left == 0) refill(random);
    random->left -= 2;
    return (uint16_t)(random->bytes[random->left] << 8 | random->bytes[random->left + 1]);
}
