// What one operation on the table of hashes costs, and what an entry takes, beside the plain index of base/hash.h.
//
//     ninja -C build/release bench_table && build/release/bench/bench_table 10000000
//
// Adds N hashes in batches as rows come, then looks up N of which one in ten is there. Hashes are made on the way:
// the line "making a hash".

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "facts/suppression.h"

enum { BLOCK = 64, KIND = 1 };

// Of this process: others may use the machine, too.
static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static ps_hash hash_of(uint64_t i)
{
    return (ps_hash){.low = mix(2 * i + 1), .high = mix(2 * i)};
}

static void die(const ps_error *err)
{
    fprintf(stderr, "bench_table: %s\n", err->text);
    exit(EXIT_FAILURE);
}

static double resident_mb(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0, resident = 0;

    if (file == NULL || fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = 0;
    if (file != NULL) fclose(file);
    return (double)resident * 4096 / 1e6;
}

static void tell(const char *what, double from_s, uint64_t count, double bytes)
{
    printf("| %-44s | %6.1f |", what, (now_s() - from_s) * 1e9 / (double)count);
    if (bytes > 0) printf(" %5.1f", bytes / (double)count);
    printf(" |\n");
}

static void add_block(ps_roster *roster, uint64_t from, uint64_t to)
{
    ps_error err = {.status = PS_OK};
    ps_hash hashes[BLOCK];
    uint32_t value = 0;

    for (uint64_t i = from; i < to; i++)
        hashes[i - from] = hash_of(i);
    ps_roster_prefetch_claims(roster, hashes, to - from);
    for (uint64_t i = from; i < to; i++) {
        const ps_roster_key key = {hashes[i - from], KIND};
        if (ps_roster_claim(roster, key, (uint32_t)i, &value, &err) != PS_OK) die(&err);
    }
}

static void add_all(ps_roster *roster, uint64_t count)
{
    for (uint64_t i = 0; i < count; i += BLOCK)
        add_block(roster, i, i + BLOCK < count ? i + BLOCK : count);
}

static uint64_t sought(uint64_t i, uint64_t count)
{
    return i % 10 == 0 ? i : i + count;
}

static uint64_t find_all(const ps_roster *roster, uint64_t count)
{
    uint64_t hits = 0;

    for (uint64_t i = 0; i < count; i += BLOCK) {
        uint64_t to = i + BLOCK < count ? i + BLOCK : count;
        ps_hash hashes[BLOCK];
        for (uint64_t k = i; k < to; k++)
            hashes[k - i] = hash_of(sought(k, count));
        ps_roster_prefetch(roster, hashes, to - i);
        for (uint64_t k = i; k < to; k++) {
            uint32_t value = 0;
            hits += ps_roster_find(roster, (ps_roster_key){hashes[k - i], KIND}, &value);
        }
    }
    return hits;
}

static void bench_roster(uint64_t count, bool reserved)
{
    ps_roster *roster = NULL;
    ps_error err = {.status = PS_OK};
    double before = resident_mb(), start = now_s();

    if (ps_roster_new(&roster, &err) != PS_OK) die(&err);
    if (reserved && ps_roster_reserve(roster, count, &err) != PS_OK) die(&err);
    add_all(roster, count);
    tell(reserved ? "roster: add, room made before" : "roster: add, growing", start, count,
         (resident_mb() - before) * 1e6);
    start = now_s();
    uint64_t hits = find_all(roster, count);
    tell("roster: look up, one in ten is there", start, count, (double)ps_roster_bytes(roster));
    if (hits != (count + 9) / 10) printf("%llu hits\n", (unsigned long long)hits);
    ps_roster_free(roster);
}

static void bench_index(uint64_t count)
{
    ps_index index = {.count = 0};
    ps_error err = {.status = PS_OK};
    double start = now_s();
    uint32_t value = 0;
    uint64_t hits = 0;
    bool added = false;

    for (uint64_t i = 0; i < count; i++) {
        if (ps_index_claim(&index, hash_of(i), (uint32_t)i, &value, &added, &err) != PS_OK) die(&err);
    }
    tell("index: add, growing", start, count, (double)index.capacity * (sizeof *index.keys + sizeof *index.values));
    start = now_s();
    for (uint64_t i = 0; i < count; i++)
        hits += ps_index_find(&index, hash_of(sought(i, count))) != PS_INDEX_NONE;
    tell("index: look up, one in ten is there", start, count, 0);
    if (hits != (count + 9) / 10) printf("%llu hits\n", (unsigned long long)hits);
    ps_index_done(&index);
}

// As a load image is read: pairs in any order, all of them new.
static void bench_load(uint64_t count)
{
    const ps_suppressed fact = {.sources = 1, .classes = 1 << PS_CLASS_HARD, .strongest = PS_CLASS_HARD, .list = ""};
    ps_error err = {.status = PS_OK};
    ps_suppression *set = NULL;
    uint32_t number = 0;
    ps_suppression_pair *pairs = ps_memory_new(count, sizeof *pairs, &err);

    if (pairs == NULL || ps_suppression_new(&set, &err) != PS_OK) die(&err);
    if (ps_suppression_fact(set, &fact, &number, &err) != PS_OK) die(&err);
    for (uint64_t i = 0; i < count; i++)
        pairs[i] = (ps_suppression_pair){hash_of(i).low, (uint32_t)(hash_of(i).high >> 32), number};
    double start = now_s();
    if (ps_suppression_expect(set, count, &err) != PS_OK) die(&err);
    if (ps_suppression_load(set, pairs, count, &err) != PS_OK) die(&err);
    tell("suppression set: load by hash", start, count, (double)ps_roster_bytes(ps_suppression_roster(set)));
    ps_suppression_free(set);
    ps_memory_free(pairs);
}

static void bench_hash(uint64_t count)
{
    uint64_t sum = 0;
    double start = now_s();

    for (uint64_t i = 0; i < count; i++)
        sum ^= hash_of(i).low ^ hash_of(i).high;
    tell("making a hash", start, count, 0);
    if (sum == 1) puts("");
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;

    printf("%llu entries, one thread, CPU time\n\n| | ns an operation | bytes an entry |\n|---|---|---|\n",
           (unsigned long long)count);
    bench_hash(count);
    bench_roster(count, true);
    bench_roster(count, false);
    bench_load(count);
    bench_index(count);
    return 0;
}
