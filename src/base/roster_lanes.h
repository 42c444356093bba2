// The loops of base/roster_block.h, with the PS_LANES_SEEN and for the PS_LANES_TARGET of the file that includes them.

// As ps_cells_search(); of words that differ in the bits of `ignored` alone, any.
PS_LANES_TARGET static inline ps_cells_place search_lanes(const ps_cells *in, ps_hash hash, unsigned kind,
                                                          uint64_t ignored)
{
    uint64_t line = ps_cells_home(in, hash), word = ps_cells_word(hash, kind);

    for (unsigned distance = 0; distance < PS_CELLS_DISTANCES; word++) {
        unsigned seen = PS_LANES_SEEN(&in->lines[line], word, ignored), hits = seen & PS_CELLS_ALL;
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

static const uint64_t any_kind = (uint64_t)PS_CELLS_KINDS << PS_CELLS_KIND_SHIFT;

// Those whose home is full: it is the bucket behind it that all of them wait for, once more at the same time.
PS_LANES_TARGET static uint64_t have_behind(const ps_cells *const in[], const ps_hash hashes[], const uint8_t full[],
                                            size_t count)
{
    uint64_t mask = 0;

    for (size_t k = 0; k < count; k++) {
        const ps_cells *cells = in[full[k]];
        __builtin_prefetch(&cells->lines[ps_cells_next(cells, ps_cells_home(cells, hashes[full[k]]), 1)]);
    }
    for (size_t k = 0; k < count; k++) {
        ps_cells_place at = search_lanes(in[full[k]], hashes[full[k]], 0, any_kind);
        mask |= (uint64_t)!at.gap << full[k];
    }
    return mask;
}

PS_LANES_TARGET static uint64_t have_lanes(const ps_cells *const in[], const ps_hash hashes[], size_t count)
{
    uint8_t full[PS_ROSTER_BLOCK];
    uint64_t mask = 0;
    size_t full_count = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t line = ps_cells_home(in[i], hashes[i]);
        unsigned seen = PS_LANES_SEEN(&in[i]->lines[line], ps_cells_word(hashes[i], 0), any_kind);
        full[full_count] = (uint8_t)i;
        full_count += seen == 0;
        if ((seen & PS_CELLS_ALL) == 0) continue;
        mask |= UINT64_C(1) << i;
        __builtin_prefetch(&in[i]->values[line * PS_CELLS_SLOTS]); // what is asked for next
    }
    return mask | have_behind(in, hashes, full, full_count);
}

// The value first: who sees the word may read it.
PS_LANES_TARGET static size_t claim_lanes(ps_cells *in, unsigned kind, const ps_hash hashes[], uint32_t values[],
                                          size_t count, uint64_t *added)
{
    size_t i = 0;

    for (; i < count; i++) {
        ps_cells_place at = search_lanes(in, hashes[i], kind, 0);
        if (at.found) {
            values[i] = atomic_load_explicit(&in->values[at.slot], memory_order_relaxed);
            continue;
        }
        if (!at.gap) break;
        atomic_store_explicit(&in->values[at.slot], values[i], memory_order_relaxed);
        atomic_store_explicit(ps_cells_at(in, at.slot), at.word, memory_order_release);
        (*added)++;
    }
    return i;
}
