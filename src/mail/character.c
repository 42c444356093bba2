#include "mail/character.h"

#include <stddef.h>

#include "presend/span.h"

typedef struct range {
    uint32_t first, last;
} range;

// PropList: White_Space.
static const range white_space[] = {
    {0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},     {0x1680, 0x1680},
    {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
};

// UTS 46 maps these to nothing; RFC 8264 section 9.13 forbids them in identifiers.
static const range dropped[] = {
    {0xAD, 0xAD},     {0x180E, 0x180E}, {0x200B, 0x200B},   {0x2060, 0x2060},
    {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF},
};

// UAX 9. Mail clients and spreadsheets put copied addresses between U+202A and U+202C.
static const range bidi_controls[] = {
    {0x061C, 0x061C},
    {0x200E, 0x200F},
    {0x202A, 0x202E},
    {0x2066, 0x2069},
};

static bool in_ranges(const range *ranges, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count && c >= ranges[i].first; i++) {
        if (c <= ranges[i].last) return true;
    }
    return false;
}

bool ps_is_white_space(uint32_t c)
{
    return in_ranges(white_space, PS_COUNT_OF(white_space), c);
}

bool ps_is_space_separator(uint32_t c)
{
    return c >= 0xA0 && c != 0x2028 && c != 0x2029 && ps_is_white_space(c);
}

bool ps_is_dropped(uint32_t c)
{
    return in_ranges(dropped, PS_COUNT_OF(dropped), c);
}

bool ps_is_joiner(uint32_t c)
{
    return c == 0x200C || c == 0x200D;
}

bool ps_is_invisible(uint32_t c)
{
    return ps_is_dropped(c) || ps_is_joiner(c) || in_ranges(bidi_controls, PS_COUNT_OF(bidi_controls), c);
}

bool ps_is_control(uint32_t c)
{
    return (c < 0x20 || (c >= 0x7F && c < 0xA0)) && !ps_is_white_space(c);
}

enum {
    A = PS_BYTE_ATEXT,
    B = PS_BYTE_ATEXT | PS_BYTE_LDH,
    U = PS_BYTE_ATEXT | PS_BYTE_LDH | PS_BYTE_UPPER,
};

const uint8_t ps_byte_class[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, //
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, //
    0, A, 0, A, A, A, A, A, 0, 0, A, A, 0, B, 0, A, //   ! # $ % & ' * + - /
    B, B, B, B, B, B, B, B, B, B, 0, 0, 0, A, 0, A, // 0-9 = ?
    0, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, // A-O
    U, U, U, U, U, U, U, U, U, U, U, 0, 0, 0, A, A, // P-Z ^ _
    A, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, // ` a-o
    B, B, B, B, B, B, B, B, B, B, B, A, A, A, A, 0, // p-z { | } ~
};
