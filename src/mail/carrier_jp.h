#ifndef PS_MAIL_CARRIER_JP_H
#define PS_MAIL_CARRIER_JP_H

#include <stdbool.h>

#include "presend/span.h"

// NTT docomo and KDDI au let customers choose a mailbox name with a leading, trailing or repeated dot until 2009; such
// addresses are still in use. `mailbox` is ASCII letters, digits, atext and dots; true when it is more than dots and
// `host` is one of their domains. (SoftBank kept to the RFC.)
bool ps_carrier_is_legacy(ps_span mailbox, ps_span host);

#endif
