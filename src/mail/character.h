#ifndef PS_MAIL_CHARACTER_H
#define PS_MAIL_CHARACTER_H

// Classes of characters that more than one rule asks for.

#include <stdbool.h>
#include <stdint.h>

bool ps_is_white_space(uint32_t c); // the Unicode property
bool ps_is_space_separator(uint32_t c); // beyond ASCII: spaces that a typist may mean as one
bool ps_is_invisible(uint32_t c); // nothing to see, and nothing a mailbox could mean by it; bidi controls included
bool ps_is_dropped(uint32_t c); // invisible wherever it stands: soft hyphen, zero width space, variation selectors
bool ps_is_joiner(uint32_t c); // ZWNJ and ZWJ: part of words in Persian and Indic scripts
bool ps_is_control(uint32_t c); // C0, DEL, C1, without those that are white space

// What the bytes of an address may be.
enum { PS_BYTE_ATEXT = 1, PS_BYTE_LDH = 2, PS_BYTE_UPPER = 4 };
extern const uint8_t ps_byte_class[256];

// RFC 5322 section 3.2.3.
static inline bool ps_is_atext(char byte)
{
    return (ps_byte_class[(unsigned char)byte] & PS_BYTE_ATEXT) != 0;
}

// Letters of either case, digits, hyphen.
static inline bool ps_is_ldh(char byte)
{
    return (ps_byte_class[(unsigned char)byte] & PS_BYTE_LDH) != 0;
}

static inline bool ps_is_upper(char byte)
{
    return (ps_byte_class[(unsigned char)byte] & PS_BYTE_UPPER) != 0;
}

// ASCII only, no locale.
static inline char ps_lower(char byte)
{
    return (char)(ps_is_upper(byte) ? byte - 'A' + 'a' : byte);
}

#endif
