#ifndef PS_ESP_SHAPE_H
#define PS_ESP_SHAPE_H

// What an entry looks like before the address rules see it.

#include <stdbool.h>

#include "presend/job.h"
#include "presend/span.h"

// Blanks, line ends, ideographic blanks, no-break blanks and BOMs off both ends.
ps_span ps_shape_trim(ps_span text);

// Text on both sides of an @, be it full-width: what counts as an address in a list, whatever the address rules say of
// it.
bool ps_shape_has_at(ps_span text);

// The text without an @ that it begins with.
ps_span ps_shape_after_at(ps_span text);

// Letters, digits, - _ and anything not ASCII, in two labels or more, the last not all digits; `*.` may stand before.
bool ps_shape_is_domain(ps_span text);

// Hex of the length of an MD5, SHA-1, SHA-256 or SHA-512 digest, or base64 of one.
bool ps_shape_is_digest(ps_span text);

// Hex of that many bytes, in either case and perhaps in quotes, into `out`.
bool ps_shape_hex(ps_span text, size_t bytes, unsigned char *out);

// A wildcard or regular expression. `*.example.net` is none where domains are expected.
bool ps_shape_is_pattern(ps_span text, ps_entry_kind kind);

// Cut the next part off `rest`, at blanks, commas, colons, brackets, quotes, bullets and the like, full-width ones too;
// false when there is none left.
bool ps_shape_part(ps_span *rest, ps_span *out);

// Cut off what no domain can hold behind the @, and dots at the end: `a@example.jp?id=1`, `a@example.jp...`. False when
// nothing was cut.
bool ps_shape_cut_tail(ps_span *part);

#endif
