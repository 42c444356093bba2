#include "base/roster.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/bucket.h"
#include "base/memory.h"

// A bucket is a cache line of eight words; a word is 56 bits of the hash, the kind, and how many buckets behind its
// home it stands. Words are never taken out, so a bucket with a gap ends every search. Values stand apart: a look-up
// that finds nothing, which most do, touches one line.
enum {
    SLOTS = PS_BUCKET_WORDS,
    DISTANCES = 64, // buckets that an entry may stand in: six bits of its word
    KIND_SHIFT = 6, // two bits
    HASH_SHIFT = 8,
    FINE_BITS = 16, // of the word, which tell entries of one bucket apart when a part grows
    BASE_BITS = 26, // of the hash, which choose the bucket
    ALL = (1 << SLOTS) - 1, // of a bucket's slots
    FIRST_BUCKETS = 256 // a part of a small list; what is not touched takes no memory
};

// Percent of the slots: where a part is made for a number of entries, and where it grows. A fuller table is slower, an
// emptier one larger; at 80 % of ten million entries none stands more than 41 buckets behind its home.
enum { LOAD_MADE = 80, LOAD_MAX = 88 };

__extension__ typedef unsigned __int128 wide;

// The memory of one part at one size.
typedef struct cells {
    ps_bucket *lines;
    uint32_t *values;
    uint64_t base; // buckets when the part was made: the hash chooses among so many
    uint64_t buckets; // homes; DISTANCES - 1 more stand behind the last
    uint64_t scale; // from a position to its home, as a fraction of 2^64
    size_t bytes;
    struct cells *older; // outgrown, kept for those who still look into it
    uint64_t until; // the batch at whose turn nobody does any more
} cells;

typedef struct part {
    _Atomic(cells *) now;
    cells *outgrown;
    uint64_t count, turn;
} part;

struct ps_roster {
    part parts[PS_ROSTER_PARTS];
    ps_bucket_look *look; // the form for this machine
    unsigned readers; // 0: nobody looks up while entries are added
    uint32_t sharings;
};

// ---- places

static uint64_t word_of(ps_roster_key key)
{
    return key.hash.low << HASH_SHIFT | (uint64_t)key.kind << KIND_SHIFT;
}

// Where an entry belongs, finer than any bucket: the bucket among `base` and FINE_BITS of the word. It can be had back
// from a word and its home, so a part can grow to any size without the hashes.
static uint64_t position_of(const cells *in, ps_hash hash)
{
    uint64_t bits = hash.high >> 32 & ((UINT64_C(1) << BASE_BITS) - 1);
    uint64_t fine = hash.low << HASH_SHIFT >> (64 - FINE_BITS);

    return (bits * in->base >> BASE_BITS) << FINE_BITS | fine;
}

static uint64_t home_of(const cells *in, uint64_t position)
{
    return (uint64_t)((wide)position * in->scale >> 64);
}

// At most 2^FINE_BITS positions have this home, so one alone has these fine bits.
static uint64_t position_again(const cells *in, uint64_t home, uint64_t word)
{
    uint64_t first = (uint64_t)((((wide)home << 64) + in->scale - 1) / in->scale);
    uint64_t fine = word >> (64 - FINE_BITS);

    return first + ((fine - first) & ((UINT64_C(1) << FINE_BITS) - 1));
}

// ---- memory

static void free_cells(cells *old)
{
    if (old == NULL) return;
    ps_memory_unmap(old->lines, old->bytes);
    ps_memory_free(old);
}

static cells *new_cells(uint64_t base, uint64_t buckets, ps_error *err)
{
    uint64_t slots = (buckets + DISTANCES - 1) * SLOTS;
    cells *made = ps_memory_new(1, sizeof *made, err);

    assert(buckets >= base && buckets < base << (FINE_BITS - 1) && base <= UINT64_C(1) << BASE_BITS);
    if (made == NULL) return NULL;
    made->bytes = slots * (sizeof *made->lines / SLOTS + sizeof *made->values);
    void *memory = ps_memory_map(made->bytes, err);
    if (memory == NULL) {
        ps_memory_free(made);
        return NULL;
    }
    made->lines = memory;
    made->values = (uint32_t *)(made->lines + slots / SLOTS);
    made->base = base;
    made->buckets = buckets;
    made->scale = (uint64_t)(((wide)buckets << 64) / ((wide)base << FINE_BITS));
    return made;
}

ps_status ps_roster_new(ps_roster **out, ps_error *err)
{
    ps_roster *roster = ps_memory_new(1, sizeof *roster, err);
    bool whole = roster != NULL;

    if (whole) roster->look = ps_bucket_look_best();
    for (size_t i = 0; whole && i < PS_ROSTER_PARTS; i++) {
        cells *made = new_cells(FIRST_BUCKETS, FIRST_BUCKETS, err);
        atomic_init(&roster->parts[i].now, made);
        whole = made != NULL;
    }
    if (!whole) {
        ps_roster_free(roster);
        return PS_RETRY;
    }
    *out = roster;
    return PS_OK;
}

static void free_outgrown(part *of, uint64_t turn)
{
    cells **link = &of->outgrown;

    while (*link != NULL) {
        cells *old = *link;
        if (old->until > turn) {
            link = &old->older;
            continue;
        }
        *link = old->older;
        free_cells(old);
    }
}

void ps_roster_free(ps_roster *roster)
{
    if (roster == NULL) return;
    for (size_t i = 0; i < PS_ROSTER_PARTS; i++) {
        free_outgrown(&roster->parts[i], UINT64_MAX);
        free_cells(atomic_load(&roster->parts[i].now));
    }
    ps_memory_free(roster);
}

// ---- looking

static _Atomic uint64_t *word_at(const cells *in, uint64_t slot)
{
    return &in->lines[slot / SLOTS].words[slot % SLOTS];
}

// Where the search for a word ended: at it, at the gap where it belongs, or nowhere.
typedef struct place {
    uint64_t slot, word;
    bool found, gap;
} place;

static place search(ps_bucket_look *look, const cells *in, uint64_t word, uint64_t position)
{
    uint64_t line = home_of(in, position);

    for (unsigned distance = 0; distance < DISTANCES; distance++, word++, line++) {
        unsigned seen = look(&in->lines[line], word, 0), hits = seen & ALL, gaps = seen >> SLOTS;
        if (hits != 0) return (place){line * SLOTS + (unsigned)__builtin_ctz(hits), word, true, false};
        if (gaps != 0) return (place){line * SLOTS + (unsigned)__builtin_ctz(gaps), word, false, true};
    }
    return (place){.found = false};
}

static cells *cells_of(const ps_roster *roster, ps_hash hash)
{
    return atomic_load_explicit(&roster->parts[ps_roster_part(hash)].now, memory_order_acquire);
}

bool ps_roster_find(const ps_roster *roster, ps_roster_key key, uint32_t *out_value)
{
    const cells *in = cells_of(roster, key.hash);
    place at = search(roster->look, in, word_of(key), position_of(in, key.hash));

    if (at.found) *out_value = in->values[at.slot];
    return at.found;
}

// What one bucket has of a word without its kind.
static unsigned take_kinds(const cells *in, uint64_t slot, unsigned hits, uint32_t values[PS_ROSTER_KINDS + 1])
{
    unsigned found = 0;

    for (; hits != 0; hits &= hits - 1) {
        uint64_t at = slot + (unsigned)__builtin_ctz(hits);
        unsigned kind = atomic_load_explicit(word_at(in, at), memory_order_relaxed) >> KIND_SHIFT & PS_ROSTER_KINDS;
        if (kind == 0) continue; // a gap, and a hash of zeros
        values[kind] = in->values[at];
        found |= 1U << kind;
    }
    return found;
}

unsigned ps_roster_find_all(const ps_roster *roster, ps_hash hash, uint32_t values[PS_ROSTER_KINDS + 1])
{
    const uint64_t kinds = (uint64_t)PS_ROSTER_KINDS << KIND_SHIFT;
    const cells *in = cells_of(roster, hash);
    uint64_t line = home_of(in, position_of(in, hash)), word = hash.low << HASH_SHIFT;
    unsigned found = 0;

    for (unsigned distance = 0; distance < DISTANCES; distance++, word++, line++) {
        unsigned seen = roster->look(&in->lines[line], word, kinds);
        if ((seen & ALL) != 0) found |= take_kinds(in, line * SLOTS, seen & ALL, values);
        if (seen >> SLOTS != 0) break;
    }
    return found;
}

void ps_roster_prefetch(const ps_roster *roster, ps_hash hash)
{
    const cells *in = cells_of(roster, hash);

    __builtin_prefetch(&in->lines[home_of(in, position_of(in, hash))]);
}

void ps_roster_prefetch_value(const ps_roster *roster, ps_hash hash)
{
    const cells *in = cells_of(roster, hash);

    __builtin_prefetch(&in->values[home_of(in, position_of(in, hash)) * SLOTS], 1);
}

// ---- growing

static bool move_entry(ps_bucket_look *look, const cells *from, uint64_t slot, cells *to)
{
    uint64_t word = atomic_load_explicit(word_at(from, slot), memory_order_relaxed);
    uint64_t distance = word & (DISTANCES - 1);
    uint64_t position = position_again(from, slot / SLOTS - distance, word);

    place at = search(look, to, word - distance, position);
    if (!at.gap) return false; // too crowded
    atomic_store_explicit(word_at(to, at.slot), at.word, memory_order_relaxed);
    to->values[at.slot] = from->values[slot];
    return true;
}

static bool move_entries(ps_bucket_look *look, const cells *from, cells *to)
{
    uint64_t slots = (from->buckets + DISTANCES - 1) * SLOTS;
    bool moved = true;

    for (uint64_t slot = 0; slot < slots && moved; slot++) {
        if (atomic_load_explicit(word_at(from, slot), memory_order_relaxed) != 0)
            moved = move_entry(look, from, slot, to);
    }
    return moved;
}

// Those who have batches in hand may look into the old cells. None of them has a number of `turn + readers` or more:
// every batch from this turn's on is in somebody's hand, one in each.
static void replace(ps_roster *roster, part *of, cells *made)
{
    cells *old = atomic_load_explicit(&of->now, memory_order_relaxed);

    atomic_store_explicit(&of->now, made, memory_order_release);
    old->until = of->turn + roster->readers;
    old->older = of->outgrown;
    of->outgrown = old;
    if (roster->readers == 0) free_outgrown(of, UINT64_MAX);
}

static ps_status resize(ps_roster *roster, part *of, uint64_t buckets, ps_error *err)
{
    cells *old = atomic_load_explicit(&of->now, memory_order_relaxed), *made = NULL;
    bool moved = false;

    for (; !moved; buckets += buckets / 4) { // a second time only by the worst of luck
        uint64_t base = of->count == 0 ? buckets : old->base;
        if (buckets >= base << (FINE_BITS - 1) || buckets > UINT64_C(1) << BASE_BITS) {
            return ps_error_set(err, PS_RETRY, "There are more addresses than the table can hold.");
        }
        made = new_cells(base, buckets, err);
        if (made == NULL) return PS_RETRY;
        moved = move_entries(roster->look, old, made);
        if (!moved) free_cells(made);
    }
    replace(roster, of, made);
    return PS_OK;
}

ps_status ps_roster_reserve_part(ps_roster *roster, unsigned number, uint64_t more, ps_error *err)
{
    part *of = &roster->parts[number];
    uint64_t want = (of->count + more) * 100 / (LOAD_MADE * SLOTS) + 1;

    if (want <= atomic_load_explicit(&of->now, memory_order_relaxed)->buckets) return PS_OK;
    return resize(roster, of, want, err);
}

ps_status ps_roster_reserve(ps_roster *roster, uint64_t more, ps_error *err)
{
    ps_status status = PS_OK;

    // Hashes spread evenly, but not to the last one: a part gets a hundredth more.
    for (unsigned i = 0; i < PS_ROSTER_PARTS && status == PS_OK; i++)
        status = ps_roster_reserve_part(roster, i, (more + more / 100) / PS_ROSTER_PARTS + 1, err);
    return status;
}

// ---- adding

static bool is_full(const part *of, const cells *in)
{
    return (of->count + 1) * 100 > in->buckets * SLOTS * LOAD_MAX;
}

// The place of a key that is there or for which there is room.
static ps_status find_place(ps_roster *roster, ps_roster_key key, place *out, ps_error *err)
{
    part *of = &roster->parts[ps_roster_part(key.hash)];
    const cells *in = cells_of(roster, key.hash);
    place at = search(roster->look, in, word_of(key), position_of(in, key.hash));

    assert(key.kind >= 1 && key.kind <= PS_ROSTER_KINDS);
    while (!at.found && (!at.gap || is_full(of, in))) {
        ps_status status = resize(roster, of, in->buckets + in->buckets / 2, err);
        if (status != PS_OK) return status;
        in = cells_of(roster, key.hash);
        at = search(roster->look, in, word_of(key), position_of(in, key.hash));
    }
    *out = at;
    return PS_OK;
}

// The value first: who sees the word may read it.
static void fill(ps_roster *roster, ps_hash hash, const place *at, uint32_t value)
{
    cells *in = cells_of(roster, hash);

    in->values[at->slot] = value;
    atomic_store_explicit(word_at(in, at->slot), at->word, memory_order_release);
    roster->parts[ps_roster_part(hash)].count++;
}

ps_status ps_roster_claim(ps_roster *roster, ps_roster_key key, uint32_t value, uint32_t *out_value, ps_error *err)
{
    place at;
    ps_status status = find_place(roster, key, &at, err);

    if (status != PS_OK) return status;
    if (!at.found) fill(roster, key.hash, &at, value);
    *out_value = cells_of(roster, key.hash)->values[at.slot];
    return PS_OK;
}

ps_status ps_roster_put(ps_roster *roster, ps_roster_key key, uint32_t value, ps_error *err)
{
    place at;
    ps_status status = find_place(roster, key, &at, err);

    if (status != PS_OK) return status;
    if (!at.found) fill(roster, key.hash, &at, value);
    cells_of(roster, key.hash)->values[at.slot] = value;
    return PS_OK;
}

uint32_t ps_roster_share(ps_roster *roster, unsigned readers)
{
    roster->readers = readers;
    for (size_t i = 0; i < PS_ROSTER_PARTS; i++) {
        free_outgrown(&roster->parts[i], UINT64_MAX);
        roster->parts[i].turn = 0;
    }
    return ++roster->sharings;
}

void ps_roster_turn(ps_roster *roster, unsigned number, uint64_t batch)
{
    roster->parts[number].turn = batch;
    free_outgrown(&roster->parts[number], batch);
}

uint64_t ps_roster_count(const ps_roster *roster)
{
    uint64_t count = 0;

    for (size_t i = 0; i < PS_ROSTER_PARTS; i++)
        count += roster->parts[i].count;
    return count;
}

uint64_t ps_roster_count_part(const ps_roster *roster, unsigned number)
{
    return roster->parts[number].count;
}

uint64_t ps_roster_bytes(const ps_roster *roster)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < PS_ROSTER_PARTS; i++)
        bytes += atomic_load(&roster->parts[i].now)->bytes;
    return bytes;
}
