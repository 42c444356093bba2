// Asks real resolvers: domains on the command line or, without any, one a line on standard input, each with its number
// of rows after a blank if it has more than one. Prints `domain verdict reason warnings`, in the order given.
//
// --polite: as fast as the resolver's address allows, and as it turns out to take.
//
// --fail N: the N-th allocation from when DNS is asked fails; exit 1 when there are fewer.
//
// --doh-ca FILE: certificates to trust with --doh.
//
//   dns_ask [--resolver ADDRESS]... [--doh URL] [--doh-ca FILE] [--unknown] [--budget SECONDS] [--rate N] [--confirm
//   MS]
//   [--timeout MS] [--stop MS] [--fail N] [--live] [--polite] [--stats] [DOMAIN...]

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/memory.h"
#include "facts/domains.h"
#include "net/dns.h"

static volatile int stop;

static void on_alarm(int number)
{
    (void)number;
    stop = 1;
}

static const char *verdict_word(ps_mail_verdict verdict)
{
    static const char *const words[] = {"unknown", "deliverable", "no_mail"};

    return words[verdict];
}

static void print_fact(ps_span name, const ps_domain_fact *fact)
{
    printf("%.*s %s %s", (int)name.len, name.bytes, verdict_word(fact->verdict), ps_reason_get(fact->reason)->wire);
    for (int i = 0; i < PS_FINDING_COUNT_MAX; i++) {
        if (ps_findings_has(fact->warnings, (ps_reason)i)) printf(" %s", ps_reason_get((ps_reason)i)->wire);
    }
    printf("\n");
}

static void print_stats(const ps_run_mx *stats)
{
    fprintf(stderr, "domains %lu deliverable %lu no_mail %lu unknown %lu not_checked %lu queries %lu\n", stats->domains,
            stats->deliverable, stats->no_mail, stats->unknown, stats->not_checked, stats->queries);
}

static void print_progress(void *context, const ps_resolver_progress *progress)
{
    (void)context;
    fprintf(stderr, "progress asked %lu answered %lu unknown %lu total %lu\n", progress->asked, progress->answered,
            progress->unknown, progress->total);
}

static ps_status add_domain(ps_domains *domains, char *line, ps_error *err)
{
    char *blank = strchr(line, ' ');
    unsigned long rows = 1;
    uint32_t number;

    line[strcspn(line, "\n")] = '\0';
    if (blank != NULL) {
        rows = strtoul(blank, NULL, 10);
        *blank = '\0';
    }
    ps_status status = ps_domains_add(domains, ps_span_of(line), &number, err);
    if (status == PS_OK) domains->rows[number] += rows;
    return status;
}

static ps_status read_domains(ps_domains *domains, char **names, ps_error *err)
{
    char line[512];
    ps_status status = PS_OK;

    for (char **name = names; *name != NULL && status == PS_OK; name++) {
        status = add_domain(domains, *name, err);
    }
    while (*names == NULL && status == PS_OK && fgets(line, sizeof line, stdin) != NULL) {
        status = add_domain(domains, line, err);
    }
    return status;
}

// What the options say; each is a number, 1 for those without a value.
enum { UNKNOWN, BUDGET, RATE, CONFIRM, TIMEOUT, STOP, FAIL, LIVE, POLITE, STATS, NUMBERS };

static const struct {
    const char *name;
    int has_value;
} numbers[NUMBERS] = {
    [UNKNOWN] = {"--unknown", 0}, [BUDGET] = {"--budget", 1}, [RATE] = {"--rate", 1}, [CONFIRM] = {"--confirm", 1},
    [TIMEOUT] = {"--timeout", 1}, [STOP] = {"--stop", 1},     [FAIL] = {"--fail", 1}, [LIVE] = {"--live", 0},
    [POLITE] = {"--polite", 0},   [STATS] = {"--stats", 0},
};

typedef struct run_settings {
    unsigned long number[NUMBERS];
    const char *resolvers[8];
    const char *doh, *doh_ca;
    size_t resolvers_count;
} run_settings;

static int option_of(const char *arg)
{
    int option = 0;

    while (option < NUMBERS && strcmp(arg, numbers[option].name) != 0) {
        option++;
    }
    return option;
}

// Takes the options off; what is left are domains.
static char **read_settings(char **arg, run_settings *out)
{
    for (; *arg != NULL && strncmp(*arg, "--", 2) == 0; arg++) {
        int option = option_of(*arg);
        int has_value = option == NUMBERS || numbers[option].has_value;
        if (has_value && *++arg == NULL) exit(64);
        if (option < NUMBERS) {
            out->number[option] = has_value ? strtoul(*arg, NULL, 10) : 1;
        } else if (strcmp(arg[-1], "--doh") == 0) {
            out->doh = *arg;
        } else if (strcmp(arg[-1], "--doh-ca") == 0) {
            out->doh_ca = *arg;
        } else if (strcmp(arg[-1], "--resolver") == 0 && out->resolvers_count < 8) {
            out->resolvers[out->resolvers_count++] = *arg;
        } else {
            exit(64);
        }
    }
    return arg;
}

// Without --live, with a patience that suits name servers on loopback.
static void set_options(const run_settings *settings, ps_dns_options *options)
{
    ps_dns_options_init(options);
    if (!settings->number[LIVE]) {
        *options = (ps_dns_options){.timeout_ms = {300, 300, 300},
                                    .confirm_ms = 100,
                                    .servfail_ms = 100,
                                    .down_ms = 2000,
                                    .canary_ms = options->canary_ms,
                                    .in_flight_max = 100,
                                    .sockets = options->sockets,
                                    .unthrottled = true,
                                    .resolv_conf = options->resolv_conf,
                                    .doh_timeout_ms = 1000};
    }
    for (size_t i = 0; i < PS_COUNT_OF(options->timeout_ms) && settings->number[TIMEOUT] != 0; i++) {
        options->timeout_ms[i] = (uint32_t)settings->number[TIMEOUT];
    }
    if (settings->number[POLITE] != 0) options->unthrottled = false;
    if (settings->number[CONFIRM] != 0) options->confirm_ms = (uint32_t)settings->number[CONFIRM];
    if (settings->number[RATE] != 0) {
        options->rate = (uint32_t)settings->number[RATE];
        options->unthrottled = false;
    }
}

static void arm(unsigned long stop_ms)
{
    struct itimerval timer = {.it_value = {(time_t)(stop_ms / 1000), (suseconds_t)(stop_ms % 1000 * 1000)}};

    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &timer, NULL);
}

static ps_status ask(const run_settings *settings, ps_dns *dns, ps_domains *domains, ps_error *err)
{
    ps_resolver resolver;
    ps_run_mx stats = {0};

    ps_dns_resolver(dns, &resolver);
    if (settings->number[STATS]) resolver.progress = print_progress;
    if (settings->number[STOP] > 0) arm(settings->number[STOP]);
    ps_status status = resolver.resolve(resolver.context, domains, &stop, &stats, err);
    if (status == PS_OK && settings->number[STATS]) print_stats(&stats);
    return status;
}

static ps_status run(const run_settings *settings, ps_domains *domains, ps_error *err)
{
    ps_dns_options options;
    ps_dns *dns = NULL;
    ps_job job;

    ps_job_init(&job);
    job.resolvers = settings->resolvers;
    job.resolvers_count = settings->resolvers_count;
    job.mx_doh = settings->doh;
    job.mx_no_answer_unknown = settings->number[UNKNOWN] != 0;
    job.mx_budget_s = (uint32_t)settings->number[BUDGET];
    set_options(settings, &options);
    options.doh_ca_file = settings->doh_ca;
    ps_memory_fail_at(settings->number[FAIL], 0);
    ps_status status = ps_dns_open_with(&job, &options, &dns, err);
    if (status == PS_OK) status = ask(settings, dns, domains, err);
    ps_dns_close(dns);
    ps_memory_fail_at(0, 0);
    return status;
}

int main(int argc, char **argv)
{
    static run_settings settings;
    ps_domains domains;
    ps_error err = {.status = PS_OK};
    char **names = read_settings(argv + (argc > 0), &settings);
    ps_status status = ps_domains_open(&domains, &err);

    if (status == PS_OK) status = read_domains(&domains, names, &err);
    if (status == PS_OK) status = run(&settings, &domains, &err);
    for (size_t i = 0; i < domains.names.count && status == PS_OK; i++) {
        print_fact(ps_intern_text(&domains.names, i), &domains.facts[i]);
    }
    if (status != PS_OK) fprintf(stderr, "%s: %s\n%s\n", ps_status_word(status), err.text, err.hint);
    ps_domains_close(&domains);
    if (status == PS_OK && settings.number[FAIL] > 0) return 1; // nothing failed
    return ps_status_exit_code(status);
}
