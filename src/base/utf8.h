#ifndef PS_BASE_UTF8_H
#define PS_BASE_UTF8_H

// Whether bytes are UTF-8, in several forms that say the same: ps_utf8_valid() of base/text.h is the reference. The
// others do not branch on what they see: where text and ASCII change all the time, each change would be mispredicted.

#include <stdbool.h>

#include "base/cpu.h"
#include "presend/span.h"

typedef bool ps_utf8_check(ps_span text);

#ifdef PS_CPU_X86
ps_utf8_check ps_utf8_valid_avx2;
#endif

// The form for `cpu`, which this machine must have.
ps_utf8_check *ps_utf8_check_for(ps_cpu cpu);

#endif
