#ifndef PS_MAIL_CHARACTER_H
#define PS_MAIL_CHARACTER_H

// Classes of characters that more than one rule asks for.

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "presend/span.h"

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

// ASCII only, no locale. No branch: capitals in names are as good as random.
static inline char ps_lower(char byte)
{
    static_assert(PS_BYTE_UPPER << 3 == 'a' - 'A', "the bit that a capital lacks");
    return (char)(byte | (ps_byte_class[(unsigned char)byte] & PS_BYTE_UPPER) << 3);
}

// ps_lower() of the eight bytes of a word. Without their high bits, sums with them tell whether a byte is past the
// letter before `A`, and whether it is past `Z`.
static inline uint64_t ps_lower_word(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    uint64_t low = word & ~highs, from_a = low + ones * (0x80 - 'A'), past_z = low + ones * (0x7F - 'Z');

    return word | ((from_a & ~past_z & ~word & highs) >> 2); // a capital lacks the bit 0x20
}

static inline void ps_put_lower_word(char *at, const char *from)
{
    uint64_t word;

    memcpy(&word, from, sizeof word);
    word = ps_lower_word(word);
    memcpy(at, &word, sizeof word);
}

// ps_lower() of each byte. Eight at once, the last eight of them some a second time: addresses are that long.
static inline void ps_put_lower(char *at, ps_span text)
{
    const size_t word = sizeof(uint64_t);

    for (size_t i = 0; text.len < word && i < text.len; i++)
        at[i] = ps_lower(text.bytes[i]);
    for (size_t i = 0; i + word < text.len; i += word)
        ps_put_lower_word(at + i, text.bytes + i);
    if (text.len >= word) ps_put_lower_word(at + text.len - word, text.bytes + text.len - word);
}

#endif
