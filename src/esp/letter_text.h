#ifndef PS_ESP_LETTER_TEXT_H
#define PS_ESP_LETTER_TEXT_H

// The text of mails as it was written: out of base64 and quoted-printable (RFC 2045 section 6) or the encoded words of
// a header (RFC 2047), and as UTF-8.

#include "mail/charset.h"
#include "presend/arena.h"
#include "presend/span.h"

typedef enum ps_letter_coding { PS_LETTER_AS_IT_IS, PS_LETTER_BASE64, PS_LETTER_QUOTED } ps_letter_coding;

// By the value of Content-Transfer-Encoding.
ps_letter_coding ps_letter_coding_of(ps_span value);

typedef struct ps_letter_charsets {
    ps_decoder *decoders[PS_ENCODING_COUNT]; // those that a mail needed
} ps_letter_charsets;

void ps_letter_charsets_close(ps_letter_charsets *charsets); // zeroed ones are fine

typedef struct ps_letter_coded {
    ps_span bytes, charset; // an empty charset is US-ASCII, or whatever the bytes look like
    ps_letter_coding coding;
} ps_letter_coded;

// `out` lies in the arena, or is the coded bytes. What is no base64 ends it; an unknown charset leaves it as it is.
// PS_RETRY without memory.
ps_status ps_letter_decode(ps_letter_charsets *charsets, ps_arena *arena, const ps_letter_coded *coded, ps_span *out,
                           ps_error *err);

// The value of a field with its encoded words decoded, in the arena.
ps_status ps_letter_decode_field(ps_letter_charsets *charsets, ps_arena *arena, ps_span *field, ps_error *err);

#endif
