// What the cache of domains costs: keeping an answer, finding one, the past that a run leaves, and the file.
// `bench_domain_cache [COUNT]`

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/domains.h"

enum { DAY_S = 86400, FLUSH_EVERY = 50000 }; // as many answers as a second brings where nothing holds it up

static double cpu_s(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void must(ps_status status, const ps_error *err)
{
    if (status == PS_OK) return;
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

// Names in no order, three in ten with servers of their own.
static ps_domain_answer answer_of(uint64_t i, uint64_t count, char name[40], char servers[80])
{
    uint64_t number = i * 7919 % count;
    bool own = number % 10 < 3, dead = number % 10 == 9;

    snprintf(name, 40, "name%" PRIu64 ".example", number);
    snprintf(servers, 80, own ? "mx1.name%" PRIu64 ".example mx2.example" : "aspmx.l.google.com", number);
    return (ps_domain_answer){.domain = ps_span_of(name),
                              .fact = {.verdict = dead ? PS_MAIL_NONE : PS_MAIL_DELIVERABLE,
                                       .reason = dead ? PS_REASON_NXDOMAIN : PS_REASON_MX},
                              .servers = dead ? (ps_span){0} : ps_span_of(servers),
                              .checked_s = ps_clock_now_s(),
                              .ttl_s = DAY_S,
                              .sources = 1};
}

static void report(const char *what, double before, uint64_t count)
{
    printf("%-36s %6.2f us CPU each\n", what, (cpu_s() - before) * 1e6 / (double)count);
}

typedef struct opened {
    ps_store *store;
    ps_domain_store *domains;
    ps_domain_cache cache;
} opened;

static opened open_cache(const char *path)
{
    const ps_domain_store_options options = {.lifetime_days = 7, .as_of = 30000};
    opened o;
    ps_error err;

    must(ps_store_open(path, NULL, &o.store, &err), &err);
    must(ps_domain_store_open(o.store, &options, &o.domains, &err), &err);
    ps_domain_store_cache(o.domains, &o.cache);
    return o;
}

static void close_cache(opened *o)
{
    ps_domain_store_close(o->domains);
    ps_store_close(o->store);
}

// As a run does, from opening the file to closing it.
static void keep_all(const char *path, uint64_t count, const char *what)
{
    ps_error err;
    char name[40], servers[80];
    double before = cpu_s();
    opened o = open_cache(path);
    const ps_domain_cache *cache = &o.cache;

    must(cache->resolvers(cache->context, "192.0.2.1", &err), &err);
    for (uint64_t i = 0; i < count; i++) {
        ps_domain_answer answer = answer_of(i, count, name, servers);
        must(cache->keep(cache->context, &answer, &err), &err);
        if (i % FLUSH_EVERY == FLUSH_EVERY - 1) must(cache->flush(cache->context, &err), &err);
    }
    must(cache->vouch(cache->context, &err), &err);
    report(what, before, count);
    before = cpu_s();
    close_cache(&o);
    report("  and until the file is closed", before, count);
}

// What is known of each, but not its answer: as who asks DNS looks while the list is read.
static void glance_all(const char *path, uint64_t count, uint64_t others, const char *what)
{
    ps_error err;
    char name[40], servers[80];
    uint64_t fresh = 0;
    double before = cpu_s();
    opened o = open_cache(path);

    for (uint64_t i = 0; i < count; i++) {
        ps_cached kind;
        ps_domain_answer answer = answer_of(i + others, count + others, name, servers);
        must(o.cache.glance(o.cache.context, answer.domain, &kind, &err), &err);
        fresh += kind == PS_CACHED_FRESH;
    }
    close_cache(&o);
    report(what, before, count);
    printf("%-36s %6.1f %%\n", "  of which nobody needs to ask", (double)fresh * 100 / (double)count);
}

// As who asks DNS looks once the list is read.
static void find_sorted(const char *path, uint64_t count)
{
    ps_error err;
    ps_intern names;
    char name[40], servers[80];
    uint64_t *numbers = calloc(count, sizeof *numbers);

    must(ps_intern_open(&names, &err), &err);
    for (uint64_t i = 0; numbers != NULL && i < count; i++) {
        uint32_t number;
        must(ps_intern_add(&names, answer_of(i, count, name, servers).domain, &number, &err), &err);
        numbers[i] = number;
    }
    double before = cpu_s();
    opened o = open_cache(path);
    must(ps_domain_cache_sort(&o.cache, &names, numbers, count, &err), &err);
    for (uint64_t i = 0; i < count; i++) {
        ps_cache_entry entry;
        must(o.cache.find(o.cache.context, ps_intern_text(&names, numbers[i]), &entry, &err), &err);
    }
    close_cache(&o);
    report("find, in the order of the pages", before, count);
    ps_intern_close(&names);
    free(numbers);
}

static void find_all(const char *path, uint64_t count, uint64_t asked, const char *what)
{
    ps_error err;
    char name[40], servers[80];
    uint64_t fresh = 0;
    double before = cpu_s();
    opened o = open_cache(path);

    for (uint64_t i = 0; i < asked; i++) {
        ps_cache_entry entry;
        ps_domain_answer answer = answer_of(i, count, name, servers);
        must(o.cache.find(o.cache.context, answer.domain, &entry, &err), &err);
        fresh += entry.kind == PS_CACHED_FRESH;
    }
    close_cache(&o);
    report(what, before, asked);
    if (fresh != asked) printf("%" PRIu64 " of %" PRIu64 " were found\n", fresh, asked);
}

// What the last run left in the log comes to its place: who looks first does that.
static void merge_all(const char *path, uint64_t count)
{
    ps_error err;
    ps_cache_entry entry;
    double before = cpu_s();
    opened o = open_cache(path);

    must(o.cache.find(o.cache.context, ps_span_of("name1.example"), &entry, &err), &err);
    close_cache(&o);
    report("  and the first look of the next run", before, count);
}

// What the bench itself takes for each answer.
static void make_all(uint64_t count)
{
    char name[40], servers[80];
    uint64_t lens = 0;
    double before = cpu_s();

    for (uint64_t i = 0; i < count; i++)
        lens += answer_of(i, count, name, servers).domain.len;
    report(lens > 0 ? "(in each line: making the answer)" : "", before, count);
}

// A run is published that had all of them.
static void settle_all(const char *path, uint64_t count)
{
    ps_job job;
    ps_run run = {.job = &job, .id = "00000000-0000-4000-8000-000000000001"};
    ps_listed nobody = {0};
    ps_domains domains;
    ps_error err;
    char name[40], servers[80];

    ps_job_init(&job);
    job.as_of = 20000;
    job.timezone = "UTC";
    must(ps_domains_open(&domains, &err), &err);
    for (uint64_t i = 0; i < count; i++) {
        uint32_t number;
        ps_domain_answer answer = answer_of(i, count, name, servers);
        must(ps_domains_add(&domains, answer.domain, &number, &err), &err);
        must(ps_domains_put(&domains, number, &answer, &err), &err);
        domains.rows[number] = 1;
    }
    double before = cpu_s();
    opened o = open_cache(path);
    const ps_store_run stored = {.run = &run,
                                 .job = {.name = "job.yaml"},
                                 .directory = "/srv/out",
                                 .retain_days = 400,
                                 .listed = &nobody,
                                 .domains = &domains};
    must(ps_store_prepare(o.store, &stored, &err), &err);
    must(ps_store_settle(o.store, run.id, &err), &err);
    report("their past, as a run is published", before, count);
    before = cpu_s();
    ps_cache_entry entry; // who looks first brings it to its place
    must(o.cache.find(o.cache.context, ps_span_of("name1.example"), &entry, &err), &err);
    close_cache(&o);
    report("  and until the file is closed", before, count);
    ps_domains_close(&domains);
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    char path[] = "bench-domains.sqlite";
    struct stat info;
    struct rusage usage;

    (void)unlink(path); // of an earlier run
    make_all(count);
    find_all(path, count, count, "find, nothing is kept");
    keep_all(path, count, "keep, new domains");
    merge_all(path, count);
    keep_all(path, count, "keep, known domains");
    merge_all(path, count);
    find_all(path, count, count, "find, in any order");
    glance_all(path, count, 0, "glance, in any order");
    glance_all(path, count, count, "glance, half of them new");
    find_all(path, count, 1, "open, find one, close");
    getrusage(RUSAGE_SELF, &usage);
    printf("%-36s %6ld MiB\n", "most memory", usage.ru_maxrss / 1024);
    find_sorted(path, count);
    settle_all(path, count);
    if (stat(path, &info) == 0) printf("%-36s %6.0f bytes each\n", "file", (double)info.st_size / (double)count);
    (void)unlink(path); // its lock stays: it is empty
    return 0;
}
