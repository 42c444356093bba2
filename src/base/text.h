#ifndef PS_BASE_TEXT_H
#define PS_BASE_TEXT_H

// Small things about text that more than one folder needs.

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "presend/span.h"

// Strict UTF-8 (RFC 3629): one code point at `*offset`, which moves past it; -1 (and one byte on) where the bytes are
// none.
int32_t ps_utf8_next(ps_span text, size_t *offset);
bool ps_utf8_valid(ps_span text);
size_t ps_utf8_put(uint32_t code_point, char out[4]); // bytes written

static inline uint64_t ps_text_word(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

// No byte above 0x7F. Asked of nearly every row, so eight at once, some of them twice; and of a cell of usual length
// without a loop, whose end would be mispredicted.
static inline bool ps_ascii_only(ps_span text)
{
    const size_t word = sizeof(uint64_t), last = text.len - word, near = last < word ? last : word;
    uint64_t seen = 0;

    for (size_t i = 0; text.len < word && i < text.len; i++)
        seen |= (uint64_t)(unsigned char)text.bytes[i];
    if (text.len >= word) {
        seen = ps_text_word(text.bytes) | ps_text_word(text.bytes + near) | ps_text_word(text.bytes + last - near) |
               ps_text_word(text.bytes + last);
    }
    for (size_t i = 2 * word; text.len > 4 * word && i < last; i += word)
        seen |= ps_text_word(text.bytes + i);
    return (seen & UINT64_C(0x8080808080808080)) == 0;
}

bool ps_ascii_equal_fold(ps_span a, ps_span b); // ASCII case ignored, no locale
bool ps_ascii_begins_fold(ps_span text, const char *with);
ps_span ps_ascii_trim(ps_span text); // blanks and tabs off both ends

// Of a hexadecimal digit in either case; -1 where it is none.
static inline int ps_hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// t***@example.jp: the first character and the domain. Anything without an @ becomes "***".
void ps_mask_address(ps_span address, ps_buf *out);

// For terminals, logs and error texts: control, C1 and bidi characters and bytes that are not UTF-8 as \x.., one line.
void ps_add_visible(ps_buf *out, ps_span text);

// vsnprintf that cuts at a character and ends a cut text in "..."; `size` is at least 8.
void ps_text_format(char *out, size_t size, const char *format, va_list list) __attribute__((format(printf, 3, 0)));

// The candidate nearest to `word` by edit distance, if near enough to be meant; else NULL.
const char *ps_did_you_mean(const char *word, const char *const *candidates, size_t count);

#endif
