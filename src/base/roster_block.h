#ifndef PS_BASE_ROSTER_BLOCK_H
#define PS_BASE_ROSTER_BLOCK_H

// What a roster does for a block of hashes at once, in a form for each kind of machine: the compare of eight words
// stands in the loop itself. The scalar form is the reference; bench/table shows the gain of the others.

#include "base/roster.h"
#include "base/roster_cells.h"

typedef struct ps_roster_block {
    // What the home of hash n in in[n] says. Where it is full, and does not have the hash, that stays open; the memory
    // that the search will go on with is asked for.
    void (*ask)(const ps_cells *const in[], ps_roster_question *question);
    // The same of what is open, by a whole search; or it may be there, and the search did not end.
    void (*ask_open)(const ps_cells *const in[], ps_roster_question *question);

    // Finds hash n in in[n], or adds it, each in its order, as long as there is a gap where it belongs and room. Gives
    // the first that was not done.
    size_t (*claim)(ps_cells *const in[], unsigned kind, ps_roster_claims *claims, size_t from);

    // Adds hash n to in[n] where its home says that it is not there, of whatever kind, and has a gap, and there is
    // room. Bit n: that one was left out.
    uint64_t (*add)(ps_cells *const in[], unsigned kind, const ps_hash hashes[], const uint32_t values[], size_t count);
} ps_roster_block;

extern const ps_roster_block ps_roster_block_scalar;
#ifdef PS_CPU_X86
extern const ps_roster_block ps_roster_block_avx2, ps_roster_block_avx512;
#endif

const ps_roster_block *ps_roster_block_for(ps_cpu cpu);

#endif
