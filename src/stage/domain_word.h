#ifndef PS_STAGE_DOMAIN_WORD_H
#define PS_STAGE_DOMAIN_WORD_H

// Rows of a domain: five small counts in a word, or wide ones.

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "presend/facts.h"

enum {
    PS_DOMAIN_FIELDS = PS_VERDICT_COUNT + 1, // by verdict, and those that no guard counts
    PS_DOMAIN_FIELD_BITS = 12,
    PS_DOMAIN_FIELD_MAX = (1 << PS_DOMAIN_FIELD_BITS) - 1
};

typedef struct ps_domain_sum {
    uint64_t field[PS_DOMAIN_FIELDS];
} ps_domain_sum;

static inline void ps_domain_sum_add(ps_domain_sum *into, const ps_domain_sum *rows)
{
    for (size_t i = 0; i < PS_DOMAIN_FIELDS; i++)
        into->field[i] += rows->field[i];
}

static inline uint64_t ps_domain_sum_rows(const ps_domain_sum *sum)
{
    uint64_t rows = 0;

    for (size_t v = 0; v < PS_VERDICT_COUNT; v++)
        rows += sum->field[v];
    return rows;
}

// One in each field.
#define PS_DOMAIN_ONES                                                                                                 \
    (UINT64_C(1) | UINT64_C(1) << PS_DOMAIN_FIELD_BITS | UINT64_C(1) << (2 * PS_DOMAIN_FIELD_BITS) |                   \
     UINT64_C(1) << (3 * PS_DOMAIN_FIELD_BITS) | UINT64_C(1) << (4 * PS_DOMAIN_FIELD_BITS))
static_assert(PS_DOMAIN_FIELDS == 5 && PS_DOMAIN_FIELDS * PS_DOMAIN_FIELD_BITS <= 62, "all fields, and two bits more");

static inline uint64_t ps_domain_word_field(uint64_t word, size_t i)
{
    return word >> (i * PS_DOMAIN_FIELD_BITS) & PS_DOMAIN_FIELD_MAX;
}

static inline bool ps_domain_word_half_full(uint64_t word)
{
    return (word & PS_DOMAIN_ONES << (PS_DOMAIN_FIELD_BITS - 1)) != 0;
}

// A row.
static inline uint64_t ps_domain_word(ps_verdict verdict, bool ordinary)
{
    return UINT64_C(1) << ((unsigned)verdict * PS_DOMAIN_FIELD_BITS) | (uint64_t)ordinary
                                                                           << (PS_VERDICT_COUNT * PS_DOMAIN_FIELD_BITS);
}

static inline ps_domain_sum ps_domain_word_sum(uint64_t word)
{
    ps_domain_sum sum;

    for (size_t i = 0; i < PS_DOMAIN_FIELDS; i++)
        sum.field[i] = ps_domain_word_field(word, i);
    return sum;
}

#endif
