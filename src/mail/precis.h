#ifndef PS_MAIL_PRECIS_H
#define PS_MAIL_PRECIS_H

#include <stdbool.h>

#include "presend/span.h"

// Every non-ASCII character of valid UTF-8 `text` may stand in a mailbox name: PRECIS IdentifierClass (RFC 8264
// section 4.2). A combining mark may not come first.
bool ps_precis_is_identifier(ps_span text);

#endif
