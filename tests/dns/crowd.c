// Asks a resolver for the first N domains of the world of world.h, and compares what comes out with what should.
//
//   dns_crowd RESOLVER N [--window W] [--sockets S] [--buffer BYTES] [--timeout MS] [--confirm MS] [--servfail MS]
//             [--rate N] [--feed 1] [--unknown 1] [--names FILE] [--cache FILE] [--ca FILE] [--doh-timeout MS]
//             [--plain 1]
//
// Prints one line of numbers. Exit 1: a domain was judged wrongly, or (without --unknown) one is unknown that need not
// be. --feed: domains are offered one by one first, as a run does. --names: only writes the names down.
// --cache: the verdicts are kept in this state file, as a run does. --plain: only domains that one answer settles.
// RESOLVER may be a URL of DNS over HTTPS; --ca: certificates to trust there.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "facts/domains.h"
#include "net/dns.h"
#include "store/domains.h"
#include "world.h"

typedef struct crowd {
    const char *resolver, *names, *cache;
    uint32_t count;
    int feed, unknown, plain;
    unsigned rate;
    ps_dns_options options;
    ps_domains domains;
    ps_run_mx stats;
    ps_dns_health health;
} crowd;

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double cpu_s(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// The number in the world of the first domain from `number` on that is asked for.
static uint32_t next_of(const crowd *c, uint32_t number)
{
    while (c->plain && world_kind_of(number) > WORLD_OPERATOR)
        number++;
    return number;
}

static ps_status add_names(crowd *c, ps_resolver *resolver, ps_error *err)
{
    ps_status status = PS_OK;
    char name[WORLD_NAME_SIZE];
    uint32_t number, at = 0;

    for (uint32_t i = 0; i < c->count && status == PS_OK; i++, at++) {
        at = next_of(c, at);
        world_name(at, name);
        status = ps_domains_add(&c->domains, ps_span_of(name), &number, err);
        if (status == PS_OK) c->domains.rows[number] = 1 + i % 7;
        if (status == PS_OK && c->feed) resolver->offer(resolver->context, number, ps_span_of(name));
    }
    return status;
}

static ps_status resolve(crowd *c, ps_resolver *resolver, const volatile int *never, ps_error *err)
{
    const ps_domain_store_options options = {.lifetime_days = 7};
    ps_store *store = NULL;
    ps_domain_store *domains = NULL;
    ps_domain_cache cache;
    ps_status status = PS_OK;

    if (c->cache != NULL) status = ps_store_open(c->cache, NULL, &store, err);
    if (store != NULL) status = ps_domain_store_open(store, &options, &domains, err);
    if (domains != NULL) {
        ps_domain_store_cache(domains, &cache);
        resolver->cache = &cache;
    }
    if (status == PS_OK) status = resolver->resolve(resolver->context, &c->domains, never, &c->stats, err);
    resolver->cache = NULL;
    ps_domain_store_close(domains);
    ps_store_close(store);
    return status;
}

static ps_status ask(crowd *c, double *wall_s, double *used_s, ps_error *err)
{
    static const volatile int never = 0;
    const char *resolvers[] = {c->resolver};
    ps_dns *dns = NULL;
    ps_resolver resolver;
    ps_job job;

    ps_job_init(&job);
    job.resolvers = resolvers;
    job.resolvers_count = 1;
    if (strstr(c->resolver, "://") != NULL) job.mx_doh = c->resolver;
    ps_status status = ps_dns_open_with(&job, &c->options, &dns, err);
    if (status != PS_OK) return status;
    ps_dns_resolver(dns, &resolver);
    if (c->feed) status = resolver.begin(resolver.context, &never, err);
    if (status == PS_OK) status = add_names(c, &resolver, err);
    double started = now_s(), used = cpu_s();
    if (status == PS_OK) status = resolve(c, &resolver, &never, err);
    *wall_s = now_s() - started;
    *used_s = cpu_s() - used;
    ps_dns_health_of(dns, &c->health);
    ps_dns_close(dns);
    return status;
}

static const char *const verdict_words[] = {"unknown", "deliverable", "no_mail"};

// How many are wrong, and how many unknown that need not be.
static void check(const crowd *c, unsigned *wrong, unsigned *lost)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < c->count; i++, at++) {
        at = next_of(c, at);
        const ps_domain_fact *fact = &c->domains.facts[i];
        const world_verdict *expected = world_verdict_of(world_kind_of(at));
        const char *reason = ps_reason_get(fact->reason)->wire;
        int same = strcmp(verdict_words[fact->verdict], expected->verdict) == 0;
        int right = same && (strcmp(reason, expected->reason) == 0 ||
                             (expected->or_else != NULL && strcmp(reason, expected->or_else) == 0));
        if (right) continue;
        int known = fact->verdict != PS_MAIL_UNKNOWN;
        *wrong += known;
        *lost += !known && !same;
        if (known && *wrong < 10) {
            fprintf(stderr, "wrong: %s %s %s, not %s %s\n", ps_intern_text(&c->domains.names, i).bytes,
                    verdict_words[fact->verdict], reason, expected->verdict, expected->reason);
        }
    }
}

static void write_names(const crowd *c)
{
    FILE *file = fopen(c->names, "w");
    char name[WORLD_NAME_SIZE];
    uint32_t at = 0;

    if (file == NULL) exit(1);
    for (uint32_t i = 0; i < c->count; i++, at++) {
        at = next_of(c, at);
        world_name(at, name);
        fprintf(file, "%s\n", name);
    }
    exit(fclose(file) == 0 ? 0 : 1);
}

static void read_options(int argc, char **argv, crowd *c)
{
    for (int i = 3; i + 1 < argc; i += 2) {
        uint32_t value = (uint32_t)strtoul(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--window") == 0) c->options.in_flight_max = value;
        if (strcmp(argv[i], "--sockets") == 0) c->options.sockets = value;
        if (strcmp(argv[i], "--buffer") == 0) c->options.buffer_bytes = value;
        if (strcmp(argv[i], "--confirm") == 0) c->options.confirm_ms = value;
        if (strcmp(argv[i], "--servfail") == 0) c->options.servfail_ms = value;
        if (strcmp(argv[i], "--feed") == 0) c->feed = value != 0;
        if (strcmp(argv[i], "--unknown") == 0) c->unknown = value != 0;
        if (strcmp(argv[i], "--plain") == 0) c->plain = value != 0;
        if (strcmp(argv[i], "--names") == 0) c->names = argv[i + 1];
        if (strcmp(argv[i], "--cache") == 0) c->cache = argv[i + 1];
        if (strcmp(argv[i], "--doh-timeout") == 0) c->options.doh_timeout_ms = value;
        if (strcmp(argv[i], "--ca") == 0) c->options.doh_ca_file = argv[i + 1];
        if (strcmp(argv[i], "--rate") == 0) {
            c->options.rate = value;
            c->options.unthrottled = false;
        }
        for (size_t k = 0; strcmp(argv[i], "--timeout") == 0 && k < PS_COUNT_OF(c->options.timeout_ms); k++)
            c->options.timeout_ms[k] = value;
    }
}

int main(int argc, char **argv)
{
    static crowd c;
    ps_error err = {.status = PS_OK};
    unsigned wrong = 0, lost = 0;
    double wall_s = 0, used_s = 0;
    struct rusage usage;

    if (argc < 3) return 64;
    ps_dns_options_init(&c.options);
    c.options.unthrottled = true;
    c.resolver = argv[1];
    c.count = (uint32_t)strtoul(argv[2], NULL, 10);
    read_options(argc, argv, &c);
    if (c.names != NULL) write_names(&c);
    ps_status status = ps_domains_open(&c.domains, &err);
    if (status == PS_OK) status = ask(&c, &wall_s, &used_s, &err);
    if (status != PS_OK) {
        fprintf(stderr, "%s\n%s\n", err.text, err.hint);
        return ps_status_exit_code(status);
    }
    check(&c, &wrong, &lost);
    getrusage(RUSAGE_SELF, &usage);
    printf("domains %u wrong %u lost %u queries %lu seconds %.2f domains/s %.0f cpu-us/domain %.2f max-MiB %ld "
           "false-time-outs %lu dropped %lu late %lu\n",
           c.count, wrong, lost, c.stats.queries, wall_s, c.count / wall_s, used_s * 1e6 / c.count,
           usage.ru_maxrss / 1024, c.health.timeouts, c.health.drops, c.health.late);
    ps_domains_close(&c.domains);
    return wrong > 0 || (lost > 0 && !c.unknown);
}
