#include "facts/listed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

enum {
    RUN_MAX = 64 << 10, // digests: 1 MiB
    PAGE_MAX = 256, // digests that are read of a run at once: 4 KiB for each of 120 runs that 8 million make
    BUCKET_BITS = 11, // first bits of a digest that a run is sorted by
    BUCKETS = 1 << BUCKET_BITS,
};

static const char what[] = "the file of who is listed for win-back";

// ---- order

static unsigned bucket_of(const ps_hash *key)
{
    return (unsigned)(key->high >> (64 - BUCKET_BITS));
}

// Where buckets begin and end among digests that are on their way.
typedef struct bounds {
    size_t next[BUCKETS], end[BUCKETS];
} bounds;

static void count_keys(const ps_hash *keys, size_t count, bounds *out)
{
    size_t from = 0;

    for (size_t i = 0; i < count; i++)
        out->end[bucket_of(&keys[i])]++;
    for (size_t b = 0; b < BUCKETS; b++) {
        out->next[b] = from;
        from = out->end[b] += from;
    }
}

// In place. Each digest goes to its bucket, whose own goes on to its, until one comes that belongs where the walk
// began. A bucket has some 32, which are sorted fast: bench_listings.
static ps_status sort_keys(ps_hash *keys, size_t count, ps_error *err)
{
    bounds *of = ps_memory_new(1, sizeof *of, err);
    size_t from = 0;

    if (of == NULL) return PS_RETRY;
    count_keys(keys, count, of);
    for (size_t b = 0; b < BUCKETS; b++) {
        while (of->next[b] < of->end[b]) {
            ps_hash *at = &keys[of->next[b]], held = *at, *home = &keys[of->next[bucket_of(at)]++];
            *at = *home;
            *home = held;
        }
    }
    for (size_t b = 0; b < BUCKETS; from = of->end[b++])
        qsort(keys + from, of->end[b] - from, sizeof *keys, ps_hash_compare);
    ps_memory_free(of);
    return PS_OK;
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

// What is in memory becomes a run.
static ps_status put_aside(ps_listed *listed, ps_error *err)
{
    const ps_span bytes = {(const char *)listed->items, listed->count * sizeof *listed->items};
    ps_status status = ps_memory_grow((void **)&listed->runs, &listed->runs_capacity, listed->runs_count + 1,
                                      sizeof *listed->runs, err);

    if (status == PS_OK) status = sort_keys(listed->items, listed->count, err);
    if (status == PS_OK) status = open_file(listed, err);
    if (status != PS_OK) return status;
    struct ps_listed_run *run = &listed->runs[listed->runs_count];
    *run = (struct ps_listed_run){listed->runs_count == 0 ? 0 : run[-1].from + run[-1].count, listed->count};
    listed->runs_count++;
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

// ---- walking

struct ps_listed_source {
    struct ps_listed_run rest; // that is not read yet
    ps_hash *page;
    size_t next, count; // of the page
};

static bool is_less(const struct ps_listed_source *a, const struct ps_listed_source *b)
{
    return ps_hash_compare(&a->page[a->next], &b->page[b->next]) < 0;
}

// The source at `at` may be greater than those below it; all others stand right.
static void sift_down(struct ps_listed_source *heap, size_t count, size_t at)
{
    for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && is_less(&heap[child + 1], &heap[child])) child++;
        if (!is_less(&heap[child], &heap[at])) return;
        struct ps_listed_source held = heap[at];
        heap[at] = heap[child];
        heap[child] = held;
        at = child;
    }
}

static ps_status read_page(const ps_listed *listed, struct ps_listed_source *source, ps_error *err)
{
    size_t count = source->rest.count < PAGE_MAX ? (size_t)source->rest.count : PAGE_MAX;
    size_t wanted = count * sizeof *source->page, len = wanted;
    ps_status status =
        ps_file_read_at(listed->fd, source->rest.from * sizeof *source->page, source->page, &len, what, err);

    if (status == PS_OK && len != wanted) status = ps_error_set(err, PS_IO, "Cannot read %s: it was cut short.", what);
    if (status != PS_OK) return status;
    source->rest = (struct ps_listed_run){source->rest.from + count, source->rest.count - count};
    source->next = 0;
    source->count = count;
    return PS_OK;
}

static ps_status open_runs(const ps_listed *listed, ps_listed_walk *walk, ps_error *err)
{
    ps_status status = PS_OK;

    walk->pages = ps_memory_new(listed->runs_count * PAGE_MAX, sizeof *walk->pages, err);
    if (walk->pages == NULL) return PS_RETRY;
    for (size_t i = 0; i < listed->runs_count && status == PS_OK; i++) {
        struct ps_listed_source *source = &walk->sources[walk->sources_count++];
        *source = (struct ps_listed_source){.rest = listed->runs[i], .page = walk->pages + i * PAGE_MAX};
        status = read_page(listed, source, err);
    }
    for (size_t i = walk->sources_count / 2; status == PS_OK && i-- > 0;)
        sift_down(walk->sources, walk->sources_count, i);
    return status;
}

ps_status ps_listed_walk_open(ps_listed *listed, ps_listed_walk *out, ps_error *err)
{
    ps_status status = PS_OK;

    *out = (ps_listed_walk){.of = listed};
    if (listed->runs_count > 0 && listed->count > 0) status = put_aside(listed, err);
    if (status == PS_OK && listed->count > 0) status = sort_keys(listed->items, listed->count, err);
    if (status != PS_OK) return status;
    out->sources = ps_memory_new(listed->runs_count + 1, sizeof *out->sources, err);
    if (out->sources == NULL) return PS_RETRY;
    if (listed->runs_count > 0) return open_runs(listed, out, err);
    if (listed->count > 0) {
        out->sources[out->sources_count++] = (struct ps_listed_source){.page = listed->items, .count = listed->count};
    }
    return PS_OK;
}

ps_status ps_listed_walk_next(ps_listed_walk *walk, ps_hash *out, bool *out_more, ps_error *err)
{
    struct ps_listed_source *least = walk->sources;
    ps_status status = PS_OK;

    *out_more = walk->sources_count > 0;
    if (!*out_more) return PS_OK;
    *out = least->page[least->next++];
    if (least->next == least->count) {
        if (least->rest.count > 0) {
            status = read_page(walk->of, least, err);
        } else {
            *least = walk->sources[--walk->sources_count];
        }
    }
    sift_down(walk->sources, walk->sources_count, 0);
    return status;
}

void ps_listed_walk_close(ps_listed_walk *walk)
{
    ps_memory_free(walk->sources);
    ps_memory_free(walk->pages);
    *walk = (ps_listed_walk){.of = NULL};
}
