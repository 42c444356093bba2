#include "base/hash_long.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
// The library's own choice of the widest vectors the processor has: a file's fingerprint takes half the time.
#ifdef PS_XXHASH_DISPATCH
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

#include "base/cpu.h"
#include "base/memory.h"

#ifdef PS_CPU_X86
#include <immintrin.h>
#endif

enum { FIRST_SLOTS = 64 };

struct ps_hasher {
    XXH3_state_t *state;
};

int ps_hash_compare(const void *a, const void *b)
{
    const ps_hash *one = a, *other = b;

    if (one->high != other->high) return one->high < other->high ? -1 : 1;
    return (one->low > other->low) - (one->low < other->low);
}

#ifdef PS_CPU_X86
PS_TARGET_AVX2 static void release_halves(void)
{
    _mm256_zeroupper();
}
#endif

// xxHash 0.8.1 leaves the upper halves of the vector registers in use. From then on each change between instructions
// that know of them and those that do not takes 100 ns, which is what memcpy() and the code around it do all the time.
static void release_vectors(void)
{
#ifdef PS_CPU_X86
    if (ps_cpu_best() != PS_CPU_SCALAR) release_halves();
#endif
}

ps_hash ps_hash_of_long(ps_span span)
{
    XXH128_hash_t hash = XXH3_128bits_withSeed(span.len == 0 ? "" : span.bytes, span.len, PS_HASH_SEED);

    release_vectors();
    return (ps_hash){.low = hash.low64, .high = hash.high64};
}

ps_status ps_hasher_new(ps_hasher **out, ps_error *err)
{
    ps_hasher *hasher = ps_memory_new(1, sizeof *hasher, err);

    if (hasher == NULL) return PS_RETRY;
    hasher->state = XXH3_createState();
    if (hasher->state == NULL || XXH3_128bits_reset_withSeed(hasher->state, PS_HASH_SEED) != XXH_OK) {
        ps_hasher_free(hasher);
        return ps_error_set(err, PS_RETRY, "There is not enough memory for a fingerprint.");
    }
    *out = hasher;
    return PS_OK;
}

void ps_hasher_add(ps_hasher *hasher, ps_span span)
{
    if (span.len == 0) return;

    XXH_errorcode code = XXH3_128bits_update(hasher->state, span.bytes, span.len);
    assert(code == XXH_OK); // fails for NULL only
    (void)code; // unused without asserts
}

void ps_hasher_hex(const ps_hasher *hasher, char out[33])
{
    XXH128_hash_t hash = XXH3_128bits_digest(hasher->state);

    snprintf(out, 33, "%016llx%016llx", (unsigned long long)hash.high64, (unsigned long long)hash.low64);
}

void ps_hasher_free(ps_hasher *hasher)
{
    if (hasher == NULL) return;
    XXH3_freeState(hasher->state);
    ps_memory_free(hasher);
}

// The slot that holds `key`, or the empty one where it belongs. There is always an empty one: load is 0.6 at most.
static size_t slot_of(const ps_index *index, ps_hash key)
{
    size_t mask = index->capacity - 1;
    size_t slot = key.low & mask;

    while (index->values[slot] != PS_INDEX_NONE && !ps_hash_equal(index->keys[slot], key))
        slot = (slot + 1) & mask;
    return slot;
}

static void move_entries(ps_index *to, const ps_index *from)
{
    for (size_t i = 0; i < from->capacity; i++) {
        if (from->values[i] == PS_INDEX_NONE) continue;
        size_t slot = slot_of(to, from->keys[i]);
        to->keys[slot] = from->keys[i];
        to->values[slot] = from->values[i];
    }
}

static ps_status grow(ps_index *index, ps_error *err)
{
    size_t capacity = index->capacity == 0 ? FIRST_SLOTS : index->capacity * 2;
    ps_index larger = {.count = index->count, .capacity = capacity};

    larger.keys = ps_memory_new(capacity, sizeof *larger.keys, err);
    larger.values = ps_memory_new(capacity, sizeof *larger.values, err);
    if (larger.keys == NULL || larger.values == NULL) {
        ps_index_done(&larger);
        return PS_RETRY;
    }
    memset(larger.values, 0xff, capacity * sizeof *larger.values); // PS_INDEX_NONE in each
    move_entries(&larger, index);
    ps_index_done(index);
    *index = larger;
    return PS_OK;
}

ps_status ps_index_claim(ps_index *index, ps_hash key, uint32_t value, uint32_t *out, bool *out_added, ps_error *err)
{
    assert(value != PS_INDEX_NONE);
    uint32_t found = ps_index_find(index, key);
    if (found != PS_INDEX_NONE) {
        *out = found;
        *out_added = false;
        return PS_OK;
    }
    if ((index->count + 1) * 5 > index->capacity * 3) {
        ps_status status = grow(index, err);
        if (status != PS_OK) return status;
    }
    size_t slot = slot_of(index, key);
    index->keys[slot] = key;
    index->values[slot] = value;
    index->count++;
    *out = value;
    *out_added = true;
    return PS_OK;
}

uint32_t ps_index_find(const ps_index *index, ps_hash key)
{
    return index->capacity == 0 ? PS_INDEX_NONE : index->values[slot_of(index, key)];
}

void ps_index_prefetch(const ps_index *index, ps_hash key)
{
    if (index->capacity == 0) return;
    size_t slot = key.low & (index->capacity - 1);
    __builtin_prefetch(&index->values[slot]);
    __builtin_prefetch(&index->keys[slot]);
}

void ps_index_done(ps_index *index)
{
    ps_memory_free(index->keys);
    ps_memory_free(index->values);
    *index = (ps_index){0};
}
