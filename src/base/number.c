#include "base/number.h"

#define TEN(tens)                                                                                                      \
    {tens, '0'}, {tens, '1'}, {tens, '2'}, {tens, '3'}, {tens, '4'}, {tens, '5'}, {tens, '6'}, {tens, '7'},            \
        {tens, '8'},                                                                                                   \
    {                                                                                                                  \
        tens, '9'                                                                                                      \
    }
const char ps_number_pairs[100][2] = {TEN('0'), TEN('1'), TEN('2'), TEN('3'), TEN('4'),
                                      TEN('5'), TEN('6'), TEN('7'), TEN('8'), TEN('9')};
#undef TEN

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
