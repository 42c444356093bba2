#include "facts/listed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

enum {
    RUN_MAX = 64 << 10, // digests: 1 MiB
    SMALL_MAX = 24, // digests that are sorted one by one; a bucket has a few
    STRETCH_MAX = 8 << 10, // digests, about: with their buckets they stay in the near cache
};

static const char what[] = "the file of who is listed for win-back";

// ---- order

// The bucket of a digest by its first bits after those that all have in common.
static unsigned bucket_of(const ps_hash *key, unsigned common)
{
    return (unsigned)(key->high << common >> (64 - PS_LISTED_BITS));
}

// Where buckets begin and end among digests that are on their way.
typedef struct bounds {
    uint32_t next[PS_LISTED_BUCKETS], end[PS_LISTED_BUCKETS];
} bounds;

static void count_keys(const ps_hash *keys, size_t count, unsigned common, bounds *out)
{
    uint32_t from = 0;

    memset(out->end, 0, sizeof out->end);
    for (size_t i = 0; i < count; i++)
        out->end[bucket_of(&keys[i], common)]++;
    for (size_t b = 0; b < PS_LISTED_BUCKETS; b++) {
        out->next[b] = from;
        from = out->end[b] += from;
    }
}

// In place. Each digest goes to its bucket, whose own goes on to its, until one comes that belongs where the walk
// began.
static void put_in_buckets(ps_hash *keys, size_t count, unsigned common, bounds *of)
{
    count_keys(keys, count, common, of);
    for (size_t b = 0; b < PS_LISTED_BUCKETS; b++) {
        while (of->next[b] < of->end[b]) {
            ps_hash *at = &keys[of->next[b]], held = *at, *home = &keys[of->next[bucket_of(at, common)]++];
            *at = *home;
            *home = held;
        }
    }
}

static inline bool is_less(const ps_hash *a, const ps_hash *b)
{
    return a->high != b->high ? a->high < b->high : a->low < b->low;
}

static void sort_few(ps_hash *keys, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const ps_hash held = keys[i];
        size_t at = i;
        for (; at > 0 && is_less(&held, &keys[at - 1]); at--)
            keys[at] = keys[at - 1];
        keys[at] = held;
    }
}

// Digests are as good as random, so what is left to sort of each bucket is next to nothing: bench_listings.
static void sort_keys(ps_hash *keys, size_t count, unsigned common, bounds *of)
{
    size_t from = 0;

    put_in_buckets(keys, count, common, of);
    for (size_t b = 0; b < PS_LISTED_BUCKETS; from = of->end[b++]) {
        size_t here = of->end[b] - from;
        if (here <= SMALL_MAX) {
            sort_few(keys + from, here);
        } else {
            qsort(keys + from, here, sizeof *keys, ps_hash_compare);
        }
    }
}

// ---- adding

static ps_status open_file(ps_listed *listed, ps_error *err)
{
    if (listed->runs_count > 0) return PS_OK;
    int fd = ps_file_nameless(listed->folder);
    if (fd < 0) {
        return ps_error_set(err, PS_CREATE, "No file for who is listed for win-back could be made in '%s': %s.",
                            listed->folder, strerrordesc_np(errno));
    }
    listed->fd = fd;
    return PS_OK;
}

// What is in memory becomes a run, in buckets. Within them it is put in order when it is read: then those of all runs
// come together.
static ps_status put_aside(ps_listed *listed, ps_error *err)
{
    const ps_span bytes = {(const char *)listed->items, listed->count * sizeof *listed->items};
    ps_status status = ps_memory_grow((void **)&listed->runs, &listed->runs_capacity, listed->runs_count + 1,
                                      sizeof *listed->runs, err);
    bounds *of = status == PS_OK ? ps_memory_new(1, sizeof *of, err) : NULL;

    if (of == NULL) return PS_RETRY;
    put_in_buckets(listed->items, listed->count, 0, of);
    struct ps_listed_run *run = &listed->runs[listed->runs_count];
    run->from = listed->aside;
    memcpy(run->ends, of->end, sizeof run->ends);
    ps_memory_free(of);
    status = open_file(listed, err);
    if (status != PS_OK) return status;
    listed->runs_count++;
    listed->aside += listed->count;
    listed->count = 0;
    return ps_file_write(listed->fd, bytes, what, err);
}

ps_status ps_listed_add(ps_listed *listed, const ps_hash *digests, size_t count, ps_error *err)
{
    bool full = listed->folder != NULL && listed->count > 0 && listed->count + count > RUN_MAX;
    ps_status status = full ? put_aside(listed, err) : PS_OK;

    if (status != PS_OK || count == 0) return status;
    status =
        ps_memory_grow((void **)&listed->items, &listed->capacity, listed->count + count, sizeof *listed->items, err);
    if (status != PS_OK) return status;
    memcpy(listed->items + listed->count, digests, count * sizeof *digests);
    listed->count += count;
    return PS_OK;
}

void ps_listed_done(ps_listed *listed)
{
    if (listed->runs_count > 0) close(listed->fd); // what it held is of no more use
    ps_memory_free(listed->runs);
    ps_memory_free(listed->items);
    *listed = (ps_listed){.folder = listed->folder};
}

uint64_t ps_listed_count(const ps_listed *listed)
{
    return listed->aside + listed->count;
}

// ---- walking

struct ps_listed_walk {
    const ps_listed *of;
    unsigned buckets; // that are read at once, a power of two
    unsigned next; // the first of those that come next
    ps_hash *keys; // what was read of them
    size_t count, capacity;
    bounds sorting;
};

static void choose_buckets(ps_listed_walk *walk)
{
    uint64_t keys = ps_listed_count(walk->of);

    for (walk->buckets = PS_LISTED_BUCKETS; walk->buckets > 1 && keys > STRETCH_MAX; keys /= 2)
        walk->buckets /= 2;
}

static ps_status read_part(ps_listed_walk *walk, const struct ps_listed_run *run, ps_error *err)
{
    uint64_t from = walk->next == 0 ? 0 : run->ends[walk->next - 1],
             count = run->ends[walk->next + walk->buckets - 1] - from;
    size_t wanted = count * sizeof *walk->keys, len = wanted;
    ps_status status =
        ps_memory_grow((void **)&walk->keys, &walk->capacity, walk->count + count, sizeof *walk->keys, err);

    if (status != PS_OK) return status;
    status = ps_file_read_at(walk->of->fd, (run->from + from) * sizeof *walk->keys, walk->keys + walk->count, &len,
                             what, err);
    if (status == PS_OK && len != wanted) status = ps_error_set(err, PS_IO, "Cannot read %s: it was cut short.", what);
    walk->count += count;
    return status;
}

// The next buckets of all runs.
static ps_status read_buckets(ps_listed_walk *walk, ps_error *err)
{
    unsigned common = PS_LISTED_BITS - (unsigned)__builtin_ctz(walk->buckets);
    ps_status status = PS_OK;

    walk->count = 0;
    for (size_t i = 0; i < walk->of->runs_count && status == PS_OK; i++)
        status = read_part(walk, &walk->of->runs[i], err);
    if (status == PS_OK) sort_keys(walk->keys, walk->count, common, &walk->sorting);
    walk->next += walk->buckets;
    return status;
}

ps_status ps_listed_walk_open(ps_listed *listed, ps_listed_walk **out, ps_error *err)
{
    ps_status status = listed->runs_count > 0 && listed->count > 0 ? put_aside(listed, err) : PS_OK;
    ps_listed_walk *walk = status == PS_OK ? ps_memory_new(1, sizeof *walk, err) : NULL;

    if (status != PS_OK) return status;
    if (walk == NULL) return PS_RETRY;
    walk->of = listed;
    choose_buckets(walk);
    if (listed->runs_count == 0) sort_keys(listed->items, listed->count, 0, &walk->sorting);
    *out = walk;
    return PS_OK;
}

ps_status ps_listed_walk_next(ps_listed_walk *walk, const ps_hash **out, size_t *out_count, ps_error *err)
{
    bool in_memory = walk->of->runs_count == 0;
    ps_status status = PS_OK;

    walk->count = in_memory && walk->next == 0 ? walk->of->count : 0;
    if (in_memory) walk->next = PS_LISTED_BUCKETS;
    while (status == PS_OK && walk->count == 0 && walk->next < PS_LISTED_BUCKETS)
        status = read_buckets(walk, err);
    if (status != PS_OK) return status;
    *out = in_memory ? walk->of->items : walk->keys;
    *out_count = walk->count;
    return PS_OK;
}

void ps_listed_walk_close(ps_listed_walk *walk)
{
    if (walk == NULL) return;
    ps_memory_free(walk->keys);
    ps_memory_free(walk);
}
