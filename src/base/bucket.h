#ifndef PS_BASE_BUCKET_H
#define PS_BASE_BUCKET_H

// Eight words of a table in one cache line, compared at once: the scalar form is the reference, bench/table shows the
// gain of the others.

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"

enum { PS_BUCKET_WORDS = 8 };

typedef struct ps_bucket {
    _Alignas(64) _Atomic uint64_t words[PS_BUCKET_WORDS]; // 0: a gap
} ps_bucket;

// Bit n: word n is `word` but for the bits of `ignored`. Bit 8 + n: it is a gap. A word that another thread writes
// meanwhile is seen as it was or as it is, and what was written before it is seen with it.
typedef unsigned ps_bucket_look(const ps_bucket *bucket, uint64_t word, uint64_t ignored);
// The same for many buckets, each with its own word.
typedef void ps_bucket_look_each(const ps_bucket *const buckets[], const uint64_t words[], uint64_t ignored,
                                 size_t count, uint16_t seen[]);

ps_bucket_look ps_bucket_look_scalar;
ps_bucket_look_each ps_bucket_look_each_scalar;
#ifdef PS_CPU_X86
ps_bucket_look ps_bucket_look_avx2, ps_bucket_look_avx512;
ps_bucket_look_each ps_bucket_look_each_avx2, ps_bucket_look_each_avx512;
#endif

// One kind of machine's forms.
typedef struct ps_bucket_form {
    ps_bucket_look *look;
    ps_bucket_look_each *look_each;
} ps_bucket_form;

ps_bucket_form ps_bucket_form_for(ps_cpu cpu);
ps_cpu ps_bucket_cpu_best(void); // whose forms this machine takes, for whatever looks into buckets

#endif
