#include "net/dns_state.h"

ps_status ps_dns_note_doubt(ps_dns *dns, ps_dns_trust trust, ps_error *err)
{
    if (trust > dns->worst) dns->worst = trust;
    return ps_record_doubt(&dns->record, trust, err);
}

// How the resolvers do in the middle of a run, or at its end.
ps_status ps_dns_look_at_canaries(ps_dns *dns, bool last, ps_error *err)
{
    bool all;
    ps_dns_trust trust = ps_canaries_look(&dns->canaries, &all);
    bool news = dns->view.trust == PS_DNS_TRUST_GOOD || trust > dns->view.trust;
    bool excluded = news && !last && ps_canaries_exclude(&dns->canaries);

    // Who has just been left out has no say in it.
    dns->view.zones_shown = ps_canaries_show_zones(&dns->canaries, dns->view.zones_shown);
    if (!news) return PS_OK;
    if (trust == PS_DNS_TRUST_GOOD) return all || last ? ps_record_vouch(&dns->record, err) : PS_OK;
    if (!excluded) dns->view.trust = trust;
    return ps_dns_note_doubt(dns, trust, err);
}

ps_status ps_dns_ask_canaries(ps_dns *dns, uint64_t now_ms, ps_error *err)
{
    dns->canaries_ms = now_ms;
    return ps_canaries_ask(&dns->canaries, err);
}

static bool is_asked(const ps_upstream *upstream)
{
    return !upstream->excluded && !upstream->suspect;
}

// One whose address is not known (a name, by HTTPS) may be in one's own network too, and see other names there. So may
// the system's own on this machine, which as a rule hands on what it is asked; who names one in a job knows better.
static bool may_see_inside(const ps_dns *dns, const ps_upstream *upstream)
{
    bool known = upstream->endpoint.address.ss_family != AF_UNSPEC;
    bool system = dns->job->resolvers_count == 0 && dns->job->mx_doh == NULL;

    if (upstream->excluded) return false;
    if (known && system && ps_endpoint_is_loopback(&upstream->endpoint)) return true;
    return !known || ps_endpoint_is_private(&upstream->endpoint);
}

void ps_dns_look_around(ps_dns *dns)
{
    size_t count;
    const ps_upstream *upstreams = ps_ask_upstreams(dns->ask, &count);

    dns->view.resolver_alive = dns->view.site_addresses = false;
    for (size_t i = 0; i < count; i++) {
        dns->view.resolver_alive |= is_asked(&upstreams[i]);
        dns->view.site_addresses |= may_see_inside(dns, &upstreams[i]);
    }
}

const char *ps_dns_forwarder(const ps_dns *dns)
{
    size_t count;
    const ps_upstream *upstreams = ps_ask_upstreams(dns->ask, &count);

    for (size_t i = 0; i < count; i++) {
        if (ps_endpoint_is_forwarder(&upstreams[i].endpoint)) return upstreams[i].endpoint.text;
    }
    return NULL;
}

// The one that most wait for.
static const char *slowest(const ps_dns *dns)
{
    size_t count;
    const ps_upstream *upstreams = ps_ask_upstreams(dns->ask, &count), *found = NULL;

    for (size_t i = 0; i < count; i++) {
        const ps_upstream *each = &upstreams[i];
        if (each->excluded) continue;
        bool worse = found == NULL || (each->suspect && !found->suspect) ||
                     (each->suspect == found->suspect && each->pace.srtt_ms > found->pace.srtt_ms);
        if (worse) found = each;
    }
    return found == NULL ? "" : found->endpoint.text;
}

static void measure(ps_dns *dns, uint64_t now_ms)
{
    enum { MEASURE_MS = 1000 };
    uint64_t passed_ms = now_ms - dns->told_ms, queries = ps_ask_queries(dns->ask);

    if (passed_ms < MEASURE_MS) return;
    dns->told.queries_per_s = (queries - dns->told_queries) * 1000 / passed_ms;
    dns->told_ms = now_ms;
    dns->told_queries = queries;
}

void ps_dns_tell_progress(ps_dns *dns)
{
    const ps_census *census = &dns->census;
    ps_resolver_progress *told = &dns->told;

    if (dns->resolver == NULL || dns->resolver->progress == NULL || dns->domains == NULL) return;
    told->asked = census->begun;
    told->answered = census->answered;
    told->unknown = census->failed;
    told->total = dns->taken_count + dns->plan.count;
    told->slowest = slowest(dns);
    dns->resolver->progress(dns->resolver->progress_context, told);
}

ps_status ps_dns_tick(void *context, uint64_t now_ms, ps_error *err)
{
    ps_dns *dns = context;
    ps_status status = PS_OK;

    ps_dns_look_around(dns);
    measure(dns, now_ms);
    ps_dns_tell_progress(dns);
    if (!dns->canaries_out && now_ms - dns->canaries_ms >= dns->options.canary_ms) {
        dns->canaries_out = true;
        status = ps_dns_ask_canaries(dns, now_ms, err);
    }
    return status == PS_OK ? ps_record_flush(&dns->record, now_ms, err) : status;
}

void ps_dns_health_of(const ps_dns *dns, ps_dns_health *out)
{
    size_t count;
    const ps_upstream *upstreams = ps_ask_upstreams(dns->ask, &count);

    *out = (ps_dns_health){.queries = 0};
    for (size_t i = 0; i < count; i++) {
        out->queries += upstreams[i].queries;
        out->answers += upstreams[i].answers;
        out->timeouts += upstreams[i].timeouts;
        out->drops += upstreams[i].drops;
        out->late += upstreams[i].late;
        out->spoofs += upstreams[i].spoofs;
        out->authentic += upstreams[i].authentic;
    }
}
