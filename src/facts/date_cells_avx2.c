#include "facts/date_cells.h"

#ifdef PS_CPU_X86

#include "facts/date_decode.h"

PS_TARGET_AVX2 bool ps_date_decode_avx2(const ps_date_frame *frame, ps_date_cells *cells)
{
    return ps_decode_all(frame, cells);
}

#endif
