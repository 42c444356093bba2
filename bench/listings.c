// What it costs to remember who was listed for win-back: a run of N people written and settled, the same run on the
// next day, which lists everybody anew, and both read when a run begins.
//
//     ninja -C build/release bench_listings && build/release/bench/bench_listings 1300000

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"

static const char path[] = "bench-listings.sqlite";
static const ps_store_job nightly = {.name = "job.yaml", .campaign = "autumn"};

enum { DAY = 20000 };

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void must(ps_status status, const ps_error *err)
{
    if (status == PS_OK) return;
    fprintf(stderr, "bench_listings: %s\n", err->text);
    exit(EXIT_FAILURE);
}

static void record(ps_store *store, ps_day as_of, uint64_t people)
{
    ps_job job;
    ps_listed listed = {.folder = "."};
    ps_run run = {.job = &job, .started_s = 1, .finished_s = 2, .rows = people};
    ps_error err;

    ps_job_init(&job);
    job.as_of = as_of;
    job.timezone = "UTC";
    snprintf(run.id, sizeof run.id, "00000000-0000-4000-8000-%012d", (int)as_of);
    for (uint64_t i = 0; i < people; i++) {
        ps_hash digest = ps_hash_of((ps_span){(const char *)&i, sizeof i});
        must(ps_listed_add(&listed, &digest, 1, &err), &err);
    }
    const ps_store_run stored = {
        .run = &run, .job = nightly, .directory = "/srv/out", .retain_days = 400, .listed = &listed};
    double from = cpu_s();
    must(ps_store_prepare(store, &stored, &err), &err);
    double prepared = cpu_s();
    must(ps_store_settle(store, run.id, &err), &err);
    double settled = cpu_s();
    printf("| written | %.2f |\n| settled | %.2f |\n", prepared - from, settled - prepared);
    ps_listed_done(&listed);
}

int main(int argc, char **argv)
{
    uint64_t people = argc > 1 ? strtoull(argv[1], NULL, 10) : 1300000;
    ps_store *store = NULL;
    ps_listings listings = {0};
    ps_error err;

    (void)unlink(path); // may be there
    must(ps_store_open(path, NULL, &store, &err), &err);
    printf("| %llu people | s of CPU |\n|---|---:|\n", (unsigned long long)people);
    record(store, DAY, people);
    record(store, DAY + 1, people);
    ps_store_close(store);
    store = NULL;
    double from = cpu_s();
    must(ps_store_open(path, NULL, &store, &err), &err);
    double opened = cpu_s();
    must(ps_store_listings(store, &nightly, DAY + 2, &listings, &err), &err);
    printf("| opened and checked | %.2f |\n| read | %.2f |\n", opened - from, cpu_s() - opened);
    if (listings.count != people) return EXIT_FAILURE;
    ps_listings_done(&listings);
    ps_store_close(store);
    (void)unlink(path);
    return EXIT_SUCCESS;
}
