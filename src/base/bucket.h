#ifndef PS_BASE_BUCKET_H
#define PS_BASE_BUCKET_H

// Eight words of a table in one cache line, compared at once: the scalar form is the reference, bench/table shows the
// gain of the others.

#include <stdatomic.h>
#include <stdint.h>

#include "base/cpu.h"

enum { PS_BUCKET_WORDS = 8 };

typedef struct ps_bucket {
    _Alignas(64) _Atomic uint64_t words[PS_BUCKET_WORDS]; // 0: a gap
} ps_bucket;

// Bit n: word n is `word` but for the bits of `ignored`. Bit 8 + n: it is a gap. A word that another thread writes
// meanwhile is seen as it was or as it is, and what was written before it is seen with it.
typedef unsigned ps_bucket_look(const ps_bucket *bucket, uint64_t word, uint64_t ignored);

ps_bucket_look ps_bucket_look_scalar;
#ifdef PS_CPU_X86
ps_bucket_look ps_bucket_look_avx2, ps_bucket_look_avx512;
#endif

ps_bucket_look *ps_bucket_look_for(ps_cpu cpu);
ps_bucket_look *ps_bucket_look_best(void); // on this machine

#endif
