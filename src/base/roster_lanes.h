// The loops of base/roster_block.h, with the PS_LANES_SEEN and for the PS_LANES_TARGET of the file that includes them.

#include "base/prefetch.h"

// As ps_cells_search(); of words that differ in the bits of `ignored` alone, any.
PS_LANES_TARGET static inline ps_cells_place search_lanes(const ps_cells *in, ps_hash hash, unsigned kind,
                                                          uint64_t ignored)
{
    uint64_t line = ps_cells_home(in, hash), word = ps_cells_word(hash, kind) & ~ignored;

    for (unsigned distance = 0; distance < PS_CELLS_DISTANCES; word++) {
        unsigned seen = PS_LANES_SEEN(ps_cells_line(in, line), word, ignored), hits = seen & PS_CELLS_ALL;
        uint64_t slot = line * PS_CELLS_SLOTS;
        if (hits != 0) return (ps_cells_place){slot + (unsigned)__builtin_ctz(hits), word, true, false};
        if (seen != 0) {
            unsigned gap = (unsigned)__builtin_ctz(seen >> PS_CELLS_SLOTS);
            return (ps_cells_place){slot + gap, word, false, true};
        }
        line = ps_cells_next(in, line, ++distance);
    }
    return (ps_cells_place){.found = false};
}

// Bits of a word that do not count.
static inline uint64_t ignored_by(const ps_roster_question *question)
{
    return PS_CELLS_ANY_KIND | question->apart << PS_CELLS_HASH_SHIFT;
}

// What a search goes on with where home is full. While ten million claim, almost half of such searches need more than
// one step, and waits that follow each other are the longest.
PS_PREFETCHING void prefetch_steps(const ps_cells *in, uint64_t home)
{
    enum { STEPS = 3 };

    for (unsigned distance = 1; distance <= STEPS; distance++) {
        home = ps_cells_next(in, home, distance);
        __builtin_prefetch(ps_cells_line(in, home));
    }
}

// Who is found is asked for more, and who is not is claimed soon: either touches the values. They are on the page that
// was just looked up, where asking for them is cheap.
PS_LANES_TARGET static void ask_lanes(const ps_cells *const in[], ps_roster_question *question)
{
    const uint64_t ignored = ignored_by(question);
    uint64_t may = 0, full = 0;

    for (size_t i = 0; i < question->count; i++) {
        uint64_t line = ps_cells_home(in[i], question->hashes[i]);
        uint64_t word = ps_cells_word(question->hashes[i], 0) & ~ignored;
        unsigned seen = PS_LANES_SEEN(ps_cells_line(in[i], line), word, ignored), gaps = seen >> PS_CELLS_SLOTS;
        bool hit = (seen & PS_CELLS_ALL) != 0;
        may |= (uint64_t)hit << i;
        full |= (uint64_t)(gaps == 0) << i;
        question->gaps[i] =
            ps_cells_gap(line * PS_CELLS_SLOTS + (unsigned)__builtin_ctz(gaps | 1U << PS_CELLS_SLOTS), 0) |
            -(uint64_t)hit;
        __builtin_prefetch(ps_cells_value(in[i], line * PS_CELLS_SLOTS));
    }
    question->may = may;
    question->open = full & ~may;
    for (; full != 0; full &= full - 1) { // also of those that may be there: another kind may stand farther on
        unsigned i = (unsigned)__builtin_ctzll(full);
        prefetch_steps(in[i], ps_cells_home(in[i], question->hashes[i]));
    }
}

PS_LANES_TARGET static void ask_open_lanes(const ps_cells *const in[], ps_roster_question *question)
{
    const uint64_t ignored = ignored_by(question);

    for (uint64_t open = question->open; open != 0; open &= open - 1) {
        unsigned i = (unsigned)__builtin_ctzll(open);
        ps_cells_place at = search_lanes(in[i], question->hashes[i], 0, ignored);
        question->may |= (uint64_t)!at.gap << i;
        question->gaps[i] = at.gap ? ps_cells_gap(at.slot, at.word) : PS_ROSTER_NO_GAP;
        if (at.gap) __builtin_prefetch(ps_cells_value(in[i], at.slot));
    }
}

// What was found of a gap still holds where it is one: whoever was added since would have filled that one first.
PS_LANES_TARGET static size_t claim_lanes(ps_cells *const in[], unsigned kind, ps_roster_claims *claims, size_t from)
{
    size_t i = from;

    for (; i < claims->count; i++) {
        ps_cells_place at = ps_cells_place_of(in[i], claims->gaps[i], ps_cells_word(claims->hashes[i], kind));
        if (!at.gap) at = search_lanes(in[i], claims->hashes[i], kind, 0);
        if (at.found) {
            claims->values[i] = atomic_load_explicit(ps_cells_value(in[i], at.slot), memory_order_relaxed);
            continue;
        }
        if (!at.gap || in[i]->count >= in[i]->count_max) break;
        ps_cells_fill(in[i], &at, claims->values[i]);
    }
    return i;
}

PS_LANES_TARGET static uint64_t add_lanes(ps_cells *const in[], unsigned kind, const ps_hash hashes[],
                                          const uint32_t values[], size_t count)
{
    uint64_t left = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t line = ps_cells_home(in[i], hashes[i]);
        unsigned seen = PS_LANES_SEEN(ps_cells_line(in[i], line), ps_cells_word(hashes[i], 0), PS_CELLS_ANY_KIND);
        bool fits = (seen & PS_CELLS_ALL) == 0 && seen != 0 && in[i]->count < in[i]->count_max;
        left |= (uint64_t)!fits << i;
        if (!fits) continue;
        uint64_t slot = line * PS_CELLS_SLOTS + (unsigned)__builtin_ctz(seen >> PS_CELLS_SLOTS);
        const ps_cells_place at = {.slot = slot, .word = ps_cells_word(hashes[i], kind)};
        ps_cells_fill(in[i], &at, values[i]);
    }
    return left;
}
