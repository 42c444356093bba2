#include "net/dns.h"

#include <arpa/nameser.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/memory.h"
#include "net/census.h"
#include "net/resolvers.h"

enum { DAY_S = 86400, CANARIES = 4 };

// Names of which everybody knows what a resolver has to say: random ones under real endings do not exist, and the mail
// servers of IANA's own example.com do (a null MX). A resolver that lives in a network of its own may know nothing of
// the world and say so of every name; taken at its word, it would empty a list.
static const char *const canary_names[CANARIES] = {"com", "net", "org", NULL};
static const char canary_present[] = "example.com";

// What a resolver said of them.
typedef struct canary_tally {
    unsigned absent, invented; // of names that do not exist: so, or an address
    unsigned present, denied; // of the one that does: so, or not
} canary_tally;

// A domain in the order of asking.
typedef struct turn {
    uint64_t rows, hash;
    uint32_t domain;
} turn;

struct ps_dns {
    const ps_job *job;
    ps_dns_options options;
    ps_ask *ask;
    const ps_resolver *resolver; // whose progress is told

    ps_domains *domains;
    ps_census census;
    turn *turns;
    size_t turns_count, turns_next;
    canary_tally canaries[PS_UPSTREAMS_MAX];
    char canary_names[PS_UPSTREAMS_MAX][CANARIES][PS_ASK_RANDOM_NAME_SIZE];
};

void ps_dns_options_init(ps_dns_options *options)
{
    *options = (ps_dns_options){.timeout_ms = {500, 1000, 2000},
                                .confirm_ms = 2000,
                                .servfail_ms = 2000,
                                .down_ms = 15000,
                                .in_flight_max = 100,
                                .resolv_conf = "/etc/resolv.conf"};
}

ps_status ps_dns_open_with(const ps_job *job, const ps_dns_options *options, ps_dns **out, ps_error *err)
{
    ps_endpoint endpoints[PS_UPSTREAMS_MAX];
    size_t count = 0;
    ps_status status = ps_resolvers_find(job, options->resolv_conf, endpoints, &count, err);

    if (status != PS_OK) return status;
    ps_dns *dns = ps_memory_new(1, sizeof *dns, err);
    if (dns == NULL) return PS_RETRY;
    dns->job = job;
    dns->options = *options;
    status = ps_ask_open(options, endpoints, count, &dns->ask, err);
    if (status == PS_OK) {
        *out = dns;
    } else {
        ps_dns_close(dns);
    }
    return status;
}

ps_status ps_dns_open(const ps_job *job, ps_dns **out, ps_error *err)
{
    ps_dns_options options;

    ps_dns_options_init(&options);
    return ps_dns_open_with(job, &options, out, err);
}

void ps_dns_close(ps_dns *dns)
{
    if (dns == NULL) return;
    ps_ask_close(dns->ask);
    ps_memory_free(dns);
}

static ps_status take_canary(void *context, const ps_question *question, const ps_dns_answer *answer, unsigned resolver,
                             ps_error *err)
{
    ps_dns *dns = context;
    canary_tally *tally = &dns->canaries[resolver];
    bool random = question->type == ns_t_a;
    bool found = answer->outcome == PS_DNS_FOUND;

    (void)err; // nothing can fail here
    tally->absent += random && answer->outcome == PS_DNS_NXDOMAIN;
    tally->invented += random && found;
    tally->present += !random && found;
    tally->denied += !random && ps_dns_is_negative(answer->outcome);
    return PS_OK;
}

static bool no_more(void *context, ps_question *out)
{
    (void)context; // the canaries are all in the queue
    (void)out;
    return false;
}

static ps_status add_canary(ps_dns *dns, size_t resolver, size_t number, ps_error *err)
{
    ps_question question = {.name = canary_present, .type = ns_t_mx, .pinned = (int8_t)resolver};

    if (canary_names[number] != NULL) {
        char *name = dns->canary_names[resolver][number];
        ps_ask_random_name(dns->ask, canary_names[number], name);
        question.name = name;
        question.type = ns_t_a;
    }
    return ps_ask_add(dns->ask, &question, err);
}

// Ask every resolver in use.
static ps_status run_canaries(ps_dns *dns, const volatile int *stop, ps_ask_end *out, ps_error *err)
{
    const ps_ask_client client = {.context = dns, .next = no_more, .done = take_canary};
    ps_status status = PS_OK;
    size_t count;
    const ps_upstream *upstreams = ps_ask_upstreams(dns->ask, &count);

    memset(dns->canaries, 0, sizeof dns->canaries);
    for (size_t i = 0; i < count * CANARIES && status == PS_OK; i++) {
        if (!upstreams[i / CANARIES].excluded) status = add_canary(dns, i / CANARIES, i % CANARIES, err);
    }
    if (status != PS_OK) return status;
    return ps_ask_run(dns->ask, &client, stop, UINT64_MAX, out, err);
}

// How far one resolver can be believed.
static ps_dns_trust trust_of(const canary_tally *tally)
{
    if (tally->invented > 0) return PS_DNS_TRUST_LIES;
    return tally->absent > 0 && tally->present > 0 ? PS_DNS_TRUST_GOOD : PS_DNS_TRUST_UNSURE;
}

// Only the most trusted resolvers are asked. False when none replied at all.
static bool choose_resolvers(ps_dns *dns, ps_dns_trust *out)
{
    size_t count;
    ps_upstream *upstreams = ps_ask_upstreams(dns->ask, &count);
    bool replied = false;

    *out = PS_DNS_TRUST_LIES;
    for (size_t i = 0; i < count; i++) {
        if (!upstreams[i].replied) continue;
        replied = true;
        ps_dns_trust trust = trust_of(&dns->canaries[i]);
        if (trust < *out) *out = trust;
    }
    for (size_t i = 0; i < count; i++) {
        upstreams[i].excluded = !upstreams[i].replied || trust_of(&dns->canaries[i]) != *out;
    }
    return replied;
}

// A resolver that was out of sorts in an earlier run gets another chance.
static void forget_health(ps_dns *dns)
{
    size_t count;
    ps_upstream *upstreams = ps_ask_upstreams(dns->ask, &count);

    for (size_t i = 0; i < count; i++) {
        upstreams[i].replied = upstreams[i].suspect = upstreams[i].excluded = false;
        upstreams[i].timeouts_row = upstreams[i].refusals_row = 0;
        upstreams[i].rest_until_ms = 0;
    }
}

static bool next_domain(void *context, ps_question *out)
{
    ps_dns *dns = context;

    if (dns->turns_next == dns->turns_count) return false;
    ps_census_question(&dns->census, dns->turns[dns->turns_next++].domain, out);
    return true;
}

static ps_status take_answer(void *context, const ps_question *question, const ps_dns_answer *answer, unsigned resolver,
                             ps_error *err)
{
    ps_dns *dns = context;

    return ps_census_add(&dns->census, question, answer, resolver, err);
}

static void tell_progress(void *context)
{
    ps_dns *dns = context;
    ps_resolver_progress progress = {.asked = dns->turns_next,
                                     .answered = dns->census.answered,
                                     .unknown = dns->census.failed,
                                     .total = dns->turns_count};

    if (dns->resolver != NULL && dns->resolver->progress != NULL) {
        dns->resolver->progress(dns->resolver->progress_context, &progress);
    }
}

// Most rows first. Ties by the hash of the name: an order that is always the same, and that does not send the names of
// one operator, which often look alike, in one burst.
static int compare_turns(const void *left, const void *right)
{
    const turn *a = left, *b = right;

    if (a->rows != b->rows) return a->rows > b->rows ? -1 : 1;
    if (a->hash != b->hash) return a->hash < b->hash ? -1 : 1;
    return a->domain < b->domain ? -1 : a->domain > b->domain;
}

static bool is_open(const ps_domain_fact *fact)
{
    return fact->verdict == PS_MAIL_UNKNOWN && fact->reason == PS_REASON_NOT_CHECKED;
}

// Nothing that is no domain leaves the machine.
static ps_status plan_turns(ps_dns *dns, ps_error *err)
{
    const ps_domains *domains = dns->domains;

    dns->turns_count = dns->turns_next = 0;
    dns->turns = ps_memory_new(domains->names.count + 1, sizeof *dns->turns, err);
    if (dns->turns == NULL) return PS_RETRY;
    for (size_t i = 0; i < domains->names.count; i++) {
        ps_span name = domains->names.texts[i];
        if (!is_open(&domains->facts[i]) || !ps_dns_is_domain(name)) continue;
        dns->turns[dns->turns_count++] = (turn){domains->rows[i], ps_hash_of(name).low, (uint32_t)i};
    }
    qsort(dns->turns, dns->turns_count, sizeof *dns->turns, compare_turns);
    return PS_OK;
}

static ps_status no_resolver_answers(ps_dns *dns, ps_error *err)
{
    ps_buf list;
    size_t count;
    const ps_upstream *upstreams = ps_ask_upstreams(dns->ask, &count);

    ps_buf_init(&list, PS_ERROR_TEXT_MAX);
    for (size_t i = 0; i < count; i++) {
        ps_buf_add_format(&list, "%s%s", i == 0 ? "" : ", ", upstreams[i].endpoint.text);
    }
    ps_error_set(err, PS_RETRY, "No DNS resolver answers; asked %s.", ps_buf_text(&list));
    ps_error_hint(err, "Try again when the network is up, name other resolvers, mx: {resolvers: [ADDRESS]}, or go on "
                       "without an answer: mx: {no_answer: unknown}.");
    ps_buf_done(&list);
    return PS_RETRY;
}

// What is known of the run once it is over, told by the canaries before and after it; after a breakdown there are none.
static ps_dns_view view_of(ps_dns *dns, ps_dns_trust before, bool down)
{
    ps_dns_view view = {.trust = before};
    size_t count;
    const ps_upstream *upstreams = ps_ask_upstreams(dns->ask, &count);

    if (down && before == PS_DNS_TRUST_GOOD) view.trust = PS_DNS_TRUST_UNSURE;
    for (size_t i = 0; i < count; i++) {
        if (upstreams[i].excluded) continue;
        const canary_tally *after = &dns->canaries[i];
        view.site_addresses |= ps_endpoint_is_private(&upstreams[i].endpoint);
        if (down) continue;
        if (after->denied > 0 && view.trust == PS_DNS_TRUST_GOOD) view.trust = PS_DNS_TRUST_UNSURE;
        if (after->invented > 0) view.trust = PS_DNS_TRUST_LIES;
        view.resolver_alive |= after->absent + after->invented + after->present + after->denied > 0;
    }
    return view;
}

static void write_facts(ps_dns *dns, const ps_dns_view *view, bool down)
{
    ps_day today = (ps_day)(ps_clock_now_s() / DAY_S);

    for (size_t i = 0; i < dns->turns_count; i++) {
        uint32_t domain = dns->turns[i].domain;
        ps_domain_fact *fact = &dns->domains->facts[domain];
        ps_census_judge(&dns->census, domain, view, fact);
        if (down && fact->reason == PS_REASON_NOT_CHECKED) fact->reason = PS_REASON_RESOLVER_DOWN;
        if (fact->reason != PS_REASON_NOT_CHECKED) fact->checked = today;
    }
}

static void count_facts(const ps_domains *domains, uint64_t queries, ps_run_mx *out)
{
    out->domains = domains->names.count;
    out->deliverable = out->no_mail = out->unknown = out->not_checked = 0;
    out->queries += queries;
    for (size_t i = 0; i < domains->names.count; i++) {
        const ps_domain_fact *fact = &domains->facts[i];
        out->deliverable += fact->verdict == PS_MAIL_DELIVERABLE;
        out->no_mail += fact->verdict == PS_MAIL_NONE;
        out->not_checked += is_open(fact);
        out->unknown += fact->verdict == PS_MAIL_UNKNOWN && !is_open(fact);
    }
}

// All questions between the two rounds of canaries.
static ps_status ask_domains(ps_dns *dns, uint64_t started_ms, const volatile int *stop, ps_ask_end *out, ps_error *err)
{
    const ps_ask_client client = {.context = dns, .next = next_domain, .done = take_answer, .tick = tell_progress};
    uint32_t budget_s = dns->job->mx_budget_s;
    uint64_t deadline_ms = budget_s == 0 ? UINT64_MAX : started_ms + (uint64_t)budget_s * 1000;

    return ps_ask_run(dns->ask, &client, stop, deadline_ms, out, err);
}

static ps_status stopped(ps_error *err)
{
    return ps_error_set(err, PS_INTERRUPTED, "Stopped while DNS was being asked.");
}

// Canaries, domains, canaries. Where everything else went well, `*out_down` says that no resolver answers (any more).
static ps_status ask_all(ps_dns *dns, const volatile int *stop, ps_dns_trust *out_trust, bool *out_down, ps_error *err)
{
    uint64_t started_ms = ps_clock_monotonic_ms();
    ps_ask_end end = PS_ASK_END_DONE;

    ps_status status = run_canaries(dns, stop, &end, err);
    if (status != PS_OK || end == PS_ASK_END_STOPPED) return status == PS_OK ? stopped(err) : status;
    *out_down = !choose_resolvers(dns, out_trust);
    if (*out_down) return PS_OK;
    status = ask_domains(dns, started_ms, stop, &end, err);
    if (status != PS_OK || end == PS_ASK_END_STOPPED) return status == PS_OK ? stopped(err) : status;
    *out_down = end == PS_ASK_END_DOWN;
    if (*out_down) return PS_OK;
    status = run_canaries(dns, stop, &end, err);
    if (status != PS_OK || end == PS_ASK_END_STOPPED) return status == PS_OK ? stopped(err) : status;
    return PS_OK;
}

static ps_status resolve_turns(ps_dns *dns, const volatile int *stop, ps_error *err)
{
    ps_dns_trust trust = PS_DNS_TRUST_UNSURE;
    bool down = false;

    forget_health(dns);
    ps_status status = ask_all(dns, stop, &trust, &down, err);
    if (status != PS_OK) return status;
    if (down && !dns->job->mx_no_answer_unknown) return no_resolver_answers(dns, err);
    ps_dns_view view = view_of(dns, trust, down);
    write_facts(dns, &view, down);
    return PS_OK;
}

static ps_status resolve(void *context, ps_domains *domains, const volatile int *stop, ps_run_mx *stats, ps_error *err)
{
    static const volatile int never = 0;
    ps_dns *dns = context;
    uint64_t queries = ps_ask_queries(dns->ask);

    dns->domains = domains;
    ps_status status = plan_turns(dns, err);
    if (status == PS_OK) status = ps_census_open(domains, dns->ask, &dns->census, err);
    if (status == PS_OK && dns->turns_count > 0) status = resolve_turns(dns, stop == NULL ? &never : stop, err);
    tell_progress(dns);
    if (status == PS_OK) count_facts(domains, ps_ask_queries(dns->ask) - queries, stats);
    ps_census_close(&dns->census);
    ps_memory_free(dns->turns);
    dns->turns = NULL;
    return status;
}

void ps_dns_resolver(ps_dns *dns, ps_resolver *out)
{
    *out = (ps_resolver){.context = dns, .resolve = resolve};
    dns->resolver = out;
}
