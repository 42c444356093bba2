#include "facts/date_cells.h"

#ifdef PS_CPU_X86

#include "facts/date_decode.h"

PS_TARGET_AVX2 void ps_date_decode_avx2(const ps_date_frame *frame, ps_date_words *words, size_t count)
{
    ps_decode_all(frame, words, count);
}

#endif
