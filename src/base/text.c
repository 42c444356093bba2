#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { WORD_BYTES_MAX = 64 };

// Length and smallest code point of a sequence by its first byte; length 0 where none begins so. RFC 3629 section 4.
static size_t sequence_len(unsigned char first, uint32_t *out_bits, uint32_t *out_least)
{
    static const struct {
        unsigned char mask, mark, len;
        uint32_t least;
    } kinds[] = {{0x80, 0x00, 1, 0}, {0xe0, 0xc0, 2, 0x80}, {0xf0, 0xe0, 3, 0x800}, {0xf8, 0xf0, 4, 0x10000}};

    for (size_t i = 0; i < PS_COUNT_OF(kinds); i++) {
        if ((first & kinds[i].mask) != kinds[i].mark) continue;
        *out_bits = first & (unsigned char)~kinds[i].mask;
        *out_least = kinds[i].least;
        return kinds[i].len;
    }
    return 0;
}

int32_t ps_utf8_next(ps_span text, size_t *offset)
{
    const unsigned char *bytes = (const unsigned char *)text.bytes + *offset;
    size_t left = text.len - *offset;
    uint32_t code_point = 0, least = 0;

    assert(left > 0);
    *offset += 1;
    if (bytes[0] < 0x80) return bytes[0];
    size_t len = sequence_len(bytes[0], &code_point, &least);
    if (len == 0 || len > left) return -1;
    for (size_t i = 1; i < len; i++) {
        if ((bytes[i] & 0xc0) != 0x80) return -1;
        code_point = code_point << 6 | (bytes[i] & 0x3f);
    }
    bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    if (code_point < least || code_point > 0x10ffff || surrogate) return -1;
    *offset += len - 1;
    return (int32_t)code_point;
}

// Past bytes that are ASCII, eight at once: most of what is looked at, and that is the whole head of each file.
static size_t skip_ascii(ps_span text, size_t offset)
{
    uint64_t eight;

    for (; text.len - offset >= sizeof eight; offset += sizeof eight) {
        memcpy(&eight, text.bytes + offset, sizeof eight);
        if ((eight & UINT64_C(0x8080808080808080)) != 0) break;
    }
    return offset;
}

bool ps_utf8_valid(ps_span text)
{
    for (size_t offset = skip_ascii(text, 0); offset < text.len; offset = skip_ascii(text, offset)) {
        if (ps_utf8_next(text, &offset) < 0) return false;
    }
    return true;
}

size_t ps_utf8_put(uint32_t code_point, char out[4])
{
    static const unsigned char marks[] = {0, 0x00, 0xc0, 0xe0, 0xf0};
    size_t len = code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;

    assert(code_point <= 0x10ffff);
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code_point & 0x3f));
        code_point >>= 6;
    }
    out[0] = (char)(marks[len] | code_point);
    return len;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

// Eight bytes in lower case.
static uint64_t lower_eight(const char *bytes)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t eight, low;

    memcpy(&eight, bytes, sizeof eight);
    low = eight & 0x7F * each;
    uint64_t from_a = low + (0x80 - 'A') * each, behind_z = low + (0x7F - 'Z') * each;
    return eight | ((from_a ^ behind_z) & ~eight & 0x80 * each) >> 2;
}

bool ps_ascii_equal_fold(ps_span a, ps_span b)
{
    size_t i = 0;

    if (a.len != b.len) return false;
    for (; i + 8 <= a.len; i += 8) {
        if (lower_eight(a.bytes + i) != lower_eight(b.bytes + i)) return false;
    }
    for (; i < a.len; i++) {
        if (a.bytes[i] != b.bytes[i] && lower(a.bytes[i]) != lower(b.bytes[i])) return false;
    }
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool ps_ascii_begins_fold(ps_span text, const char *with)
{
    size_t len = strlen(with);

    return text.len >= len && ps_ascii_equal_fold((ps_span){text.bytes, len}, (ps_span){with, len});
}

ps_span ps_ascii_trim(ps_span text)
{
    while (text.len > 0 && is_blank(text.bytes[0]))
        text = (ps_span){text.bytes + 1, text.len - 1};
    while (text.len > 0 && is_blank(text.bytes[text.len - 1]))
        text.len--;
    return text;
}

// The part after the last @, up to what no domain holds: a cell may go on with a name or a note about the person.
static ps_span domain_of(ps_span address, size_t at)
{
    size_t end = at + 1;

    while (end < address.len && (unsigned char)address.bytes[end] > ' ' &&
           memchr("<>()\"',;:\x7f", address.bytes[end], 10) == NULL) {
        end++;
    }
    return (ps_span){address.bytes + at + 1, end - at - 1};
}

void ps_mask_address(ps_span address, ps_buf *out)
{
    const char *at = address.len == 0 ? NULL : memrchr(address.bytes, '@', address.len);

    if (at == NULL) {
        ps_buf_add_text(out, "***");
        return;
    }
    size_t first_len = 0, at_offset = (size_t)(at - address.bytes);
    if (at_offset > 0 && ps_utf8_next((ps_span){address.bytes, at_offset}, &first_len) >= 0) {
        ps_add_visible(out, (ps_span){address.bytes, first_len});
    }
    ps_buf_add_text(out, "***@");
    ps_add_visible(out, domain_of(address, at_offset));
}

// What moves the cursor, ends the line or turns the direction of writing.
static bool is_unsafe(int32_t code_point)
{
    static const struct {
        int32_t first, last;
    } ranges[] = {{-1, 0x1f}, {0x7f, 0x9f}, {0x61c, 0x61c}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}};

    for (size_t i = 0; i < PS_COUNT_OF(ranges); i++) {
        if (code_point >= ranges[i].first && code_point <= ranges[i].last) return true;
    }
    return false;
}

void ps_add_visible(ps_buf *out, ps_span text)
{
    size_t offset = 0;

    while (offset < text.len) {
        size_t start = offset;
        bool unsafe = is_unsafe(ps_utf8_next(text, &offset));
        for (size_t i = start; unsafe && i < offset; i++) {
            ps_buf_add_format(out, "\\x%02x", (unsigned)(unsigned char)text.bytes[i]);
        }
        if (!unsafe) ps_buf_add(out, text.bytes + start, offset - start);
    }
}

void ps_text_format(char *out, size_t size, const char *format, va_list list)
{
    assert(size >= 8);
    int len = vsnprintf(out, size, format, list);
    assert(len >= 0); // only a wrong format fails
    if (len < 0 || (size_t)len < size) return;

    size_t end = size - 4; // the dots and the NUL
    while (end > 0 && ((unsigned char)out[end] & 0xc0) == 0x80)
        end--;
    memcpy(out + end, "...", 4);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

// Edit distance where two swapped neighbours count once: the commonest slip of typing. Three rows of the table are
// enough.
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][WORD_BYTES_MAX + 1];

    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = least(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

const char *ps_did_you_mean(const char *word, const char *const *candidates, size_t count)
{
    size_t len = strlen(word);
    size_t best = len / 3 < 1 ? 2 : len / 3 + 1; // the first that is too far
    const char *nearest = NULL;

    if (len == 0 || len > WORD_BYTES_MAX) return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t candidate_len = strlen(candidates[i]);
        if (candidate_len > WORD_BYTES_MAX) continue;
        size_t distance = edit_distance(word, len, candidates[i], candidate_len);
        if (distance >= best || distance >= len) continue; // at least one letter must be right
        best = distance;
        nearest = candidates[i];
    }
    return nearest;
}
