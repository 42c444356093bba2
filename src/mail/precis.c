#include "mail/precis.h"

#include <assert.h>
#include <unictype.h>
#include <uninorm.h>

#include "base/text.h"
#include "mail/character.h"

// RFC 5892 section 2.6, disallowed though their category would let them pass: kashida and its like, repeat marks.
static bool is_exception(uint32_t c)
{
    return c == 0x0640 || c == 0x07FA || c == 0x302E || c == 0x302F || (c >= 0x3031 && c <= 0x3035) || c == 0x303B;
}

// RFC 8264 section 9.9: conjoining jamo, which NFC leaves only where they form no syllable of today.
static bool is_old_hangul(uint32_t c)
{
    return (c >= 0x1100 && c <= 0x11FF) || (c >= 0xA960 && c <= 0xA97C) || (c >= 0xD7B0 && c <= 0xD7FB);
}

// RFC 8264 section 9.17: a character that compatibility mapping changes is a second spelling of another.
static bool has_compatibility(uint32_t c)
{
    uint32_t mapped[UC_DECOMPOSITION_MAX_LENGTH];
    size_t len = PS_COUNT_OF(mapped);
    const uint32_t *result = u32_normalize(UNINORM_NFKC, &c, 1, mapped, &len);

    assert(result == mapped); // it has room for the longest
    (void)result; // unused without asserts
    return len != 1 || mapped[0] != c;
}

static bool is_letter_digit(uint32_t c)
{
    uint32_t mask = UC_CATEGORY_MASK_Ll | UC_CATEGORY_MASK_Lu | UC_CATEGORY_MASK_Lo | UC_CATEGORY_MASK_Lm |
                    UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Mc | UC_CATEGORY_MASK_Nd;

    return uc_is_general_category_withtable(c, mask);
}

static bool is_identifier(uint32_t c)
{
    if (c == 0x3007 || c == 0x30FB) return true; // ideographic zero, katakana middle dot
    return is_letter_digit(c) && !is_exception(c) && !is_old_hangul(c) &&
           !uc_is_property_default_ignorable_code_point(c) && !has_compatibility(c);
}

// The part of the text around a joiner, read outwards over marks that joining looks through.
static bool joins_before(ps_span text, size_t at)
{
    while (at > 0) {
        size_t start = at - 1, next = 0;
        while (start > 0 && ((unsigned char)text.bytes[start] & 0xC0) == 0x80) {
            start--;
        }
        next = start;
        int type = uc_joining_type((uint32_t)ps_utf8_next(text, &next));
        if (type != UC_JOINING_TYPE_T) return type == UC_JOINING_TYPE_L || type == UC_JOINING_TYPE_D;
        at = start;
    }
    return false;
}

static bool joins_after(ps_span text, size_t at)
{
    while (at < text.len) {
        int type = uc_joining_type((uint32_t)ps_utf8_next(text, &at));
        if (type != UC_JOINING_TYPE_T) return type == UC_JOINING_TYPE_R || type == UC_JOINING_TYPE_D;
    }
    return false;
}

// RFC 5892 appendix A.1 and A.2: after a virama; ZWNJ also between letters that would join.
static bool joiner_fits(ps_span text, size_t at, size_t after, uint32_t joiner, uint32_t before)
{
    if (uc_combining_class(before) == UC_CCC_VR) return true;
    return joiner == 0x200C && joins_before(text, at) && joins_after(text, after);
}

bool ps_precis_is_identifier(ps_span text)
{
    size_t at = 0;
    uint32_t before = 0;

    while (at < text.len) {
        size_t start = at;
        uint32_t c = (uint32_t)ps_utf8_next(text, &at);
        bool fits = c < 0x80 || (ps_is_joiner(c) ? joiner_fits(text, start, at, c, before) : is_identifier(c));
        bool mark = uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Mc);
        if (!fits || (start == 0 && mark)) return false;
        before = c;
    }
    return true;
}
