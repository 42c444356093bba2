// What a look at the resolvers in the middle of a run, and the end of it, leave behind.
// layer: net

#include "net/dns_state.h"

#include "assert.h"

static const ps_canary_tally honest = {.absent = 3, .shown = 3, .present = 1};
static const ps_canary_tally bare = {.absent = 3, .present = 1};
static const ps_canary_tally bare_liar = {.absent = 1, .invented = 2, .present = 1};

// Two resolvers that have been found to be good, and are never asked.
static ps_dns *open_dns(ps_job *job)
{
    ps_endpoint endpoints[2];
    ps_error err = {.status = PS_OK};
    ps_dns_options options;
    ps_dns *dns = NULL;

    ps_job_init(job);
    assert_true(ps_endpoint_parse("127.0.0.1", &endpoints[0]) && ps_endpoint_parse("127.0.0.2", &endpoints[1]));
    static const char *const addresses[] = {"127.0.0.1", "127.0.0.2"};
    job->resolvers = addresses;
    job->resolvers_count = PS_COUNT_OF(addresses);
    job->mx_no_answer_unknown = true;
    ps_dns_options_init(&options);
    assert_ok(ps_dns_open_with(job, &options, &dns, &err), &err);
    dns->view = (ps_dns_view){.trust = PS_DNS_TRUST_GOOD, .zones_shown = true};
    return dns;
}

// Who is left out of the run has no say in whether the others show whose word it is that a name does not exist.
static void test_zones_beside_a_liar(void **state)
{
    const struct {
        const char *title;
        ps_canary_tally second;
        bool last;
        ps_dns_trust trust, worst;
        bool zones;
    } looks[] = {
        {"two honest ones", honest, false, PS_DNS_TRUST_GOOD, PS_DNS_TRUST_GOOD, true},
        {"one shows no zones", bare, false, PS_DNS_TRUST_GOOD, PS_DNS_TRUST_GOOD, false},
        {"a liar, left out", bare_liar, false, PS_DNS_TRUST_GOOD, PS_DNS_TRUST_LIES, true},
        {"a liar at the end", bare_liar, true, PS_DNS_TRUST_LIES, PS_DNS_TRUST_LIES, false},
    };

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(looks); i++) {
        ps_error err = {.status = PS_OK};
        ps_job job;
        ps_dns *dns = open_dns(&job);
        print_message("  %s\n", looks[i].title);
        dns->canaries.tallies[0] = honest;
        dns->canaries.tallies[1] = looks[i].second;
        assert_ok(ps_dns_look_at_canaries(dns, looks[i].last, &err), &err);
        assert_int_equal(dns->view.trust, looks[i].trust);
        assert_int_equal(dns->worst, looks[i].worst);
        assert_int_equal(dns->view.zones_shown, looks[i].zones);
        ps_dns_close(dns);
    }
}

// A liar was left out, and then nobody answered any more: the report tells of the lies.
static void test_down_after_lies(void **state)
{
    const struct {
        ps_dns_trust before;
        ps_mx_trust told;
    } ends[] = {
        {PS_DNS_TRUST_GOOD, PS_MX_TRUST_UNSURE},
        {PS_DNS_TRUST_LIES, PS_MX_TRUST_LIES},
    };

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(ends); i++) {
        ps_error err = {.status = PS_OK};
        ps_resolver resolver;
        ps_domains domains;
        ps_run_mx stats = {.queries = 0};
        uint32_t number;
        ps_job job;
        ps_dns *dns = open_dns(&job);
        assert_ok(ps_domains_open(&domains, &err), &err);
        assert_ok(ps_domains_add(&domains, ps_span_of("one.example.jp"), &number, &err), &err);
        domains.rows[number] = 1;
        ps_dns_resolver(dns, &resolver);
        assert_ok(ps_dns_open_books(dns, &err), &err);
        dns->prepared = dns->down = true;
        dns->worst = ends[i].before;
        assert_ok(resolver.resolve(resolver.context, &domains, NULL, &stats, &err), &err);
        assert_int_equal(stats.trust, ends[i].told);
        ps_dns_close(dns);
        ps_domains_close(&domains);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zones_beside_a_liar),
        cmocka_unit_test(test_down_after_lies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
