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
bool ps_is_atext(unsigned char byte); // RFC 5322 3.2.3
bool ps_is_ldh(unsigned char byte); // letters of either case, digits, hyphen

#endif
