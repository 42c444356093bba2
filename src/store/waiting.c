#include "store/waiting.h"

#include <stdlib.h>

#include "base/memory.h"
#include "store/packed.h"

enum {
    CHUNK_BYTES = 16 << 10, // of a run in one row, if its entries are small
    CHUNK_BYTES_MAX = CHUNK_BYTES + PS_ENTRY_ROOM_BYTES_MAX,
    RUNS_MAX = 1 << 17 // a page gives one, and no list has more than 100,000 pages
};

// ---- writing a run

// An entry among those that are put in order.
typedef struct arrival {
    uint64_t begin; // the first eight bytes of its text, by which most pairs are told apart
    const char *text; // its scope follows
    uint32_t text_len, scope_len;
    const char *bytes; // packed; who came later stands behind
} arrival;

static uint64_t begin_of(ps_span text)
{
    unsigned char bytes[sizeof(uint64_t)] = {0};
    uint64_t begin = 0;

    memcpy(bytes, text.bytes, text.len < sizeof bytes ? text.len : sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        begin = begin << 8 | bytes[i];
    return begin;
}

static ps_stored_entry key_of(const arrival *of)
{
    return (ps_stored_entry){.text = {of->text, of->text_len}, .scope = {of->text + of->text_len, of->scope_len}};
}

static int compare_keys(const arrival *a, const arrival *b)
{
    const ps_stored_entry one = key_of(a), other = key_of(b);

    if (a->begin != b->begin) return a->begin < b->begin ? -1 : 1;
    return ps_entry_compare(&one, &other);
}

static int compare_arrivals(const void *a, const void *b)
{
    const arrival *one = a, *other = b;
    int order = compare_keys(one, other);

    return order != 0 ? order : (one->bytes > other->bytes) - (one->bytes < other->bytes);
}

static size_t count_packed(ps_span packed)
{
    ps_stored_entry entry;
    size_t count = 0;

    while (ps_packed_take(&packed, &entry))
        count++;
    return count;
}

// ESPs give many lists in the order of their addresses.
static void sort_arrivals(ps_span packed, arrival *out, size_t count)
{
    bool sorted = true;

    for (size_t i = 0; i < count; i++) {
        const char *bytes = packed.bytes;
        ps_stored_entry entry = {.kind = PS_STORED_ADDRESS};
        (void)ps_packed_take(&packed, &entry); // it was counted
        out[i] = (arrival){.begin = begin_of(entry.text),
                           .text = entry.text.bytes,
                           .text_len = (uint32_t)entry.text.len,
                           .scope_len = (uint32_t)entry.scope.len,
                           .bytes = bytes};
        sorted = sorted && (i == 0 || compare_keys(&out[i - 1], &out[i]) <= 0);
    }
    if (!sorted) qsort(out, count, sizeof *out, compare_arrivals);
}

static int64_t lasts(const ps_stored_entry *entry)
{
    return entry->expires_s == 0 ? INT64_MAX : entry->expires_s;
}

// Whether `later` stays of two entries of one key.
static bool prevails(const ps_stored_entry *later, const ps_stored_entry *earlier)
{
    if (later->class != earlier->class) return later->class < earlier->class;
    if (lasts(later) != lasts(earlier)) return lasts(later) > lasts(earlier);
    return later->created_s >= earlier->created_s;
}

typedef struct run_writer {
    ps_statement put;
    int64_t number;
    ps_buf chunk;
    ps_hash *sum;
} run_writer;

static ps_status write_chunk(run_writer *to, ps_error *err)
{
    ps_status status = ps_buf_status(&to->chunk, "entries that wait", err);
    ps_hash hash = ps_hash_of(ps_buf_span(&to->chunk));

    if (status != PS_OK) return status;
    to->sum->low += hash.low;
    to->sum->high += hash.high + (to->sum->low < hash.low);
    ps_statement_bind_int(&to->put, 3, to->number++);
    ps_statement_bind_bytes(&to->put, 4, to->chunk.bytes, to->chunk.len);
    status = ps_statement_run(&to->put, err);
    ps_buf_clear(&to->chunk);
    return status;
}

static ps_status write_arrivals(run_writer *to, const arrival *arrivals, size_t count, ps_span packed, ps_error *err)
{
    const char *end = packed.bytes + packed.len;
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < count;) {
        ps_stored_entry best = {.kind = PS_STORED_ADDRESS}, other = best;
        ps_span bytes = {arrivals[i].bytes, (size_t)(end - arrivals[i].bytes)};
        size_t from = i++;
        (void)ps_packed_take(&bytes, &best); // they were all counted
        for (; i < count && compare_keys(&arrivals[from], &arrivals[i]) == 0; i++) {
            bytes = (ps_span){arrivals[i].bytes, (size_t)(end - arrivals[i].bytes)};
            (void)ps_packed_take(&bytes, &other);
            if (prevails(&other, &best)) best = other;
        }
        ps_packed_add(&to->chunk, &best);
        if (to->chunk.len >= CHUNK_BYTES || to->chunk.failed) status = write_chunk(to, err);
    }
    return status == PS_OK && to->chunk.len > 0 ? write_chunk(to, err) : status;
}

static ps_status count_runs(const ps_store *store, int64_t list, int64_t *out, ps_error *err)
{
    ps_statement statement = {0};
    bool row = false;
    ps_status status = ps_statement_open(
        store, "SELECT ifnull(max(run) + 1, 0) FROM suppression_waiting WHERE list = ?", &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_int(&statement, 1, list);
        status = ps_statement_step(&statement, &row, err);
    }
    if (status == PS_OK) *out = row ? ps_statement_int(&statement, 0) : 0;
    ps_statement_close(&statement);
    return status;
}

ps_status ps_waiting_put(const ps_store *store, int64_t list, ps_span arrived, ps_hash *sum, ps_error *err)
{
    run_writer to = {.sum = sum};
    size_t count = count_packed(arrived);
    arrival *arrivals = NULL;
    int64_t run = 0;
    ps_status status = PS_OK;

    if (count == 0) return PS_OK;
    arrivals = ps_memory_new(count, sizeof *arrivals, err);
    if (arrivals == NULL) return PS_RETRY;
    ps_buf_init(&to.chunk, CHUNK_BYTES_MAX);
    sort_arrivals(arrived, arrivals, count);
    status = count_runs(store, list, &run, err);
    if (status == PS_OK) {
        status = ps_statement_open(
            store, "INSERT INTO suppression_waiting(list, run, number, entries) VALUES(?, ?, ?, ?)", &to.put, err);
    }
    if (status == PS_OK) {
        ps_statement_bind_int(&to.put, 1, list);
        ps_statement_bind_int(&to.put, 2, run);
        status = write_arrivals(&to, arrivals, count, arrived, err);
    }
    ps_statement_close(&to.put);
    ps_buf_done(&to.chunk);
    ps_memory_free(arrivals);
    return status;
}

ps_status ps_waiting_forget(const ps_store *store, int64_t list, ps_error *err)
{
    ps_statement statement = {0};
    ps_status status = ps_statement_open(store, "DELETE FROM suppression_waiting WHERE list = ?", &statement, err);

    if (status == PS_OK) {
        ps_statement_bind_int(&statement, 1, list);
        status = ps_statement_run(&statement, err);
    }
    ps_statement_close(&statement);
    return status;
}

// ---- reading all runs as one

struct ps_waiting_run {
    int64_t next; // chunk
    ps_buf chunk;
    ps_span rest;
    ps_stored_entry entry;
};

static ps_status drop_chunk(ps_waiting *waiting, uint32_t run, int64_t number, ps_error *err)
{
    ps_statement_bind_int(&waiting->drop, 2, run);
    ps_statement_bind_int(&waiting->drop, 3, number);
    return ps_statement_run(&waiting->drop, err);
}

static ps_status read_chunk(ps_waiting *waiting, uint32_t number, bool *out_more, ps_error *err)
{
    ps_waiting_run *run = &waiting->runs[number];
    bool end = false;

    ps_statement_bind_int(&waiting->chunk, 2, number);
    ps_statement_bind_int(&waiting->chunk, 3, run->next);
    ps_status status = ps_statement_step(&waiting->chunk, out_more, err);
    if (status != PS_OK || !*out_more) return status;
    ps_buf_clear(&run->chunk);
    ps_buf_add_span(&run->chunk, ps_statement_bytes(&waiting->chunk, 0));
    run->rest = ps_buf_span(&run->chunk);
    ps_hash hash = ps_hash_of(run->rest);
    waiting->sum.low += hash.low;
    waiting->sum.high += hash.high + (waiting->sum.low < hash.low);
    status = ps_statement_step(&waiting->chunk, &end, err); // so that it can be bound anew
    if (status == PS_OK) status = ps_buf_status(&run->chunk, "entries that wait", err);
    if (status == PS_OK && waiting->takes) status = drop_chunk(waiting, number, run->next, err);
    run->next++;
    return status;
}

// The run's next entry. Keys ascend within a run, or somebody would be found in one and not in another.
static ps_status advance(ps_waiting *waiting, uint32_t number, bool *out_more, ps_error *err)
{
    ps_waiting_run *run = &waiting->runs[number];
    ps_stored_entry next = {.kind = PS_STORED_ADDRESS};
    bool same_chunk = run->rest.len > 0;
    ps_status status = PS_OK;

    *out_more = true;
    if (!same_chunk) status = read_chunk(waiting, number, out_more, err);
    if (status != PS_OK || !*out_more) return status;
    bool sound = ps_packed_take(&run->rest, &next);
    waiting->damaged = waiting->damaged || !sound || (same_chunk && ps_entry_compare(&run->entry, &next) >= 0);
    run->entry = next;
    return PS_OK;
}

static bool before(const ps_waiting *waiting, uint32_t a, uint32_t b)
{
    int order = ps_entry_compare(&waiting->runs[a].entry, &waiting->runs[b].entry);

    return order != 0 ? order < 0 : a < b; // of one key in the order in which they came
}

static void push(ps_waiting *waiting, uint32_t run)
{
    size_t at = waiting->heap_count++;

    for (; at > 0 && before(waiting, run, waiting->heap[(at - 1) / 2]); at = (at - 1) / 2)
        waiting->heap[at] = waiting->heap[(at - 1) / 2];
    waiting->heap[at] = run;
}

// The first run goes behind the heap, among those that have the key at hand.
static void pop(ps_waiting *waiting)
{
    uint32_t first = waiting->heap[0], moved = waiting->heap[--waiting->heap_count];
    size_t at = 0, count = waiting->heap_count;

    for (size_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && before(waiting, waiting->heap[child + 1], waiting->heap[child])) child++;
        if (!before(waiting, waiting->heap[child], moved)) break;
        waiting->heap[at] = waiting->heap[child];
        at = child;
    }
    waiting->heap[at] = moved;
    waiting->heap[count] = first;
    waiting->at_hand++;
}

// Of all runs that have come to the same key one entry stays.
static void choose(ps_waiting *waiting)
{
    waiting->entry = NULL;
    if (waiting->heap_count == 0 || waiting->damaged) return;
    const ps_stored_entry *best = &waiting->runs[waiting->heap[0]].entry;
    pop(waiting);
    while (waiting->heap_count > 0) {
        const ps_stored_entry *next = &waiting->runs[waiting->heap[0]].entry;
        if (ps_entry_compare(best, next) != 0) break;
        if (prevails(next, best)) best = next;
        pop(waiting);
    }
    waiting->entry = best;
}

ps_status ps_waiting_next(ps_waiting *waiting, ps_error *err)
{
    size_t from = waiting->heap_count, count = waiting->at_hand;
    ps_status status = PS_OK;

    waiting->at_hand = 0;
    for (size_t i = 0; status == PS_OK && i < count; i++) {
        uint32_t run = waiting->heap[from + i]; // what is pushed takes the place of one that was read
        bool more = false;
        status = advance(waiting, run, &more, err);
        if (status == PS_OK && more) push(waiting, run);
    }
    if (status == PS_OK) choose(waiting);
    return status;
}

static ps_status open_runs(const ps_store *store, ps_waiting *out, size_t count, ps_error *err)
{
    out->runs = ps_memory_new(count + 1, sizeof *out->runs, err);
    out->heap = ps_memory_new(count + 1, sizeof *out->heap, err);
    if (out->runs == NULL || out->heap == NULL) return PS_RETRY;
    out->run_count = count;
    for (size_t i = 0; i < count; i++) {
        ps_buf_init(&out->runs[i].chunk, CHUNK_BYTES_MAX);
        out->heap[i] = (uint32_t)i;
    }
    out->at_hand = count; // all of them are to be read
    ps_status status = ps_statement_open(
        store, "SELECT entries FROM suppression_waiting WHERE list = ? AND run = ? AND number = ?", &out->chunk, err);
    if (status == PS_OK) {
        status = ps_statement_open(store, "DELETE FROM suppression_waiting WHERE list = ? AND run = ? AND number = ?",
                                   &out->drop, err);
    }
    if (status != PS_OK) return status;
    ps_statement_bind_int(&out->chunk, 1, out->list);
    ps_statement_bind_int(&out->drop, 1, out->list);
    return ps_waiting_next(out, err);
}

ps_status ps_waiting_open(const ps_store *store, int64_t list, bool takes, ps_waiting *out, ps_error *err)
{
    int64_t count = 0;

    *out = (ps_waiting){.list = list, .takes = takes};
    ps_status status = count_runs(store, list, &count, err);
    if (status != PS_OK) return status;
    out->damaged = count < 0 || count > RUNS_MAX;
    return out->damaged ? PS_OK : open_runs(store, out, (size_t)count, err);
}

void ps_waiting_close(ps_waiting *waiting)
{
    for (size_t i = 0; waiting->runs != NULL && i < waiting->run_count; i++)
        ps_buf_done(&waiting->runs[i].chunk);
    ps_memory_free(waiting->runs);
    ps_memory_free(waiting->heap);
    ps_statement_close(&waiting->chunk);
    ps_statement_close(&waiting->drop);
}
