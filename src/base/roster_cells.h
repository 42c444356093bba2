#ifndef PS_BASE_ROSTER_CELLS_H
#define PS_BASE_ROSTER_CELLS_H

// The memory of one part of a roster at one size: buckets of eight words, a cache line each, and behind every two of
// them a line with their values. A look-up that finds nothing, which most do, touches one line; a claim touches two,
// and they are near each other: on two pages the second took 20 ns more, on one 10. A word is 56 bits of the hash, the
// kind, and how many buckets were full before the one it stands in. Words are never taken out, so a bucket with a gap
// ends every search.

#include <assert.h>

#include "base/bucket.h"
#include "base/hash.h"

enum {
    PS_CELLS_SLOTS = PS_BUCKET_WORDS,
    PS_CELLS_ALL = (1 << PS_CELLS_SLOTS) - 1, // of a bucket's slots
    PS_CELLS_DISTANCES = 64, // buckets that an entry may stand in: six bits of its word
    PS_CELLS_KIND_SHIFT = 6, // two bits
    PS_CELLS_KINDS = 3,
    PS_CELLS_HASH_SHIFT = 8,
    PS_CELLS_FINE_BITS = 16, // of the word, which tell entries of one bucket apart when a part grows
    PS_CELLS_BASE_BITS = 26, // of the hash, which choose the bucket
    PS_CELLS_BUCKETS_MIN = 256, // a part of a small list; what is not touched takes no memory
    PS_CELLS_LOAD_MAX = 96 // percent of the slots: a fuller table is slower
};

typedef struct ps_cells_pair {
    ps_bucket buckets[2];
    _Atomic uint32_t values[2 * PS_CELLS_SLOTS];
} ps_cells_pair;
static_assert(sizeof(ps_cells_pair) == 3 * sizeof(ps_bucket), "three lines of the cache");

typedef struct ps_cells {
    ps_cells_pair *pairs;
    uint64_t base; // buckets when the part was made: the hash chooses among so many
    uint64_t buckets;
    uint64_t scale; // from a position to its home, as a fraction of 2^64
    uint64_t count, count_max; // entries; how many of them make it grow
    size_t bytes;
    struct ps_cells *older; // outgrown, kept for those who still look into it
    uint64_t until; // the batch at whose turn nobody does any more
} ps_cells;

// Where the search for a word ended: at it, at the gap where it belongs, or nowhere.
typedef struct ps_cells_place {
    uint64_t slot, word;
    bool found, gap;
} ps_cells_place;

size_t ps_cells_size(uint64_t buckets); // bytes, whole pages
bool ps_cells_fit(uint64_t base, uint64_t buckets); // can so many be told apart?

// `memory`: zeroed pages of ps_cells_size(), which are taken; NULL: the cells map their own.
ps_cells *ps_cells_new(uint64_t base, uint64_t buckets, void *memory, ps_error *err);
void ps_cells_free(ps_cells *cells); // NULL is fine

// False: too crowded, and some are missing.
bool ps_cells_move(ps_bucket_look *look, const ps_cells *from, ps_cells *to);

static inline uint64_t ps_cells_word(ps_hash hash, unsigned kind)
{
    return hash.low << PS_CELLS_HASH_SHIFT | (uint64_t)kind << PS_CELLS_KIND_SHIFT;
}

// Bits of a word that its kind takes.
#define PS_CELLS_ANY_KIND ((uint64_t)PS_CELLS_KINDS << PS_CELLS_KIND_SHIFT)

__extension__ typedef unsigned __int128 ps_wide;

static inline uint64_t ps_cells_home_of(const ps_cells *in, uint64_t position)
{
    return (uint64_t)((ps_wide)position * in->scale >> 64);
}

// The bucket at home, which the search for a hash begins with. In between is its position, finer than any bucket: the
// bucket among `base` and FINE_BITS of the word. That can be had back from a word and its home, so a part can grow to
// any size without the hashes.
static inline uint64_t ps_cells_home(const ps_cells *in, ps_hash hash)
{
    uint64_t bits = hash.high >> 32 & ((UINT64_C(1) << PS_CELLS_BASE_BITS) - 1);
    uint64_t fine = hash.low << PS_CELLS_HASH_SHIFT >> (64 - PS_CELLS_FINE_BITS);
    uint64_t position = (bits * in->base >> PS_CELLS_BASE_BITS) << PS_CELLS_FINE_BITS | fine;

    return ps_cells_home_of(in, position);
}

// The bucket after `distance` full ones: each step is one longer than the last, so that full buckets do not grow
// together. Into a table of ten million that is filled to 96 % none comes to stand farther than 30 steps from home; by
// steps of one it would be hundreds.
static inline uint64_t ps_cells_next(const ps_cells *in, uint64_t line, uint64_t distance)
{
    line += distance;
    return line < in->buckets ? line : line - in->buckets;
}

static inline ps_bucket *ps_cells_line(const ps_cells *in, uint64_t line)
{
    return &in->pairs[line / 2].buckets[line % 2];
}

static inline _Atomic uint64_t *ps_cells_at(const ps_cells *in, uint64_t slot)
{
    return &ps_cells_line(in, slot / PS_CELLS_SLOTS)->words[slot % PS_CELLS_SLOTS];
}

static inline _Atomic uint32_t *ps_cells_value(const ps_cells *in, uint64_t slot)
{
    return &in->pairs[slot / (2 * PS_CELLS_SLOTS)].values[slot % (2 * PS_CELLS_SLOTS)];
}

// The value first: who sees the word may read it.
static inline void ps_cells_fill(ps_cells *in, const ps_cells_place *at, uint32_t value)
{
    atomic_store_explicit(ps_cells_value(in, at->slot), value, memory_order_relaxed);
    atomic_store_explicit(ps_cells_at(in, at->slot), at->word, memory_order_release);
    in->count++;
}

// A gap that a search ended at, and the way there, in one number.
static inline uint64_t ps_cells_gap(uint64_t slot, uint64_t word)
{
    return slot << PS_CELLS_KIND_SHIFT | (word & (PS_CELLS_DISTANCES - 1));
}

// That place, for this word, if it is a gap still; UINT64_MAX: there was none.
static inline ps_cells_place ps_cells_place_of(const ps_cells *in, uint64_t gap, uint64_t word)
{
    uint64_t slot = gap >> PS_CELLS_KIND_SHIFT;
    bool is_gap = gap != UINT64_MAX && atomic_load_explicit(ps_cells_at(in, slot), memory_order_relaxed) == 0;

    return (ps_cells_place){.slot = slot, .word = word | (gap & (PS_CELLS_DISTANCES - 1)), .gap = is_gap};
}

static inline ps_cells_place ps_cells_search(ps_bucket_look *look, const ps_cells *in, uint64_t word, uint64_t line)
{
    for (unsigned distance = 0; distance < PS_CELLS_DISTANCES; word++) {
        unsigned seen = look(ps_cells_line(in, line), word, 0), hits = seen & PS_CELLS_ALL,
                 gaps = seen >> PS_CELLS_SLOTS;
        uint64_t slot = line * PS_CELLS_SLOTS;
        if (hits != 0) return (ps_cells_place){slot + (unsigned)__builtin_ctz(hits), word, true, false};
        if (gaps != 0) return (ps_cells_place){slot + (unsigned)__builtin_ctz(gaps), word, false, true};
        line = ps_cells_next(in, line, ++distance);
    }
    return (ps_cells_place){.found = false};
}

#endif
