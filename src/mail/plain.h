#ifndef PS_MAIL_PLAIN_H
#define PS_MAIL_PLAIN_H

// What stands before the `@` of most cells: letters, digits, other atext and single dots inside; and whether what
// follows it has capitals. One form for each kind of CPU; all say the same of any cell.

#include <stdint.h>

#include "base/cpu.h"
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
typedef ps_plain ps_plain_scan(ps_span cell);

ps_plain ps_plain_scan_scalar(ps_span cell);
#ifdef PS_CPU_X86
ps_plain ps_plain_scan_avx2(ps_span cell);
ps_plain ps_plain_scan_avx512(ps_span cell);
#endif

// The form for `cpu`, which this machine must have.
ps_plain_scan *ps_plain_scan_for(ps_cpu cpu);

#endif
