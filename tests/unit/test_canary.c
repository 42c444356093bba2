// What a resolver says of names that everybody knows, and how far it is believed for it.
// layer: net

#include "net/canary.h"

#include <arpa/nameser.h>
#include <stdio.h>

#include "assert.h"

enum { PRESENT = 3, KNOWN = 4 }; // numbers of the questions; below are the random names

typedef struct said {
    ps_dns_outcome random, present, known;
    const char *server; // of the present one
    bool zone;
} said;

static const said honest = {PS_DNS_NXDOMAIN, PS_DNS_FOUND, PS_DNS_FOUND, ".", true};

static const struct {
    const char *title;
    said says;
    ps_dns_trust first, later; // at the first look; at a later one, where silence is no lie
    bool all; // each said all the right things
} cases[] = {
    {"honest", {PS_DNS_NXDOMAIN, PS_DNS_FOUND, PS_DNS_FOUND, ".", true}, PS_DNS_TRUST_GOOD, PS_DNS_TRUST_GOOD, true},
    {"invents addresses",
     {PS_DNS_FOUND, PS_DNS_FOUND, PS_DNS_FOUND, ".", true},
     PS_DNS_TRUST_LIES,
     PS_DNS_TRUST_LIES,
     false},
    {"knows no absence",
     {PS_DNS_NODATA, PS_DNS_FOUND, PS_DNS_FOUND, ".", true},
     PS_DNS_TRUST_UNSURE,
     PS_DNS_TRUST_GOOD,
     false},
    {"knows nothing",
     {PS_DNS_NXDOMAIN, PS_DNS_NXDOMAIN, PS_DNS_FOUND, ".", true},
     PS_DNS_TRUST_UNSURE,
     PS_DNS_TRUST_UNSURE,
     false},
    {"has no mail for anybody",
     {PS_DNS_NXDOMAIN, PS_DNS_NODATA, PS_DNS_NODATA, ".", true},
     PS_DNS_TRUST_UNSURE,
     PS_DNS_TRUST_UNSURE,
     false},
    {"denies the list's own",
     {PS_DNS_NXDOMAIN, PS_DNS_FOUND, PS_DNS_NXDOMAIN, ".", true},
     PS_DNS_TRUST_UNSURE,
     PS_DNS_TRUST_UNSURE,
     false},
    {"has a server for everybody",
     {PS_DNS_NXDOMAIN, PS_DNS_FOUND, PS_DNS_FOUND, "mail.example.net", true},
     PS_DNS_TRUST_UNSURE,
     PS_DNS_TRUST_UNSURE,
     false},
    {"fails",
     {PS_DNS_SERVFAIL, PS_DNS_SERVFAIL, PS_DNS_SERVFAIL, ".", true},
     PS_DNS_TRUST_UNSURE,
     PS_DNS_TRUST_GOOD,
     false},
    {"is silent about the list's own",
     {PS_DNS_NXDOMAIN, PS_DNS_FOUND, PS_DNS_TIMEOUT, ".", true},
     PS_DNS_TRUST_GOOD,
     PS_DNS_TRUST_GOOD,
     true},
    {"is silent",
     {PS_DNS_TIMEOUT, PS_DNS_TIMEOUT, PS_DNS_TIMEOUT, ".", true},
     PS_DNS_TRUST_UNSURE,
     PS_DNS_TRUST_GOOD,
     false},
};

// Two resolvers that are never asked.
static void open_canaries(ps_canaries *canaries)
{
    ps_error err = {.status = PS_OK};
    ps_endpoint endpoints[2];
    ps_dns_options options;
    size_t count;

    ps_dns_options_init(&options);
    assert_true(ps_endpoint_parse("127.0.0.1", &endpoints[0]) && ps_endpoint_parse("127.0.0.2", &endpoints[1]));
    *canaries = (ps_canaries){.pending = 0};
    assert_ok(ps_ask_open(&options, endpoints, 2, &canaries->ask, &err), &err);
    ps_upstream *upstreams = ps_ask_upstreams(canaries->ask, &count);
    assert_int_equal(count, 2);
    upstreams[0].replied = upstreams[1].replied = true;
}

static void hear(ps_canaries *canaries, unsigned resolver, uint32_t number, ps_dns_outcome outcome, const said *says)
{
    static ps_dns_answer answer;
    const ps_question question = {.number = number,
                                  .type = number < PRESENT ? ns_t_a : ns_t_mx,
                                  .kind = PS_CANARY_KIND,
                                  .pinned = (int8_t)resolver};

    ps_dns_answer_clear(&answer);
    answer.outcome = outcome;
    answer.zone_shown = says->zone && ps_dns_is_negative(outcome);
    if (number >= PRESENT && outcome == PS_DNS_FOUND) {
        snprintf(answer.mx[0].target, sizeof answer.mx[0].target, "%s",
                 number == PRESENT ? says->server : "mail.example.net");
        ps_dns_answer_place_mx(&answer, 0);
    }
    canaries->pending++;
    ps_canaries_take(canaries, &question, &answer, resolver);
}

static void hear_all(ps_canaries *canaries, unsigned resolver, const said *says)
{
    for (uint32_t number = 0; number < PRESENT; number++)
        hear(canaries, resolver, number, says->random, says);
    hear(canaries, resolver, PRESENT, says->present, says);
    hear(canaries, resolver, KNOWN, says->known, says);
    assert_int_equal(canaries->pending, 0);
}

static void test_trust(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_canaries canaries;
        ps_dns_trust trust;
        bool all;
        print_message("  %s\n", cases[i].title);
        open_canaries(&canaries);
        hear_all(&canaries, 0, &cases[i].says);
        hear_all(&canaries, 1, &cases[i].says);
        assert_int_equal(ps_canaries_look(&canaries, &all), cases[i].later);
        assert_int_equal(all, cases[i].all);
        assert_int_equal(ps_canaries_exclude(&canaries), cases[i].first == PS_DNS_TRUST_GOOD);
        assert_true(ps_canaries_choose(&canaries, &trust));
        assert_int_equal(trust, cases[i].first);
        ps_ask_close(canaries.ask);
    }
}

// Beside one that can be believed the others are left out, at the start and later.
static void test_beside_an_honest_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_canaries canaries;
        ps_dns_trust trust;
        size_t count;
        print_message("  %s\n", cases[i].title);
        open_canaries(&canaries);
        ps_upstream *upstreams = ps_ask_upstreams(canaries.ask, &count);
        hear_all(&canaries, 0, &cases[i].says);
        hear_all(&canaries, 1, &honest);
        assert_true(ps_canaries_exclude(&canaries));
        assert_int_equal(upstreams[0].excluded, cases[i].later != PS_DNS_TRUST_GOOD);
        assert_false(upstreams[1].excluded);
        assert_true(ps_canaries_choose(&canaries, &trust));
        assert_int_equal(trust, PS_DNS_TRUST_GOOD);
        assert_int_equal(upstreams[0].excluded, cases[i].first != PS_DNS_TRUST_GOOD);
        assert_false(upstreams[1].excluded);
        ps_ask_close(canaries.ask);
    }
}

// A silent one is nobody to rely on: it may be gone.
static void test_beside_a_silent_one(void **state)
{
    const said silent = {PS_DNS_TIMEOUT, PS_DNS_TIMEOUT, PS_DNS_TIMEOUT, ".", true};
    const said liar = {PS_DNS_FOUND, PS_DNS_FOUND, PS_DNS_FOUND, ".", true};
    ps_canaries canaries;
    size_t count;
    bool all;

    (void)state;
    open_canaries(&canaries);
    ps_upstream *upstreams = ps_ask_upstreams(canaries.ask, &count);
    hear_all(&canaries, 0, &liar);
    hear_all(&canaries, 1, &silent);
    assert_int_equal(ps_canaries_look(&canaries, &all), PS_DNS_TRUST_LIES);
    assert_false(ps_canaries_exclude(&canaries));
    assert_false(upstreams[0].excluded || upstreams[1].excluded);
    ps_ask_close(canaries.ask);
}

// Whoever is in use must show them, but for one that says of nothing that it is absent.
static void test_zones(void **state)
{
    const said bare = {PS_DNS_NXDOMAIN, PS_DNS_FOUND, PS_DNS_FOUND, ".", false};
    const said silent = {PS_DNS_TIMEOUT, PS_DNS_TIMEOUT, PS_DNS_TIMEOUT, ".", false};
    const struct {
        const said *first, *second;
        bool before, shown;
    } pairs[] = {
        {&honest, &honest, false, true}, {&honest, &bare, true, false},    {&bare, &bare, true, false},
        {&honest, &silent, false, true}, {&silent, &silent, false, false}, {&silent, &silent, true, true},
    };
    size_t count;

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(pairs); i++) {
        ps_canaries canaries;
        open_canaries(&canaries);
        hear_all(&canaries, 0, pairs[i].first);
        hear_all(&canaries, 1, pairs[i].second);
        assert_int_equal(ps_canaries_show_zones(&canaries, pairs[i].before), pairs[i].shown);
        ps_ask_upstreams(canaries.ask, &count)[1].excluded = true;
        if (pairs[i].first == &honest) assert_true(ps_canaries_show_zones(&canaries, false));
        ps_ask_close(canaries.ask);
    }
}

static void add(ps_domains *domains, const char *name, uint64_t rows)
{
    ps_error err = {.status = PS_OK};
    uint32_t number;

    assert_ok(ps_domains_add(domains, ps_span_of(name), &number, &err), &err);
    domains->rows[number] += rows;
}

// Of the list's domains that everybody knows it is the biggest; a list may have none.
static void test_known(void **state)
{
    ps_canaries canaries = {.known = "gmail.com"};
    ps_error err = {.status = PS_OK};
    ps_domains domains;

    (void)state;
    assert_ok(ps_domains_open(&domains, &err), &err);
    add(&domains, "one.example.jp", 1000);
    add(&domains, "gmail.com", 0); // of a snapshot, not of the list
    ps_canaries_know(&canaries, &domains);
    assert_null(canaries.known);
    add(&domains, "gmail.com", 3);
    add(&domains, "docomo.ne.jp", 5);
    add(&domains, "ezweb.ne.jp", 4);
    ps_canaries_know(&canaries, &domains);
    assert_string_equal(canaries.known, "docomo.ne.jp");
    ps_domains_close(&domains);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trust),
        cmocka_unit_test(test_beside_an_honest_one),
        cmocka_unit_test(test_beside_a_silent_one),
        cmocka_unit_test(test_zones),
        cmocka_unit_test(test_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
