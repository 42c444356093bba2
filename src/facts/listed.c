#include "facts/listed.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

enum {
    RUN_MAX = UINT16_MAX, // digests: 1 MiB
    SMALL_MAX = 24, // digests that are sorted one by one; a bucket has a few
    STRETCH_MAX = 8 << 10, // digests, about: with their buckets they stay in the near cache
    PIECE_MAX = 32 << 10, // digests, about: half a MiB, so that threads meet seldom
};

static const char what[] = "the file of who is listed for win-back";

// ---- order

// The bucket of a digest by its first bits after those that all have in common.
static unsigned bucket_of(const ps_hash *key, unsigned common)
{
    return (unsigned)(key->high << common >> (64 - PS_LISTED_BITS));
}

// Bucket by bucket, where each digest stays behind those that came before it.
static void put_in_buckets(const ps_hash *keys, size_t count, unsigned common, ps_hash *out,
                           uint32_t ends[PS_LISTED_BUCKETS])
{
    uint32_t from = 0;

    memset(ends, 0, PS_LISTED_BUCKETS * sizeof *ends);
    for (size_t i = 0; i < count; i++)
        ends[bucket_of(&keys[i], common)]++;
    for (size_t b = 0; b < PS_LISTED_BUCKETS; b++) {
        uint32_t here = ends[b];
        ends[b] = from;
        from += here;
    }
    for (size_t i = 0; i < count; i++)
        out[ends[bucket_of(&keys[i], common)]++] = keys[i];
}

// Nearly in order already.
static void sort_near(ps_hash *keys, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const ps_hash held = keys[i];
        size_t at = i;
        for (; at > 0 && ps_hash_is_less(&held, &keys[at - 1]); at--)
            keys[at] = keys[at - 1];
        keys[at] = held;
    }
}

// Digests are as good as random, so what is left to sort of each bucket is next to nothing: bench_listings.
static void sort_keys(const ps_hash *keys, size_t count, unsigned common, ps_hash *out)
{
    uint32_t ends[PS_LISTED_BUCKETS], from = 0;

    put_in_buckets(keys, count, common, out, ends);
    for (size_t b = 0; b < PS_LISTED_BUCKETS; from = ends[b++]) {
        if (ends[b] - from > SMALL_MAX) qsort(out + from, ends[b] - from, sizeof *out, ps_hash_compare);
    }
    sort_near(out, count);
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
    ps_status status = ps_memory_grow((void **)&listed->runs, &listed->runs_capacity, listed->runs_count + 1,
                                      sizeof *listed->runs, err);
    if (status == PS_OK)
        status = ps_memory_grow((void **)&listed->run, &listed->run_capacity, listed->count, sizeof *listed->run, err);
    if (status == PS_OK) status = open_file(listed, err);
    if (status != PS_OK) return status;

    struct ps_listed_run *run = &listed->runs[listed->runs_count++];
    const ps_span bytes = {(const char *)listed->run, listed->count * sizeof *listed->run};
    uint32_t ends[PS_LISTED_BUCKETS];
    put_in_buckets(listed->items, listed->count, 0, listed->run, ends);
    for (size_t b = 0; b < PS_LISTED_BUCKETS; b++)
        run->ends[b] = (uint16_t)ends[b];
    run->from = listed->aside;
    listed->aside += listed->count;
    listed->count = 0;
    return ps_file_write(listed->fd, bytes, what, err);
}

static ps_status keep(ps_listed *listed, const ps_hash *digests, size_t count, ps_error *err)
{
    ps_status status =
        ps_memory_grow((void **)&listed->items, &listed->capacity, listed->count + count, sizeof *listed->items, err);

    if (status != PS_OK) return status;
    memcpy(listed->items + listed->count, digests, count * sizeof *digests);
    listed->count += count;
    return PS_OK;
}

ps_status ps_listed_add(ps_listed *listed, const ps_hash *digests, size_t count, ps_error *err)
{
    ps_status status = PS_OK;

    while (count > 0 && status == PS_OK) {
        if (listed->folder != NULL && listed->count == RUN_MAX) status = put_aside(listed, err);
        size_t room = listed->folder == NULL ? count : RUN_MAX - listed->count, some = count < room ? count : room;
        if (status == PS_OK) status = keep(listed, digests, some, err);
        digests += some;
        count -= some;
    }
    return status;
}

void ps_listed_done(ps_listed *listed)
{
    if (listed->runs_count > 0) close(listed->fd); // what it held is of no more use
    ps_memory_free(listed->runs);
    ps_memory_free(listed->run);
    ps_memory_free(listed->items);
    *listed = (ps_listed){.folder = listed->folder, .each = listed->each, .job = listed->job};
}

uint64_t ps_listed_count(const ps_listed *listed)
{
    return listed->aside + listed->count;
}

// ---- telling them

// Some stretches of buckets of all runs, in order.
typedef struct piece {
    ps_hash *keys;
    size_t count, capacity;
    bool ready; // or it failed
    ps_status status;
    ps_error error;
} piece;

// Pieces are made by whoever comes to it, one after the other and at most two ahead, and taken by one. Between two
// pieces threads sleep, not spin: who stores them is often behind for longer.
typedef struct telling {
    const ps_listed *of;
    ps_listed_take *take;
    void *context;
    ps_status status;
    ps_error *err;
    unsigned buckets; // of a stretch, a power of two
    unsigned next; // the first one that is in no piece yet
    ps_hash *stretch; // as it is read, before it is put in order
    size_t stretch_count, stretch_capacity;
    pthread_mutex_t mutex; // for what is below
    pthread_cond_t changed;
    piece pieces[2];
    size_t begun, taken; // pieces, since the first
    bool making; // somebody makes one
    bool over; // no more are wanted, or there are none
} telling;

static void choose_buckets(telling *tell)
{
    uint64_t keys = ps_listed_count(tell->of);

    for (tell->buckets = PS_LISTED_BUCKETS; tell->buckets > 1 && keys > STRETCH_MAX; keys /= 2)
        tell->buckets /= 2;
}

static ps_status read_part(telling *tell, const struct ps_listed_run *run, ps_error *err)
{
    uint64_t from = tell->next == 0 ? 0 : run->ends[tell->next - 1],
             count = run->ends[tell->next + tell->buckets - 1] - from;
    size_t wanted = count * sizeof *tell->stretch, len = wanted, before = tell->stretch_count;
    ps_status status =
        ps_memory_grow((void **)&tell->stretch, &tell->stretch_capacity, before + count, sizeof *tell->stretch, err);

    if (status != PS_OK) return status;
    status = ps_file_read_at(tell->of->fd, (run->from + from) * sizeof *tell->stretch, tell->stretch + before, &len,
                             what, err);
    if (status == PS_OK && len != wanted) status = ps_error_set(err, PS_IO, "Cannot read %s: it was cut short.", what);
    tell->stretch_count += count;
    return status;
}

static ps_status add_sorted(const ps_hash *keys, size_t count, unsigned common, piece *to, ps_error *err)
{
    ps_status status = ps_memory_grow((void **)&to->keys, &to->capacity, to->count + count, sizeof *to->keys, err);

    if (status != PS_OK || count == 0) return status;
    sort_keys(keys, count, common, to->keys + to->count);
    to->count += count;
    return PS_OK;
}

static ps_status read_stretch(telling *tell, piece *into, ps_error *err)
{
    unsigned common = PS_LISTED_BITS - (unsigned)__builtin_ctz(tell->buckets);
    ps_status status = PS_OK;

    tell->stretch_count = 0;
    for (size_t i = 0; i < tell->of->runs_count && status == PS_OK; i++)
        status = read_part(tell, &tell->of->runs[i], err);
    if (status == PS_OK) status = add_sorted(tell->stretch, tell->stretch_count, common, into, err);
    tell->next += tell->buckets;
    return status;
}

// Empty at the end.
static ps_status read_piece(telling *tell, piece *into, ps_error *err)
{
    ps_status status = PS_OK;

    into->count = 0;
    while (status == PS_OK && into->count < PIECE_MAX && tell->next < PS_LISTED_BUCKETS)
        status = read_stretch(tell, into, err);
    return status;
}

// Within the mutex, and back in it.
static void make_next(telling *tell)
{
    piece *into = &tell->pieces[tell->begun++ % 2];

    tell->making = true;
    pthread_mutex_unlock(&tell->mutex);
    into->status = read_piece(tell, into, &into->error);
    pthread_mutex_lock(&tell->mutex);
    tell->making = false;
    into->ready = true;
    tell->over = tell->over || into->status != PS_OK || into->count == 0;
    pthread_cond_broadcast(&tell->changed);
}

static void make_all(telling *tell)
{
    pthread_mutex_lock(&tell->mutex);
    while (!tell->over) {
        if (!tell->making && tell->begun - tell->taken < PS_COUNT_OF(tell->pieces)) {
            make_next(tell);
        } else {
            pthread_cond_wait(&tell->changed, &tell->mutex);
        }
    }
    pthread_mutex_unlock(&tell->mutex);
}

// Where nobody has begun it, made on the spot: it may be that nobody helps.
static piece *next_piece(telling *tell)
{
    piece *next = &tell->pieces[tell->taken % 2];

    pthread_mutex_lock(&tell->mutex);
    while (!next->ready) {
        if (tell->begun == tell->taken) {
            make_next(tell);
        } else {
            pthread_cond_wait(&tell->changed, &tell->mutex);
        }
    }
    pthread_mutex_unlock(&tell->mutex);
    return next;
}

static void leave_piece(telling *tell, piece *taken, bool last)
{
    pthread_mutex_lock(&tell->mutex);
    taken->ready = false;
    tell->taken++;
    tell->over = tell->over || last;
    pthread_cond_broadcast(&tell->changed);
    pthread_mutex_unlock(&tell->mutex);
}

static void take_all(telling *tell)
{
    for (bool last = false; !last;) {
        piece *here = next_piece(tell);
        tell->status = here->status;
        if (here->status != PS_OK && tell->err != NULL) *tell->err = here->error;
        if (here->status == PS_OK && here->count > 0)
            tell->status = tell->take(tell->context, here->keys, here->count, tell->err);
        last = tell->status != PS_OK || here->count == 0;
        leave_piece(tell, here, last);
    }
}

// Who takes them is begun first, so that with one thread there is nothing left to make.
static void tell_step(void *context, size_t number)
{
    if (number == 0) {
        take_all(context);
    } else {
        make_all(context);
    }
}

static ps_status tell_runs(telling *tell, ps_error *err)
{
    pthread_mutex_init(&tell->mutex, NULL);
    pthread_cond_init(&tell->changed, NULL);
    tell->err = err;
    if (tell->of->each != NULL) {
        tell->of->each(tell->of->job, 2, tell_step, tell);
    } else {
        take_all(tell);
    }
    pthread_cond_destroy(&tell->changed);
    pthread_mutex_destroy(&tell->mutex);
    return tell->status;
}

static ps_status tell_memory(const ps_listed *listed, telling *tell, ps_error *err)
{
    piece *all = &tell->pieces[0];
    ps_status status = add_sorted(listed->items, listed->count, 0, all, err);

    return status == PS_OK && all->count > 0 ? tell->take(tell->context, all->keys, all->count, err) : status;
}

ps_status ps_listed_each(ps_listed *listed, ps_listed_take *take, void *context, ps_error *err)
{
    ps_status status = listed->runs_count > 0 && listed->count > 0 ? put_aside(listed, err) : PS_OK;
    telling *tell = status == PS_OK ? ps_memory_new(1, sizeof *tell, err) : NULL;

    if (status != PS_OK) return status;
    if (tell == NULL) return PS_RETRY;
    tell->of = listed;
    tell->take = take;
    tell->context = context;
    choose_buckets(tell);
    status = listed->runs_count > 0 ? tell_runs(tell, err) : tell_memory(listed, tell, err);
    for (size_t i = 0; i < PS_COUNT_OF(tell->pieces); i++)
        ps_memory_free(tell->pieces[i].keys);
    ps_memory_free(tell->stretch);
    ps_memory_free(tell);
    return status;
}
