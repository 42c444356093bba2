#ifndef PS_MAIL_IDN_H
#define PS_MAIL_IDN_H

// Internationalized labels: IDNA2008 after UTS 46 mapping, non-transitional, by libidn2.

#include "presend/arena.h"
#include "presend/reason.h"

enum { PS_LABEL_BYTES_MAX = 63 }; // RFC 1035 section 2.3.4

typedef struct ps_label {
    char text[PS_LABEL_BYTES_MAX + 1]; // NUL-terminated
    size_t len;
    const char *detail; // libidn2's name of what is wrong, or `std3`; static storage
} ps_label;

// `label` begins with xn-- in any case.
bool ps_idn_is_alabel(ps_span label);

// The ASCII form of a label that is not ASCII or an A-label in lower case. PS_REASON_OK, or the reason why there is
// none. What comes back may hold characters that no host name has: check it.
ps_reason ps_idn_to_ascii(ps_span label, ps_label *out);

// `host` with its A-labels as U-labels, for display. Only for a host that came from ps_idn_to_ascii.
ps_span ps_idn_to_unicode(ps_span host, ps_arena *arena);

#endif
