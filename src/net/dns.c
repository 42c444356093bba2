#include "net/dns.h"

#include <signal.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/memory.h"
#include "net/dns_state.h"
#include "net/doh.h"
#include "net/resolvers.h"

void ps_dns_options_init(ps_dns_options *options)
{
    *options = (ps_dns_options){.timeout_ms = {250, 1000, 2000},
                                .confirm_ms = 2000,
                                .servfail_ms = 2000,
                                .down_ms = 15000,
                                .canary_ms = 60000,
                                .in_flight_max = 2000,
                                .sockets = PS_UPSTREAM_SOCKETS,
                                .resolv_conf = "/etc/resolv.conf",
                                .doh_timeout_ms = PS_DOH_TIMEOUT_MS};
}

static ps_status open_dns(ps_dns *dns, const ps_endpoint *endpoints, size_t count, ps_error *err)
{
    ps_status status = ps_ask_open(&dns->options, endpoints, count, &dns->ask, err);

    if (status != PS_OK) return status;
    dns->canaries.ask = dns->ask;
    ps_census_open(dns->ask, &dns->view, &dns->census);
    return PS_OK;
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
    status = open_dns(dns, endpoints, count, err);
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
    if (job->mx_rate > 0) options.rate = (uint32_t)job->mx_rate;
    options.unthrottled = job->mx_rate == 0; // of loopback resolvers only, as the job file is checked for
    return ps_dns_open_with(job, &options, out, err);
}

static void forget_run(ps_dns *dns)
{
    ps_census_close(&dns->census);
    ps_record_close(&dns->record);
    ps_plan_done(&dns->plan);
    ps_memory_free(dns->taken);
    dns->taken = NULL;
    dns->taken_count = dns->taken_capacity = 0;
    dns->domains = NULL;
    dns->opened = dns->prepared = dns->down = dns->canaries_out = false;
    dns->canaries.known = NULL;
    dns->worst = PS_DNS_TRUST_GOOD;
    dns->feed_status = PS_OK;
    ps_census_open(dns->ask, &dns->view, &dns->census);
}

void ps_dns_close(ps_dns *dns)
{
    if (dns == NULL) return;
    ps_dns_join_feed(dns);
    ps_ask_close(dns->ask);
    dns->ask = NULL;
    forget_run(dns);
    ps_memory_free(dns);
}

ps_status ps_dns_take_answer(void *context, const ps_question *question, const ps_dns_answer *answer, unsigned resolver,
                             ps_error *err)
{
    ps_dns *dns = context;

    if (question->kind != PS_CANARY_KIND) return ps_census_add(&dns->census, question, answer, resolver, err);
    ps_canaries_take(&dns->canaries, question, answer, resolver);
    if (dns->canaries.pending > 0 || !dns->canaries_out) return PS_OK;
    dns->canaries_out = false;
    return ps_dns_look_at_canaries(dns, false, err);
}

static ps_status no_more(void *context, ps_question *out, bool *out_found, ps_error *err)
{
    (void)context; // the canaries are all in the queue
    (void)out;
    (void)err;
    *out_found = false;
    return PS_OK;
}

// Canaries alone, before and after all else.
static ps_status run_canaries(ps_dns *dns, ps_ask_end *out, ps_error *err)
{
    const ps_ask_client client = {.context = dns, .next = no_more, .done = ps_dns_take_answer};
    ps_status status = ps_dns_ask_canaries(dns, ps_clock_monotonic_ms(), err);

    dns->canaries_out = false;
    return status == PS_OK ? ps_ask_run(dns->ask, &client, dns->stop, UINT64_MAX, out, err) : status;
}

// ---- domains

static ps_status take_verdict(void *context, uint32_t number, const ps_domain_answer *answer, ps_error *err)
{
    ps_dns *dns = context;

    return ps_record_put(&dns->record, number, answer, err);
}

static void expect(void *context, const ps_question *question)
{
    const ps_dns *dns = context;
    uint32_t number = ps_census_domain_of(&dns->census, question);

    if (number != PS_INDEX_NONE) __builtin_prefetch(&dns->domains->facts[number], 1);
}

// The order of asking is no order in memory: what comes soon is fetched meanwhile, first where its name is, then the
// name. Not much sooner: all that sending and receiving touches would drive it out again. gcc 12 leaves out calls of a
// function that does nothing else, so that this is none of its own.
static ps_status next_planned(void *context, ps_question *out, bool *out_found, ps_error *err)
{
    enum { AHEAD = 6 };
    ps_dns *dns = context;
    ps_plan *plan = &dns->plan;
    const ps_intern *names = &dns->domains->names;

    *out_found = plan->next < plan->count;
    if (!*out_found) return PS_OK;
    if (plan->count - plan->next > 2 * AHEAD) {
        __builtin_prefetch(&names->places[plan->turns[plan->next + 2 * AHEAD].domain]);
        __builtin_prefetch(ps_intern_place(names, plan->turns[plan->next + AHEAD].domain));
    }
    const ps_turn *turn = &plan->turns[plan->next++];
    ps_census_entry entry = {
        .number = turn->domain, .name = ps_intern_text(names, turn->domain).bytes, .prior = turn->prior};
    return ps_census_begin(&dns->census, &entry, out, err);
}

// ---- a run

// A resolver that was out of sorts in an earlier run gets another chance.
static void forget_health(ps_dns *dns)
{
    size_t count;
    ps_upstream *upstreams = ps_ask_upstreams(dns->ask, &count);

    for (size_t i = 0; i < count; i++) {
        upstreams[i].replied = upstreams[i].suspect = upstreams[i].excluded = false;
        upstreams[i].timeouts_row = upstreams[i].refusals = 0;
        upstreams[i].rest_until_ms = 0;
    }
}

static void list_resolvers(const ps_dns *dns, const char *between, ps_buf *out)
{
    size_t count;
    const ps_upstream *upstreams = ps_ask_upstreams(dns->ask, &count);

    for (size_t i = 0; i < count; i++)
        ps_buf_add_format(out, "%s%s", i == 0 ? "" : between, upstreams[i].endpoint.text);
}

static ps_status no_resolver_answers(const ps_dns *dns, ps_error *err)
{
    ps_buf list;

    ps_buf_init(&list, PS_ERROR_TEXT_MAX);
    list_resolvers(dns, ", ", &list);
    const char *problem = ps_ask_problem(dns->ask);
    ps_error_set(err, PS_RETRY, "No DNS resolver answers; asked %s%s%s.", ps_buf_text(&list),
                 problem[0] == '\0' ? "" : ": ", problem);
    ps_error_hint(err, "Try again when the network is up, name other resolvers, mx: {resolvers: [ADDRESS]}, or go on "
                       "without an answer: mx: {no_answer: unknown}.");
    ps_buf_done(&list);
    return PS_RETRY;
}

static ps_status stopped(const ps_dns *dns, ps_error *err)
{
    ps_status status = *dns->stop == SIGTERM ? PS_TERMINATED : PS_INTERRUPTED;

    ps_error_set(err, status, "Stopped while DNS was being asked; nothing was published.");
    ps_error_hint(err, dns->resolver->cache != NULL
                           ? "Run the same command again: what DNS said until now is kept, and is not asked again."
                           : "Run the same command again: it starts over.");
    return status;
}

static ps_status tell_cache(const ps_dns *dns, ps_error *err)
{
    const ps_domain_cache *cache = dns->record.cache;
    ps_buf list;

    if (cache == NULL) return PS_OK;
    ps_buf_init(&list, PS_ERROR_TEXT_MAX);
    list_resolvers(dns, " ", &list);
    ps_status status = ps_buf_status(&list, "the list of resolvers", err);
    if (status == PS_OK) status = cache->resolvers(cache->context, ps_buf_text(&list), err);
    ps_buf_done(&list);
    return status;
}

ps_status ps_dns_open_books(ps_dns *dns, ps_error *err)
{
    if (dns->opened) return PS_OK;
    dns->census.tell = take_verdict;
    dns->census.context = dns;
    dns->census.wants_servers = true; // while it is not known who reads them
    ps_status status = ps_record_open(dns->resolver->cache, &dns->record, err);
    dns->opened = status == PS_OK;
    return status == PS_OK ? tell_cache(dns, err) : status;
}

// Nobody is asked about a domain before the resolvers have shown what they are worth.
ps_status ps_dns_prepare(ps_dns *dns, const volatile int *stop, ps_error *err)
{
    ps_ask_end end = PS_ASK_END_DONE;
    ps_status status = ps_dns_open_books(dns, err);

    if (status != PS_OK) return status;
    dns->stop = stop;
    forget_health(dns);
    status = run_canaries(dns, &end, err);
    if (status == PS_OK && end == PS_ASK_END_STOPPED) status = stopped(dns, err);
    if (status != PS_OK) return status;
    dns->prepared = true;
    dns->down = !ps_canaries_choose(&dns->canaries, &dns->view.trust);
    dns->view.zones_shown = ps_canaries_show_zones(&dns->canaries, false);
    if (!dns->down) dns->worst = dns->view.trust;
    ps_dns_look_around(dns);
    return PS_OK;
}

// What the thread found out is the run's from here on.
static ps_status take_over(ps_dns *dns, ps_error *err)
{
    ps_dns_join_feed(dns);
    if (dns->feed_status != PS_OK) *err = dns->feed_err;
    if (dns->feed_status != PS_OK) return dns->feed_status;
    if (dns->feed_end == PS_ASK_END_STOPPED) return stopped(dns, err);
    dns->down |= dns->feed_end == PS_ASK_END_DOWN;
    return PS_OK;
}

static ps_status ask_planned(ps_dns *dns, ps_ask_end *out, ps_error *err)
{
    const ps_ask_client client = {
        .context = dns, .next = next_planned, .done = ps_dns_take_answer, .expect = expect, .tick = ps_dns_tick};
    uint32_t budget_s = dns->job->mx_budget_s;
    uint64_t started_ms = ps_clock_monotonic_ms();
    uint64_t deadline_ms = budget_s == 0 ? UINT64_MAX : started_ms + (uint64_t)budget_s * 1000;

    dns->told_ms = started_ms;
    dns->told_queries = ps_ask_queries(dns->ask);
    return ps_ask_run(dns->ask, &client, dns->stop, deadline_ms, out, err);
}

// Domains, then canaries again. `dns->down` says afterwards whether somebody answered to the end.
static ps_status ask_all(ps_dns *dns, ps_error *err)
{
    ps_ask_end end = PS_ASK_END_DONE;
    ps_status status = PS_OK;

    if (!dns->down) status = ask_planned(dns, &end, err);
    dns->down |= end == PS_ASK_END_DOWN;
    if (status == PS_OK && end != PS_ASK_END_STOPPED && !dns->down) status = run_canaries(dns, &end, err);
    if (status == PS_OK && end == PS_ASK_END_STOPPED) status = stopped(dns, err);
    return status;
}

// After a breakdown nobody can vouch for what was said before it.
static ps_status close_books(ps_dns *dns, ps_error *err)
{
    ps_status status = PS_OK;

    dns->record.down = dns->down;
    ps_dns_look_around(dns);
    if (dns->down && dns->view.trust == PS_DNS_TRUST_GOOD) {
        dns->view.trust = PS_DNS_TRUST_UNSURE;
        status = ps_dns_note_doubt(dns, PS_DNS_TRUST_UNSURE, err);
    } else if (!dns->down) {
        status = ps_dns_look_at_canaries(dns, true, err);
    }
    return status == PS_OK ? ps_census_finish(&dns->census, err) : status;
}

// Those whose turn did not come: the budget was spent, or nobody answers.
static ps_status tell_unasked(ps_dns *dns, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = dns->plan.next; i < dns->plan.count && status == PS_OK && dns->down; i++) {
        uint32_t domain = dns->plan.turns[i].domain;
        ps_domain_answer answer = {.domain = ps_intern_text(&dns->domains->names, domain),
                                   .fact = {.verdict = PS_MAIL_UNKNOWN, .reason = PS_REASON_NOT_CHECKED},
                                   .checked_s = ps_clock_now_s()};
        status = ps_record_put(&dns->record, domain, &answer, err);
    }
    return status;
}

static ps_status resolve_planned(ps_dns *dns, const volatile int *stop, ps_error *err)
{
    ps_canaries_know(&dns->canaries, dns->domains);
    ps_status status = dns->prepared ? PS_OK : ps_dns_prepare(dns, stop, err);
    dns->stop = stop;
    dns->census.wants_servers = dns->record.cache != NULL || dns->domains->keeps_servers;
    if (status == PS_OK) status = ps_record_settle(&dns->record, dns->domains, err);
    if (status == PS_OK) status = ask_all(dns, err);
    if (status != PS_OK) return status;
    if (dns->down && !dns->job->mx_no_answer_unknown) return no_resolver_answers(dns, err);
    status = close_books(dns, err);
    return status == PS_OK ? tell_unasked(dns, err) : status;
}

static void count_facts(const ps_domains *domains, ps_run_mx *out)
{
    out->domains = domains->names.count;
    out->deliverable = out->no_mail = out->unknown = out->not_checked = 0;
    for (size_t i = 0; i < domains->names.count; i++) {
        const ps_domain_fact *fact = &domains->facts[i];
        bool open = fact->verdict == PS_MAIL_UNKNOWN && fact->reason == PS_REASON_NOT_CHECKED;
        out->deliverable += fact->verdict == PS_MAIL_DELIVERABLE;
        out->no_mail += fact->verdict == PS_MAIL_NONE;
        out->not_checked += open;
        out->unknown += fact->verdict == PS_MAIL_UNKNOWN && !open;
    }
}

static void count_queries(ps_dns *dns, ps_run_mx *out)
{
    ps_dns_health now;

    ps_dns_health_of(dns, &now);
    out->queries += now.queries - dns->before.queries;
    out->timeouts += now.timeouts - dns->before.timeouts;
    out->dropped += now.drops - dns->before.drops;
    out->spoofed += now.spoofs - dns->before.spoofs;
    out->authentic += now.authentic - dns->before.authentic;
}

// What was found out is kept, also by a run that was stopped.
static ps_status flush_cache(ps_dns *dns, ps_status status, ps_error *err)
{
    const ps_domain_cache *cache = dns->record.cache;
    ps_error ignored; // the run has failed already

    if (cache == NULL) return status;
    ps_status flushed = cache->flush(cache->context, status == PS_OK ? err : &ignored);
    return status == PS_OK ? flushed : status;
}

static ps_status resolve(void *context, ps_domains *domains, const volatile int *stop, ps_run_mx *stats, ps_error *err)
{
    static const volatile int never = 0;
    static const ps_mx_trust trusts[] = {[PS_DNS_TRUST_GOOD] = PS_MX_TRUST_GOOD,
                                         [PS_DNS_TRUST_UNSURE] = PS_MX_TRUST_UNSURE,
                                         [PS_DNS_TRUST_LIES] = PS_MX_TRUST_LIES};
    ps_dns *dns = context;
    ps_status status = take_over(dns, err);

    dns->domains = domains;
    if (status == PS_OK) {
        status = ps_plan_make(domains, dns->resolver->cache, dns->taken, dns->taken_count, &dns->plan, err);
    }
    if (status == PS_OK && dns->plan.count + dns->taken_count > 0) {
        status = resolve_planned(dns, stop == NULL ? &never : stop, err);
    }
    ps_dns_tell_progress(dns);
    status = flush_cache(dns, status, err);
    if (status == PS_OK) count_facts(domains, stats);
    if (status == PS_OK) count_queries(dns, stats);
    if (status == PS_OK) stats->trust = trusts[dns->worst];
    ps_dns_health_of(dns, &dns->before);
    forget_run(dns);
    return status;
}

void ps_dns_resolver(ps_dns *dns, ps_resolver *out)
{
    *out = (ps_resolver){.context = dns, .begin = ps_dns_begin, .offer = ps_dns_offer, .resolve = resolve};
    dns->resolver = out;
}
