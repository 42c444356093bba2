#include "base/number.h"

static char *put_eight(char *out, uint64_t number)
{
    return ps_put_digits(out, ps_digits_of((uint32_t)number), 8);
}

char *ps_put_long_number(char *out, uint64_t number)
{
    uint64_t front = number / PS_DIGITS_END; // at most twelve digits
    char *at = out;

    if (front >= PS_DIGITS_END) {
        at = ps_put_number(at, front / PS_DIGITS_END);
        at = put_eight(at, front % PS_DIGITS_END);
    } else {
        at = ps_put_number(at, front);
    }
    return put_eight(at, number % PS_DIGITS_END);
}

// A hundred whose digits fit there, and that has some.
char *ps_put_uncounted(ps_counted *counted, char *out, uint64_t number)
{
    char *end = ps_put_number(out, number);
    size_t len = (size_t)(end - out);

    if (len < 3 || len - 2 > sizeof counted->digits) return end;
    counted->from = number - number % 100;
    counted->len = (unsigned)len - 2;
    memcpy(counted->digits, out, counted->len);
    return end;
}
