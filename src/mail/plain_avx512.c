#include "mail/glance.h"

#ifdef PS_CPU_X86

#include <immintrin.h>

#include "mail/character.h"
#include "mail/plain_marks.h"

// The whole cell is one vector; a mask keeps the load within it. bench/address shows the gain.
PS_TARGET_AVX512 static inline ps_plain scan(ps_span cell)
{
    if (cell.len == 0) return (ps_plain){.local_len = 0};
    __mmask64 inside = _bzhi_u64(~UINT64_C(0), (unsigned)cell.len);
    __m512i bytes = _mm512_maskz_loadu_epi8(inside, cell.bytes);
    // Class of each byte by its low seven bits: the table's other half is empty, so bytes with the high bit are masked
    // (or do not count, as among capitals).
    __m512i front = _mm512_loadu_si512(ps_byte_class), back = _mm512_loadu_si512(ps_byte_class + 64);
    __m512i classes = _mm512_permutex2var_epi8(front, bytes, back);
    __mmask64 high = _mm512_movepi8_mask(bytes);
    ps_plain_marks marks = {
        .at = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('@')),
        .dot = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('.')),
        .plus = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('+')),
        .upper = _mm512_test_epi8_mask(classes, _mm512_set1_epi8(PS_BYTE_UPPER)),
        .atext = _mm512_test_epi8_mask(classes, _mm512_set1_epi8(PS_BYTE_ATEXT)) & ~high,
        .high = high,
    };

    return ps_plain_of_marks(marks, cell.len, cell.bytes[0]);
}

PS_TARGET_AVX512 void ps_glance_each_avx512(const ps_memo *memo, const ps_cells *cells, ps_glance *out)
{
    for (size_t i = 0; i < cells->count; i++) {
        ps_span cell = ps_cells_at(cells, i);
        ps_plain plain = {.local_len = 0};
        if (ps_glance_has_room(cell)) plain = scan(cell);
        ps_glance_set(memo, cell, plain, &out[i]);
    }
}

#endif
