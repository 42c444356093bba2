#include "facts/date_cells.h"

#ifdef PS_CPU_X86

#include "facts/date_decode.h"

PS_TARGET_AVX2 uint64_t ps_date_decode_avx2(const ps_date_frame *frame, const ps_span *cells, size_t stride,
                                            size_t count, ps_day *days)
{
    return ps_decode_all(frame, cells, stride, count, days);
}

#endif
