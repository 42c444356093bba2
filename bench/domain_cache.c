// What the cache of domains costs: keeping an answer, finding one, and the file. `bench_domain_cache [COUNT]`

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
    printf("%-28s %6.2f us CPU each\n", what, (cpu_s() - before) * 1e6 / (double)count);
}

static void keep_all(const ps_domain_cache *cache, uint64_t count, const char *what)
{
    ps_error err;
    char name[40], servers[80];
    double before = cpu_s();

    for (uint64_t i = 0; i < count; i++) {
        ps_domain_answer answer = answer_of(i, count, name, servers);
        must(cache->keep(cache->context, &answer, &err), &err);
        if (i % FLUSH_EVERY == FLUSH_EVERY - 1) must(cache->flush(cache->context, &err), &err);
    }
    must(cache->vouch(cache->context, &err), &err);
    report(what, before, count);
}

static void find_all(const ps_domain_cache *cache, uint64_t count)
{
    ps_error err;
    char name[40], servers[80];
    uint64_t fresh = 0;
    double before = cpu_s();

    for (uint64_t i = 0; i < count; i++) {
        ps_cache_entry entry;
        ps_domain_answer answer = answer_of(i, count, name, servers);
        must(cache->find(cache->context, answer.domain, &entry, &err), &err);
        fresh += entry.kind == PS_CACHED_FRESH;
    }
    report("find", before, count);
    if (fresh != count) printf("only %" PRIu64 " of %" PRIu64 " were found\n", fresh, count);
}

int main(int argc, char **argv)
{
    const ps_domain_store_options options = {.lifetime_days = 7};
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    char path[] = "bench-domains.sqlite";
    ps_store *store = NULL;
    ps_domain_store *domains = NULL;
    ps_domain_cache cache;
    ps_error err;
    struct stat info;
    struct rusage usage;

    (void)unlink(path); // of an earlier run
    must(ps_store_open(path, NULL, &store, &err), &err);
    must(ps_domain_store_open(store, &options, &domains, &err), &err);
    ps_domain_store_cache(domains, &cache);
    keep_all(&cache, count, "keep, new domains");
    keep_all(&cache, count, "keep, known domains");
    find_all(&cache, count);
    ps_domain_store_close(domains);
    ps_store_close(store);
    getrusage(RUSAGE_SELF, &usage);
    if (stat(path, &info) == 0) printf("%-28s %6.0f bytes each\n", "file", (double)info.st_size / (double)count);
    printf("%-28s %6ld MiB\n", "most memory", usage.ru_maxrss / 1024);
    (void)unlink(path); // its lock stays: it is empty
    return 0;
}
