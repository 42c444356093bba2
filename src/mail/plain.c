#include "mail/glance.h"

#include <assert.h>
#include <stdbool.h>

#include "mail/character.h"

// An apostrophe and a brace are atext, but as the first of a cell they may open a wrapper.
static bool may_open_wrapper(char first)
{
    return first == '\'' || first == '{';
}

// Of other characters than ASCII, case may be more than case.
static uint32_t host_marks(ps_span host)
{
    bool upper = false;

    for (size_t i = 0; i < host.len; i++) {
        if ((host.bytes[i] & 0x80) != 0) return 0;
        upper = upper || ps_is_upper(host.bytes[i]);
    }
    return upper ? PS_PLAIN_HOST_UPPER : 0;
}

ps_plain ps_plain_scan_scalar(ps_span cell)
{
    ps_plain plain = {.marks = PS_PLAIN_ANY};
    unsigned classes = 0;
    bool after_dot = true;

    for (size_t i = 0; i < cell.len; i++) {
        char c = cell.bytes[i];
        uint8_t class = ps_byte_class[(unsigned char)c];
        if ((class & PS_BYTE_ATEXT) == 0) {
            if (c == '@' && !after_dot && i + 1 < cell.len) plain.local_len = (uint32_t)i;
            if (c != '.' || after_dot) break;
        }
        classes |= class;
        plain.marks |= (c == '.' ? PS_PLAIN_DOT : 0U) | (c == '+' ? PS_PLAIN_PLUS : 0U);
        after_dot = c == '.';
    }
    if (plain.local_len == 0 || may_open_wrapper(cell.bytes[0])) return (ps_plain){.local_len = 0};
    if ((classes & PS_BYTE_UPPER) != 0) plain.marks |= PS_PLAIN_UPPER;
    size_t host_at = plain.local_len + 1;
    plain.marks |= host_marks((ps_span){cell.bytes + host_at, cell.len - host_at});
    return plain;
}

void ps_glance_each_scalar(const ps_memo *memo, const ps_cells *cells, ps_glance *out)
{
    for (size_t i = 0; i < cells->count; i++) {
        ps_span cell = ps_cells_at(cells, i);
        ps_plain plain = {.local_len = 0};
        if (ps_glance_has_room(cell)) plain = ps_plain_scan_scalar(cell);
        ps_glance_set(memo, cell, plain, &out[i]);
    }
}

ps_glance_each *ps_glance_each_for(ps_cpu cpu)
{
    static ps_glance_each *const forms[PS_CPU_COUNT] = {
        [PS_CPU_SCALAR] = ps_glance_each_scalar,
#ifdef PS_CPU_X86
        [PS_CPU_AVX2] = ps_glance_each_avx2,
        [PS_CPU_AVX512] = ps_glance_each_avx512,
#endif
    };

    assert((unsigned)cpu < PS_CPU_COUNT && forms[cpu] != NULL);
    return forms[cpu];
}
