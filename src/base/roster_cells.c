#include "base/roster_cells.h"

#include <assert.h>

#include "base/memory.h"

enum { PAGE_BYTES = 4096 }; // a multiple of the system's may be given back by itself

size_t ps_cells_size(uint64_t buckets)
{
    size_t pairs = buckets / 2 + buckets % 2;

    return (pairs * sizeof(ps_cells_pair) + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

bool ps_cells_fit(uint64_t base, uint64_t buckets)
{
    return buckets < base << (PS_CELLS_FINE_BITS - 1) && buckets <= UINT64_C(1) << PS_CELLS_BASE_BITS;
}

ps_cells *ps_cells_new(uint64_t base, uint64_t buckets, void *memory, ps_error *err)
{
    ps_cells *made = ps_memory_new(1, sizeof *made, err);

    assert(buckets >= base && buckets >= PS_CELLS_BUCKETS_MIN && ps_cells_fit(base, buckets));
    if (made == NULL) return NULL;
    made->bytes = ps_cells_size(buckets);
    if (memory == NULL) memory = ps_memory_map(made->bytes, err);
    if (memory == NULL) {
        ps_memory_free(made);
        return NULL;
    }
    made->pairs = memory;
    made->base = base;
    made->buckets = buckets;
    made->count_max = buckets * PS_CELLS_SLOTS * PS_CELLS_LOAD_MAX / 100;
    made->scale = (uint64_t)(((ps_wide)buckets << 64) / ((ps_wide)base << PS_CELLS_FINE_BITS));
    return made;
}

void ps_cells_free(ps_cells *cells)
{
    if (cells == NULL) return;
    ps_memory_unmap(cells->pairs, cells->bytes);
    ps_memory_free(cells);
}

// ---- moving

// Homes rise with positions, so both tables are gone through from their first line to their last, and memory is never
// waited for.

// Steps of 1, 2, 3 ... from home.
static uint64_t home_again(const ps_cells *in, uint64_t line, uint64_t distance)
{
    static_assert(PS_CELLS_DISTANCES * PS_CELLS_DISTANCES / 2 <= 8 * PS_CELLS_BUCKETS_MIN, "all steps, at most");

    return (line + 8 * in->buckets - distance * (distance + 1) / 2) % in->buckets;
}

// The least position with this home.
static uint64_t first_again(const ps_cells *in, uint64_t home)
{
    return (uint64_t)((((ps_wide)home << 64) + in->scale - 1) / in->scale);
}

// At most 2^FINE_BITS positions have one home, so one alone has these fine bits.
static uint64_t position_again(uint64_t first, uint64_t word)
{
    uint64_t fine = word >> (64 - PS_CELLS_FINE_BITS);

    return first + ((fine - first) & ((UINT64_C(1) << PS_CELLS_FINE_BITS) - 1));
}

static bool put(ps_bucket_look *look, ps_cells *to, uint64_t position, uint64_t word, uint32_t value)
{
    ps_cells_place at = ps_cells_search(look, to, word, ps_cells_home_of(to, position));

    if (at.gap) ps_cells_fill(to, &at, value);
    return at.gap;
}

// `first` is the least position at home in this line, where most entries of it are. Gaps come last.
static bool move_line(ps_bucket_look *look, const ps_cells *from, uint64_t line, uint64_t first, ps_cells *to)
{
    bool moved = true;

    for (unsigned i = 0; i < PS_CELLS_SLOTS && moved; i++) {
        uint64_t slot = line * PS_CELLS_SLOTS + i;
        uint64_t word = atomic_load_explicit(ps_cells_at(from, slot), memory_order_relaxed), begin = first;
        uint64_t distance = word & (PS_CELLS_DISTANCES - 1);
        if (word == 0) break;
        if (distance != 0) begin = first_again(from, home_again(from, line, distance));
        uint32_t value = atomic_load_explicit(ps_cells_value(from, slot), memory_order_relaxed);
        moved = put(look, to, position_again(begin, word), word - distance, value);
    }
    return moved;
}

bool ps_cells_move(ps_bucket_look *look, const ps_cells *from, ps_cells *to)
{
    uint64_t stride = (uint64_t)(((ps_wide)1 << 64) / from->scale), first = 0; // positions of a line, or one less
    bool moved = true;

    for (uint64_t line = 0; line < from->buckets && moved; line++) {
        first += ps_cells_home_of(from, first) < line; // at most one beyond the stride
        assert(ps_cells_home_of(from, first) == line);
        moved = move_line(look, from, line, first, to);
        first += stride;
    }
    return moved;
}
