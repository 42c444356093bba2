#ifndef PS_MAIL_GLANCE_H
#define PS_MAIL_GLANCE_H

// The first look at a block of cells, in one form for each kind of CPU; all say the same of any cell.

#include "base/cpu.h"
#include "mail/memo.h"
#include "mail/plain.h"

typedef struct ps_glance {
    ps_plain plain; // local_len 0: the cell takes the long way
    uint32_t host_len; // of what stands behind the `@`
    uint64_t hash; // of its domain, by which the memo knows it: of the domain in lower case with PS_PLAIN_HOST_UPPER
    const ps_memo_entry *likely; // a second step sets it: what may be known of the domain; see ps_memo_likely()
} ps_glance;

// One after the other, `stride` values apart.
typedef struct ps_cells {
    const ps_span *first;
    size_t stride, count;
} ps_cells;

static inline ps_span ps_cells_at(const ps_cells *cells, size_t i)
{
    return cells->first[i * cells->stride];
}

// Also asks for where each domain may be known.
typedef void ps_glance_each(const ps_memo *memo, const ps_cells *cells, ps_glance *out);

ps_glance_each ps_glance_each_scalar;
#ifdef PS_CPU_X86
ps_glance_each ps_glance_each_avx2;
ps_glance_each ps_glance_each_avx512;
#endif

// The form for `cpu`, which this machine must have.
ps_glance_each *ps_glance_each_for(ps_cpu cpu);

// ---- what the forms have in common

// Shorter cells are rare, and lack the bytes before a domain that the memo may read.
enum { PS_GLANCE_BYTES_MIN = PS_MEMO_BYTES_BEFORE + PS_MEMO_TEXT_MIN };

static inline bool ps_glance_has_room(ps_span cell)
{
    return cell.len >= PS_GLANCE_BYTES_MIN && cell.len <= PS_PLAIN_BYTES_MAX;
}

// Field by field: a struct that is put together elsewhere is read again before its last part has arrived, which is what
// most of a glance would wait for.
static inline void ps_glance_set(const ps_memo *memo, ps_span cell, ps_plain plain, ps_glance *out)
{
    const ps_span host = {cell.bytes + plain.local_len + 1, cell.len - plain.local_len - 1};
    ps_memo_key key;

    out->likely = NULL;
    out->plain.marks = plain.marks;
    out->plain.local_len = plain.local_len == 0 || host.len < PS_MEMO_TEXT_MIN ? 0 : plain.local_len;
    out->host_len = (uint32_t)host.len;
    out->hash = 0;
    if (out->plain.local_len == 0) return;
    ps_memo_key_of(host, (plain.marks & PS_PLAIN_HOST_UPPER) != 0, &key);
    out->hash = key.hash;
    ps_memo_prefetch(memo, key.hash);
}

#endif
