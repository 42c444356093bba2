#ifndef PS_FACTS_FACT_NUMBERS_H
#define PS_FACTS_FACT_NUMBERS_H

// What entries say, each fact once and by its number: ten million entries say a hundred thousand different things.

#include "base/hash.h"
#include "presend/facts.h"

enum {
    PS_FACTS_LATE = 32768,
    PS_FACTS_LISTS = 16, // names of lists whose hash is kept
};

typedef struct ps_fact_numbers {
    ps_suppressed *facts; // by number
    size_t count, capacity;
    ps_index index; // by all that a fact says
    uint32_t late[PS_FACTS_LATE]; // numbers of facts that were found lately, so that most need not be hashed
    struct {
        const char *list;
        ps_hash hash;
    } lists[PS_FACTS_LISTS];
} ps_fact_numbers; // zeroed, it is empty

void ps_fact_numbers_done(ps_fact_numbers *numbers);
void ps_fact_numbers_seal(ps_fact_numbers *numbers); // what only adding needs is given back

// Of all that it says. The text of its list stays where it is.
ps_hash ps_fact_hash(ps_fact_numbers *numbers, const ps_suppressed *fact);

// The number of a fact, by its hash. PS_RETRY without memory.
ps_status ps_fact_claim(ps_fact_numbers *numbers, const ps_suppressed *fact, ps_hash hash, uint32_t *out,
                        ps_error *err);

// The same, sooner for what one entry says: it was found lately. What was merged out of several is seldom met again.
ps_status ps_fact_find(ps_fact_numbers *numbers, const ps_suppressed *fact, uint32_t *out, ps_error *err);

#endif
