#ifndef PS_STAGE_DOMAIN_COUNTS_H
#define PS_STAGE_DOMAIN_COUNTS_H

// Rows by domain. A list has a hundred thousand domains and more, so little is kept of each: no name where it has a
// number (presend/address.h), and a word of five counts, which are emptied into wide ones in time. Numbers are given in
// the order in which domains come: the early ones are most rows', and each thread counts them by itself; the others are
// counted by all threads in one place.

#include <stdatomic.h>

#include "base/prefetch.h"
#include "presend/address.h"
#include "stage/domain_names.h"

// One domain, as it is told.
typedef struct ps_domain_count {
    ps_span name;
    uint64_t rows, ordinary, verdict[PS_VERDICT_COUNT]; // ordinary: rows that no guard counts
} ps_domain_count;

enum {
    PS_DOMAIN_EARLY = 1 << 14 // numbers below it; their counts fit into the near cache
};

// What all parts count together.
typedef struct ps_domain_whole {
    _Atomic uint64_t *late; // by number, the fields in a word
    _Atomic uint64_t (*wide)[PS_DOMAIN_FIELDS]; // by number: what is in no word; memory for the biggest domains only
    ps_domain_file *file; // where names are put aside; NULL: they stay in memory
} ps_domain_whole;

typedef struct ps_domain_counts {
    uint64_t *early; // by number, as `late`
    ps_domain_whole whole; // a part borrows it
    bool is_part;
    // Rows of one late number that are not yet in its word: in a list that is sorted by domain, threads would wait for
    // each other at every row.
    uint64_t pending;
    uint32_t pending_number;
    size_t numbers; // from it on, nothing was counted
    ps_domain_names named; // of domains without a number
    size_t parts; // of `named`, once all is settled
    const ps_address_rules *rules; // that gave the numbers; NULL until all is settled
} ps_domain_counts;

// `whole` is what it will be merged into, and stays for longer; NULL: it is a whole itself, and what is more than
// memory is worth is put into a file in `folder` (NULL: it stays in memory).
ps_status ps_domain_counts_open(const ps_domain_counts *whole, const char *folder, ps_domain_counts *out,
                                ps_error *err);
void ps_domain_counts_close(ps_domain_counts *counts); // a zeroed one is fine

// A row of a domain without a number.
ps_status ps_domain_counts_add_named(ps_domain_counts *counts, ps_span name, ps_verdict verdict, bool ordinary,
                                     ps_error *err);

// `part`, of the same address rules, is of no more use then but to be closed. Nobody counts meanwhile.
ps_status ps_domain_counts_merge(ps_domain_counts *into, ps_domain_counts *part, ps_error *err);

// Once all is counted, and before anything is told: each domain in one place, under its name. The rules that gave the
// numbers must stay.
ps_status ps_domain_counts_settle(ps_domain_counts *counts, const ps_address_rules *rules, ps_error *err);

// Each domain that has rows, in no order, for the time of the call.
typedef void ps_domain_take(void *context, const ps_domain_count *domain);
ps_status ps_domain_counts_each(ps_domain_counts *counts, ps_domain_take *take, void *context, ps_error *err);

// Move the early counts of a number into its wide ones.
void ps_domain_counts_widen(ps_domain_counts *counts, uint32_t number);

// Put what is pending where it belongs, so that the rows of another number can be.
void ps_domain_counts_flush(ps_domain_counts *counts);

PS_PREFETCHING void ps_domain_counts_prefetch(const ps_domain_counts *counts, uint32_t number)
{
    const void *early = &counts->early[number % PS_DOMAIN_EARLY], *late = &counts->whole.late[number];

    __builtin_prefetch(number < PS_DOMAIN_EARLY ? early : late, 1);
}

enum { PS_DOMAIN_PENDING_MAX = 8 }; // of a field

// A row of a domain that has a number.
static inline void ps_domain_counts_add(ps_domain_counts *counts, uint32_t number, uint64_t row)
{
    if (number >= counts->numbers) counts->numbers = (size_t)number + 1;
    if (number < PS_DOMAIN_EARLY) {
        uint64_t word = counts->early[number] + row;
        counts->early[number] = word;
        if (ps_domain_word_half_full(word)) ps_domain_counts_widen(counts, number);
        return;
    }
    if (number != counts->pending_number) ps_domain_counts_flush(counts);
    counts->pending_number = number;
    counts->pending += row;
    if ((counts->pending & PS_DOMAIN_ONES * PS_DOMAIN_PENDING_MAX) != 0) ps_domain_counts_flush(counts);
}

#endif
