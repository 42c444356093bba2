#include "base/roster.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/memory.h"
#include "base/roster_block.h"

static_assert((int)PS_ROSTER_KINDS == (int)PS_CELLS_KINDS, "what fits in a word");

// Percent of the slots, where a part is made for a number of entries: an emptier one is larger, and it is full only
// when the last row has come.
enum { LOAD_MADE = 92 };
static_assert((int)LOAD_MADE < (int)PS_CELLS_LOAD_MAX, "it does not grow at once");

typedef struct part {
    _Atomic(ps_cells *) now;
    ps_cells *outgrown;
    uint64_t turn;
    void *reserved; // memory that it will move to; NULL: none
    uint64_t reserved_buckets;
} part;

struct ps_roster {
    part parts[PS_ROSTER_PARTS];
    ps_bucket_form form; // for this machine
    const ps_roster_block *block;
    unsigned readers; // 0: nobody looks up while entries are added
    uint32_t sharings;
    _Atomic uint64_t moves; // of all parts
};

ps_status ps_roster_new(ps_roster **out, ps_error *err)
{
    ps_roster *roster = ps_memory_new(1, sizeof *roster, err);
    bool whole = roster != NULL;

    if (whole) roster->form = ps_bucket_form_for(ps_bucket_cpu_best());
    if (whole) roster->block = ps_roster_block_for(ps_bucket_cpu_best());
    for (size_t i = 0; whole && i < PS_ROSTER_PARTS; i++) {
        ps_cells *made = ps_cells_new(PS_CELLS_BUCKETS_MIN, PS_CELLS_BUCKETS_MIN, NULL, err);
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
    ps_cells **link = &of->outgrown;

    while (*link != NULL) {
        ps_cells *old = *link;
        if (old->until > turn) {
            link = &old->older;
            continue;
        }
        *link = old->older;
        ps_cells_free(old);
    }
}

static void drop_reserved(part *of)
{
    ps_memory_unmap(of->reserved, ps_cells_size(of->reserved_buckets));
    of->reserved = NULL;
}

void ps_roster_free(ps_roster *roster)
{
    if (roster == NULL) return;
    for (size_t i = 0; i < PS_ROSTER_PARTS; i++) {
        drop_reserved(&roster->parts[i]);
        free_outgrown(&roster->parts[i], UINT64_MAX);
        ps_cells_free(atomic_load(&roster->parts[i].now));
    }
    ps_memory_free(roster);
}

// ---- looking

static const ps_cells *cells_of(const ps_roster *roster, ps_hash hash)
{
    return atomic_load_explicit(&roster->parts[ps_roster_part(hash)].now, memory_order_acquire);
}

// The owner's view: nobody else replaces them.
static ps_cells *cells_now(const part *of)
{
    return atomic_load_explicit(&of->now, memory_order_relaxed);
}

static uint32_t value_at(const ps_cells *in, uint64_t slot)
{
    return atomic_load_explicit(ps_cells_value(in, slot), memory_order_relaxed);
}

static ps_cells_place search(const ps_roster *roster, const ps_cells *in, ps_roster_key key)
{
    return ps_cells_search(roster->form.look, in, ps_cells_word(key.hash, key.kind), ps_cells_home(in, key.hash));
}

bool ps_roster_find(const ps_roster *roster, ps_roster_key key, uint32_t *out_value)
{
    const ps_cells *in = cells_of(roster, key.hash);
    ps_cells_place at = search(roster, in, key);

    if (at.found) *out_value = value_at(in, at.slot);
    return at.found;
}

// What one bucket has of a word without its kind.
static unsigned take_kinds(const ps_cells *in, uint64_t slot, unsigned hits, uint32_t values[PS_ROSTER_KINDS + 1])
{
    unsigned found = 0;

    for (; hits != 0; hits &= hits - 1) {
        uint64_t at = slot + (unsigned)__builtin_ctz(hits);
        uint64_t word = atomic_load_explicit(ps_cells_at(in, at), memory_order_relaxed);
        unsigned kind = word >> PS_CELLS_KIND_SHIFT & PS_ROSTER_KINDS;
        if (kind == 0) continue; // a gap, and a hash of zeros
        values[kind] = value_at(in, at);
        found |= 1U << kind;
    }
    return found;
}

unsigned ps_roster_find_all(const ps_roster *roster, ps_hash hash, uint32_t values[PS_ROSTER_KINDS + 1])
{
    const ps_cells *in = cells_of(roster, hash);
    uint64_t line = ps_cells_home(in, hash), word = ps_cells_word(hash, 0);
    unsigned found = 0;

    for (unsigned distance = 0; distance < PS_CELLS_DISTANCES; word++) {
        unsigned seen = roster->form.look(ps_cells_line(in, line), word, PS_CELLS_ANY_KIND);
        if ((seen & PS_CELLS_ALL) != 0) found |= take_kinds(in, line * PS_CELLS_SLOTS, seen & PS_CELLS_ALL, values);
        if (seen >> PS_CELLS_SLOTS != 0) break;
        line = ps_cells_next(in, line, ++distance);
    }
    return found;
}

void ps_roster_ask(const ps_roster *roster, ps_roster_question *question)
{
    const ps_cells *in[PS_ROSTER_BLOCK];

    assert(question->count <= PS_ROSTER_BLOCK);
    for (size_t i = 0; i < question->count; i++)
        in[i] = cells_of(roster, question->hashes[i]);
    roster->block->ask(in, question);
}

void ps_roster_ask_open(const ps_roster *roster, ps_roster_question *question)
{
    const ps_cells *in[PS_ROSTER_BLOCK];

    for (uint64_t left = question->open; left != 0; left &= left - 1)
        in[__builtin_ctzll(left)] = cells_of(roster, question->hashes[__builtin_ctzll(left)]);
    roster->block->ask_open(in, question);
}

uint64_t ps_roster_moves(const ps_roster *roster)
{
    return atomic_load_explicit(&roster->moves, memory_order_acquire);
}

// First where all of them are: with nothing between them, more are asked for before the first has come.
void ps_roster_prefetch(const ps_roster *roster, const ps_hash *hashes, size_t count)
{
    const ps_bucket *homes[PS_ROSTER_BLOCK];

    assert(count <= PS_ROSTER_BLOCK);
    for (size_t i = 0; i < count; i++) {
        const ps_cells *in = cells_of(roster, hashes[i]);
        homes[i] = ps_cells_line(in, ps_cells_home(in, hashes[i]));
    }
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(homes[i]);
}

void ps_roster_prefetch_claims(const ps_roster *roster, const ps_hash *hashes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const ps_cells *in = cells_of(roster, hashes[i]);
        uint64_t home = ps_cells_home(in, hashes[i]);
        __builtin_prefetch(ps_cells_line(in, home));
        __builtin_prefetch(ps_cells_value(in, home * PS_CELLS_SLOTS), 1);
    }
}

// ---- growing

// Those who have batches in hand may look into the old cells. None of them has a number of `turn + readers` or more:
// every batch from this turn's on is in somebody's hand, one in each.
static void replace(ps_roster *roster, part *of, ps_cells *made)
{
    ps_cells *old = cells_now(of);

    atomic_store_explicit(&of->now, made, memory_order_release);
    atomic_fetch_add_explicit(&roster->moves, 1, memory_order_release); // who sees this sees those
    old->until = of->turn + roster->readers;
    old->older = of->outgrown;
    of->outgrown = old;
    if (roster->readers == 0) free_outgrown(of, UINT64_MAX);
}

// `memory` as ps_cells_new() says; it is taken in any case.
static ps_cells *make_cells(const ps_cells *old, uint64_t buckets, void *memory, ps_error *err)
{
    uint64_t base = old->count == 0 ? buckets : old->base;
    ps_cells *made = NULL;

    if (ps_cells_fit(base, buckets)) {
        made = ps_cells_new(base, buckets, memory, err);
    } else {
        ps_error_set(err, PS_RETRY, "There are more addresses than the table can hold.");
    }
    if (made == NULL) ps_memory_unmap(memory, ps_cells_size(buckets));
    return made;
}

static ps_status resize(ps_roster *roster, part *of, uint64_t buckets, void *memory, ps_error *err)
{
    const ps_cells *old = cells_now(of);
    ps_cells *made = make_cells(old, buckets, memory, err);

    while (made != NULL && !ps_cells_move(roster->form.look, old, made)) { // by the worst of luck
        ps_cells_free(made);
        buckets += buckets / 4;
        made = make_cells(old, buckets, NULL, err);
    }
    if (made == NULL) return PS_RETRY;
    replace(roster, of, made);
    return PS_OK;
}

static ps_status move_to_reserved(ps_roster *roster, part *of, ps_error *err)
{
    void *memory = of->reserved;

    if (of->reserved_buckets <= cells_now(of)->buckets) {
        drop_reserved(of);
        return PS_OK;
    }
    of->reserved = NULL;
    return resize(roster, of, of->reserved_buckets, memory, err);
}

static bool has_room(const ps_cells *in, uint64_t more)
{
    return in->count + more <= in->count_max;
}

// Buckets for this many more; 0: they have room.
static uint64_t buckets_for(const part *of, uint64_t more)
{
    const ps_cells *in = cells_now(of);

    return has_room(in, more) ? 0 : (in->count + more) * 100 / (LOAD_MADE * PS_CELLS_SLOTS) + 1;
}

ps_status ps_roster_reserve_part(ps_roster *roster, unsigned number, uint64_t more, ps_error *err)
{
    part *of = &roster->parts[number];
    uint64_t want = buckets_for(of, more);

    return want == 0 ? PS_OK : resize(roster, of, want, NULL, err);
}

// One piece of memory for all parts that need it: its pages can be large ones, which those of a part alone are too
// small for. Each part gives its piece back by itself. While others look up, all parts that move at once would be in
// memory twice; they move in turn (ps_roster_turn), and most of what they leave is given back before the last one
// moves.
ps_status ps_roster_reserve(ps_roster *roster, uint64_t more, ps_error *err)
{
    // Hashes spread evenly, but not to the last one: a part gets a hundredth more.
    uint64_t each = (more + more / 100) / PS_ROSTER_PARTS + 1, want[PS_ROSTER_PARTS];
    size_t size = 0;
    ps_status status = PS_OK;

    for (size_t i = 0; i < PS_ROSTER_PARTS; i++) {
        want[i] = buckets_for(&roster->parts[i], each);
        if (want[i] != 0) size += ps_cells_size(want[i]);
    }
    char *memory = size == 0 ? NULL : ps_memory_map(size, err);
    if (memory == NULL) return size == 0 ? PS_OK : PS_RETRY;
    for (size_t i = 0; i < PS_ROSTER_PARTS; i++) {
        part *of = &roster->parts[i];
        if (want[i] == 0) continue;
        drop_reserved(of);
        of->reserved = memory;
        of->reserved_buckets = want[i];
        memory += ps_cells_size(want[i]);
        if (roster->readers == 0 && status == PS_OK) status = move_to_reserved(roster, of, err);
    }
    return status;
}

void ps_roster_touch(ps_roster *roster, unsigned number)
{
    ps_cells *in = cells_now(&roster->parts[number]);

    ps_memory_touch(in->pairs, in->bytes);
}

// ---- adding

static ps_status grow(ps_roster *roster, part *of, ps_error *err)
{
    uint64_t buckets = cells_now(of)->buckets;

    if (of->reserved != NULL && of->reserved_buckets > buckets) return move_to_reserved(roster, of, err);
    return resize(roster, of, buckets + buckets / 2, NULL, err);
}

// The place of a key that is there or for which there is room.
static ps_status find_place(ps_roster *roster, ps_roster_key key, ps_cells_place *out, ps_error *err)
{
    part *of = &roster->parts[ps_roster_part(key.hash)];
    ps_cells_place at = search(roster, cells_now(of), key);

    assert(key.kind >= 1 && key.kind <= PS_ROSTER_KINDS);
    while (!at.found && (!at.gap || !has_room(cells_now(of), 1))) {
        ps_status status = grow(roster, of, err);
        if (status != PS_OK) return status;
        at = search(roster, cells_now(of), key);
    }
    *out = at;
    return PS_OK;
}

ps_status ps_roster_claim(ps_roster *roster, ps_roster_key key, uint32_t value, uint32_t *out_value, ps_error *err)
{
    part *of = &roster->parts[ps_roster_part(key.hash)];
    ps_cells_place at;
    ps_status status = find_place(roster, key, &at, err);

    if (status != PS_OK) return status;
    if (!at.found) ps_cells_fill(cells_now(of), &at, value);
    *out_value = at.found ? value_at(cells_now(of), at.slot) : value;
    return PS_OK;
}

static void forget_gaps(ps_roster_claims *claims)
{
    for (size_t i = 0; i < claims->count; i++)
        claims->gaps[i] = PS_ROSTER_NO_GAP;
}

ps_status ps_roster_claim_all(ps_roster *roster, unsigned kind, ps_roster_claims *claims, ps_error *err)
{
    ps_cells *in[PS_ROSTER_BLOCK];
    ps_status status = PS_OK;

    assert(kind >= 1 && kind <= PS_ROSTER_KINDS && claims->count <= PS_ROSTER_BLOCK);
    for (size_t i = 0; i < claims->count && status == PS_OK; i++) {
        if (ps_roster_moves(roster) != claims->moves) forget_gaps(claims);
        for (size_t k = i; k < claims->count; k++)
            in[k] = cells_now(&roster->parts[ps_roster_part(claims->hashes[k])]);
        i = roster->block->claim(in, kind, claims, i);
        if (i == claims->count) break; // else one whose way or part is full
        const ps_roster_key key = {claims->hashes[i], kind};
        status = ps_roster_claim(roster, key, claims->values[i], &claims->values[i], err);
    }
    return status;
}

uint64_t ps_roster_add_new(ps_roster *roster, unsigned kind, const ps_hash *hashes, const uint32_t *values,
                           size_t count)
{
    ps_cells *in[PS_ROSTER_BLOCK];

    assert(kind >= 1 && kind <= PS_ROSTER_KINDS && count <= PS_ROSTER_BLOCK);
    for (size_t i = 0; i < count; i++)
        in[i] = cells_now(&roster->parts[ps_roster_part(hashes[i])]);
    return roster->block->add(in, kind, hashes, values, count);
}

ps_status ps_roster_put(ps_roster *roster, ps_roster_key key, uint32_t value, ps_error *err)
{
    part *of = &roster->parts[ps_roster_part(key.hash)];
    ps_cells_place at;
    ps_status status = find_place(roster, key, &at, err);

    if (status != PS_OK) return status;
    if (!at.found) ps_cells_fill(cells_now(of), &at, value);
    atomic_store_explicit(ps_cells_value(cells_now(of), at.slot), value, memory_order_relaxed);
    return PS_OK;
}

bool ps_roster_replace(ps_roster *roster, ps_roster_key key, uint32_t before, uint32_t value)
{
    ps_cells *in = cells_now(&roster->parts[ps_roster_part(key.hash)]);
    uint32_t values[PS_ROSTER_KINDS + 1];

    if (ps_roster_find_all(roster, key.hash, values) != 1U << key.kind || values[key.kind] != before) return false;
    atomic_store_explicit(ps_cells_value(in, search(roster, in, key).slot), value, memory_order_relaxed);
    return true;
}

bool ps_roster_mark(ps_roster *roster, ps_roster_key key, uint32_t bits, uint32_t *out_before)
{
    ps_cells *in = cells_now(&roster->parts[ps_roster_part(key.hash)]);
    ps_cells_place at = search(roster, in, key);

    if (!at.found) return false;
    *out_before = value_at(in, at.slot);
    atomic_store_explicit(ps_cells_value(in, at.slot), *out_before | bits, memory_order_relaxed);
    return true;
}

static void unmark_part(ps_cells *in, unsigned kinds, uint32_t bits)
{
    for (uint64_t slot = 0; slot < in->buckets * PS_CELLS_SLOTS; slot++) {
        uint64_t word = atomic_load_explicit(ps_cells_at(in, slot), memory_order_relaxed);
        if ((kinds >> (word >> PS_CELLS_KIND_SHIFT & PS_ROSTER_KINDS) & 1) == 0) continue;
        atomic_store_explicit(ps_cells_value(in, slot), value_at(in, slot) & ~bits, memory_order_relaxed);
    }
}

void ps_roster_unmark(ps_roster *roster, unsigned kinds, uint32_t bits)
{
    for (size_t i = 0; i < PS_ROSTER_PARTS; i++)
        unmark_part(cells_now(&roster->parts[i]), kinds, bits);
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

ps_status ps_roster_turn(ps_roster *roster, unsigned number, uint64_t batch, ps_error *err)
{
    part *of = &roster->parts[number];

    of->turn = batch;
    free_outgrown(of, batch);
    return of->reserved != NULL && batch >= number ? move_to_reserved(roster, of, err) : PS_OK;
}

uint64_t ps_roster_count_part(const ps_roster *roster, unsigned number)
{
    return cells_now(&roster->parts[number])->count;
}

uint64_t ps_roster_count(const ps_roster *roster)
{
    uint64_t count = 0;

    for (size_t i = 0; i < PS_ROSTER_PARTS; i++)
        count += ps_roster_count_part(roster, (unsigned)i);
    return count;
}

uint64_t ps_roster_bytes(const ps_roster *roster)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < PS_ROSTER_PARTS; i++)
        bytes += cells_now(&roster->parts[i])->bytes;
    return bytes;
}
