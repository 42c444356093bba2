#ifndef PS_STAGE_DOMAIN_COUNTS_H
#define PS_STAGE_DOMAIN_COUNTS_H

// Rows by domain. A list has a hundred thousand domains and each thread counts them all, so little is kept of each: no
// name where it has a number (presend/address.h), and counts of 16 bits, which are emptied into wide ones in time.

#include "base/intern.h"
#include "base/prefetch.h"
#include "presend/address.h"
#include "presend/facts.h"

// One domain, as it is told.
typedef struct ps_domain_count {
    ps_span name;
    uint64_t rows, ordinary, verdict[PS_VERDICT_COUNT]; // ordinary: rows that no guard counts
} ps_domain_count;

typedef struct ps_domain_counts {
    struct ps_domain_narrow {
        uint16_t verdict[PS_VERDICT_COUNT], ordinary;
    } * narrow; // by number
    struct ps_domain_wide {
        uint64_t verdict[PS_VERDICT_COUNT], ordinary;
    } * wide; // by number: what is not in the narrow ones; memory for the biggest domains only
    size_t numbers, wide_numbers; // beyond them, nothing was counted
    ps_intern names; // of domains without a number
    struct ps_domain_wide *named; // by number in `names`
    size_t named_capacity;
    const ps_address_rules *rules; // that gave the numbers; NULL until all is settled
} ps_domain_counts;

// How far the domains were told.
typedef struct ps_domain_place {
    ps_numbered_domain numbered; // the last one of those with a number
    size_t named; // of those without
} ps_domain_place;

ps_status ps_domain_counts_open(ps_domain_counts *out, ps_error *err);
void ps_domain_counts_close(ps_domain_counts *counts); // a zeroed one is fine

// A row of a domain without a number.
ps_status ps_domain_counts_add_named(ps_domain_counts *counts, ps_span name, ps_verdict verdict, bool ordinary,
                                     ps_error *err);

// `other`, of the same address rules, is of no more use then but to be closed.
ps_status ps_domain_counts_merge(ps_domain_counts *into, ps_domain_counts *other, ps_error *err);

// Once all is counted, and before anything is told: each domain in one place, under its name. The rules that gave the
// numbers must stay.
ps_status ps_domain_counts_settle(ps_domain_counts *counts, const ps_address_rules *rules, ps_error *err);

// The next domain that has rows; `place` is zeroed at first. False: that was the last one.
bool ps_domain_counts_next(const ps_domain_counts *counts, ps_domain_place *place, ps_domain_count *out);

// Move the narrow counts of a number into its wide ones.
void ps_domain_counts_widen(ps_domain_counts *counts, uint32_t number);

PS_PREFETCHING void ps_domain_counts_prefetch(const ps_domain_counts *counts, uint32_t number)
{
    __builtin_prefetch(&counts->narrow[number], 1);
}

// A row of a domain that has a number.
static inline void ps_domain_counts_add(ps_domain_counts *counts, uint32_t number, ps_verdict verdict, bool ordinary)
{
    const unsigned half_full = 1U << 15;
    struct ps_domain_narrow *narrow = &counts->narrow[number];

    if (number >= counts->numbers) counts->numbers = (size_t)number + 1;
    narrow->verdict[verdict]++;
    narrow->ordinary = (uint16_t)(narrow->ordinary + ordinary);
    if (((narrow->verdict[verdict] | narrow->ordinary) & half_full) != 0) ps_domain_counts_widen(counts, number);
}

#endif
