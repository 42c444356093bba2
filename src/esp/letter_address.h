#ifndef PS_ESP_LETTER_ADDRESS_H
#define PS_ESP_LETTER_ADDRESS_H

// Addresses in the fields of mails and of the reports in them. All of them are empty where there is none.

#include <stdbool.h>

#include "presend/arena.h"
#include "presend/span.h"

// What stands in angle brackets, else the first that looks like an address.
ps_span ps_letter_address_in(ps_span text);

// `rfc822; alice@example.com`, with comments and brackets about, decoded.
ps_span ps_letter_typed_address(ps_arena *arena, ps_span text);

// Cut the next address off a list, as `Alice <alice@example.com>, bob@example.com`; false when there is none left.
bool ps_letter_next_address(ps_span *list, ps_span *out);

// The only address of a field; none where there are several.
ps_span ps_letter_only_address(ps_span text);

// The recipient whom a return path names, as in bounce+carol=example.com@mail.example.com.
ps_span ps_letter_return_path(ps_arena *arena, ps_span text);

#endif
