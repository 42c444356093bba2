#ifndef PS_MAIL_PLAIN_H
#define PS_MAIL_PLAIN_H

// What stands before the `@` of most cells: letters, digits, other atext and single dots inside; and whether what
// follows it has capitals. The forms for kinds of CPU are in mail/glance.h; all say what this one says.

#include <stdint.h>

#include "presend/span.h"

enum { PS_PLAIN_BYTES_MAX = 64 }; // longer cells are rare, and longer than one vector

// What is among the bytes before the `@`, and behind it.
enum {
    PS_PLAIN_UPPER = 1, // a capital letter
    PS_PLAIN_DOT = 2,
    PS_PLAIN_PLUS = 4,
    PS_PLAIN_ANY = 8, // always: for who minds any local part
    PS_PLAIN_HOST_UPPER = 16, // what follows is ASCII, with a capital letter
};

typedef struct ps_plain {
    uint32_t local_len; // bytes before the first `@`; 0: they are not plain, or what follows is empty
    uint32_t marks;
} ps_plain;

// `cell` has at most PS_PLAIN_BYTES_MAX bytes, any bytes.
ps_plain ps_plain_scan_scalar(ps_span cell);

#endif
