#include "store/packed.h"

enum {
    NUMBERS = 10,
    NUMBER_BYTES_MAX = 10, // 64 bits, seven to a byte
    HEAD_BYTES_MAX = NUMBERS * NUMBER_BYTES_MAX,
    MORE = 0x80 // another byte of the number follows
};

// In the order in which they are written.
enum { TEXT_LEN, SCOPE_LEN, CODE_LEN, REASON_LEN, KIND, CLASS, CREATED, EXPIRES, FIRST_SEEN, GONE };

static uint64_t fold(int64_t number)
{
    return ((uint64_t)number << 1) ^ (number < 0 ? UINT64_MAX : 0);
}

static int64_t unfold(uint64_t number)
{
    return (int64_t)((number >> 1) ^ (0 - (number & 1)));
}

static unsigned char *put_number(unsigned char *to, uint64_t number)
{
    for (; number >= MORE; number >>= 7)
        *to++ = (unsigned char)(number | MORE);
    *to++ = (unsigned char)number;
    return to;
}

void ps_packed_add(ps_buf *out, const ps_stored_entry *entry)
{
    const uint64_t numbers[NUMBERS] = {
        [TEXT_LEN] = entry->text.len,
        [SCOPE_LEN] = entry->scope.len,
        [CODE_LEN] = entry->code.len,
        [REASON_LEN] = entry->reason.len,
        [KIND] = (uint64_t)entry->kind,
        [CLASS] = (uint64_t)entry->class,
        [CREATED] = fold(entry->created_s),
        [EXPIRES] = fold(entry->expires_s),
        [FIRST_SEEN] = fold(entry->first_seen_s),
        [GONE] = fold(entry->gone_s),
    };
    unsigned char head[HEAD_BYTES_MAX], *end = head;

    for (size_t i = 0; i < NUMBERS; i++)
        end = put_number(end, numbers[i]);
    ps_buf_add(out, head, (size_t)(end - head));
    ps_buf_add_span(out, entry->text);
    ps_buf_add_span(out, entry->scope);
    ps_buf_add_span(out, entry->code);
    ps_buf_add_span(out, entry->reason);
}

static bool take_number(ps_span *rest, uint64_t *out)
{
    uint64_t number = 0;

    for (size_t i = 0; i < rest->len && i < NUMBER_BYTES_MAX; i++) {
        unsigned char byte = (unsigned char)rest->bytes[i];
        number |= (uint64_t)(byte & ~(unsigned)MORE) << (7 * i);
        if ((byte & MORE) != 0) continue;
        *rest = (ps_span){rest->bytes + i + 1, rest->len - i - 1};
        *out = number;
        return true;
    }
    return false;
}

static bool take_text(ps_span *rest, uint64_t len, ps_span *out)
{
    if (len > rest->len) return false;
    *out = (ps_span){rest->bytes, (size_t)len};
    *rest = (ps_span){rest->bytes + len, rest->len - (size_t)len};
    return true;
}

bool ps_packed_take(ps_span *rest, ps_stored_entry *out)
{
    uint64_t numbers[NUMBERS];
    ps_span left = *rest;

    for (size_t i = 0; i < NUMBERS; i++) {
        if (!take_number(&left, &numbers[i])) return false;
    }
    if (numbers[KIND] >= PS_STORED_KIND_COUNT || numbers[CLASS] >= PS_CLASS_COUNT) return false;
    out->kind = (ps_stored_kind)numbers[KIND];
    out->class = (ps_class)numbers[CLASS];
    out->created_s = unfold(numbers[CREATED]);
    out->expires_s = unfold(numbers[EXPIRES]);
    out->first_seen_s = unfold(numbers[FIRST_SEEN]);
    out->gone_s = unfold(numbers[GONE]);
    bool whole = take_text(&left, numbers[TEXT_LEN], &out->text) && take_text(&left, numbers[SCOPE_LEN], &out->scope) &&
                 take_text(&left, numbers[CODE_LEN], &out->code) && take_text(&left, numbers[REASON_LEN], &out->reason);
    if (whole) *rest = left;
    return whole;
}

int ps_entry_compare(const ps_stored_entry *a, const ps_stored_entry *b)
{
    int order = ps_span_compare(a->text, b->text);

    return order != 0 ? order : ps_span_compare(a->scope, b->scope);
}
