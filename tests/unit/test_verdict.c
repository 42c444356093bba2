// Verdicts from answers: each rule, and that a failure or a doubt outweighs every `no_mail`.
// layer: net

#include "net/verdict.h"

#include "assert.h"
#include "net/ip.h"

#define FOUND(kinds)                                                                                                   \
    {                                                                                                                  \
        .outcome = PS_DNS_FOUND, .addresses = (kinds)                                                                  \
    }
#define TWICE(what, kinds)                                                                                             \
    {                                                                                                                  \
        .outcome = (what), .addresses = (kinds), .twice = true, .confirmed = true                                      \
    }
#define DOUBT(what)                                                                                                    \
    {                                                                                                                  \
        .outcome = (what), .twice = true                                                                               \
    }
#define FAILED(what)                                                                                                   \
    {                                                                                                                  \
        .outcome = (what)                                                                                              \
    }

// A host for each state that DNS can leave one in.
enum {
    GOOD,
    GOOD6,
    ALIAS,
    PARKED,
    THROWN_AWAY,
    ABSENT,
    EMPTY,
    LOOP,
    PRIVATE,
    PRIVATE6,
    SITE,
    COLLISION,
    IN_DOUBT,
    HALF_DOUBT,
    OPEN,
    OPEN_SECOND,
    SERVFAIL,
    TIMEOUT,
    REFUSED,
    ERROR,
    BAD,
    TCP,
    UNREACHABLE,
    BOGUS,
    FILTERED,
    SIX_FAILED,
    NULL_TARGET,
    IP_TARGET,
    SPECIAL_TARGET,
    COLLISION_TARGET,
    ODD_TARGET,
    KNOWN,
    MUTE,
    NULLED,
    NULLED6,
    HOSTS,
    NONE = HOSTS // ends a list
};

static const ps_dns_host hosts[HOSTS] = {
    [GOOD] = {.a = FOUND(PS_IP_PUBLIC)},
    [GOOD6] = {.a = FAILED(PS_DNS_NODATA), .aaaa = FOUND(PS_IP_PUBLIC)},
    [ALIAS] = {.a = {.outcome = PS_DNS_FOUND, .addresses = PS_IP_PUBLIC, .alias = true}},
    [THROWN_AWAY] = {.disposable = true, .a = FOUND(PS_IP_PUBLIC)},
    [PARKED] = {.parking = true, .a = FOUND(PS_IP_PUBLIC)},
    [ABSENT] = {.a = TWICE(PS_DNS_NXDOMAIN, 0)},
    [EMPTY] = {.a = TWICE(PS_DNS_NODATA, 0), .aaaa = TWICE(PS_DNS_NODATA, 0)},
    [LOOP] = {.a = TWICE(PS_DNS_CNAME_LOOP, 0)},
    [PRIVATE] = {.a = TWICE(PS_DNS_FOUND, PS_IP_SPECIAL), .aaaa = TWICE(PS_DNS_NODATA, 0)},
    [PRIVATE6] = {.a = TWICE(PS_DNS_NODATA, 0), .aaaa = TWICE(PS_DNS_FOUND, PS_IP_SPECIAL)},
    [SITE] = {.a = TWICE(PS_DNS_FOUND, PS_IP_SITE), .aaaa = TWICE(PS_DNS_NODATA, 0)},
    [COLLISION] = {.a = TWICE(PS_DNS_FOUND, PS_IP_COLLISION), .aaaa = TWICE(PS_DNS_NODATA, 0)},
    [IN_DOUBT] = {.a = DOUBT(PS_DNS_NXDOMAIN)},
    [HALF_DOUBT] = {.a = TWICE(PS_DNS_NODATA, 0), .aaaa = DOUBT(PS_DNS_NODATA)},
    [OPEN_SECOND] = {.a = FAILED(PS_DNS_NXDOMAIN)},
    [SERVFAIL] = {.a = FAILED(PS_DNS_SERVFAIL)},
    [TIMEOUT] = {.a = FAILED(PS_DNS_TIMEOUT)},
    [REFUSED] = {.a = FAILED(PS_DNS_REFUSED)},
    [ERROR] = {.a = FAILED(PS_DNS_RESOLVER_ERROR)},
    [BAD] = {.a = FAILED(PS_DNS_BAD_ANSWER)},
    [TCP] = {.a = FAILED(PS_DNS_TCP_FAILED)},
    [UNREACHABLE] = {.a = FAILED(PS_DNS_AUTH_UNREACHABLE)},
    [BOGUS] = {.a = FAILED(PS_DNS_BOGUS)},
    [FILTERED] = {.a = FAILED(PS_DNS_FILTERED)},
    [SIX_FAILED] = {.a = FAILED(PS_DNS_NODATA), .aaaa = FAILED(PS_DNS_SERVFAIL)},
    [NULL_TARGET] = {.target = PS_DNS_TARGET_NULL},
    [IP_TARGET] = {.target = PS_DNS_TARGET_IP},
    [SPECIAL_TARGET] = {.target = PS_DNS_TARGET_SPECIAL},
    [COLLISION_TARGET] = {.target = PS_DNS_TARGET_COLLISION},
    [ODD_TARGET] = {.target = PS_DNS_TARGET_ODD},
    [KNOWN] = {.shared = true},
    [NULLED] = {.a = TWICE(PS_DNS_FOUND, PS_IP_NULL), .aaaa = TWICE(PS_DNS_NODATA, 0)},
    [NULLED6] = {.a = TWICE(PS_DNS_NODATA, 0), .aaaa = TWICE(PS_DNS_FOUND, PS_IP_NULL)},
    [MUTE] = {.a = FOUND(PS_IP_PUBLIC), .policy = PS_DNS_POLICY_SENDS_NOTHING},
};

#define D PS_MAIL_DELIVERABLE
#define N PS_MAIL_NONE
#define U PS_MAIL_UNKNOWN

typedef struct verdict_case {
    const char *title;
    uint32_t targets[4]; // up to NONE
    ps_mail_verdict verdict;
    ps_reason reason;
    ps_findings warnings;
} verdict_case;

static void assert_fact(const verdict_case *c, const ps_domain_fact *fact)
{
    print_message("  %s\n", c->title);
    assert_int_equal(fact->verdict, c->verdict);
    assert_string_equal(ps_reason_get(fact->reason)->wire, ps_reason_get(c->reason)->wire);
    assert_findings_equal(fact->warnings, c->warnings);
}

static ps_dns_evidence evidence_of(const uint32_t *targets)
{
    ps_dns_evidence evidence = {.mx = {.outcome = PS_DNS_FOUND}, .hosts = hosts, .targets = targets};

    while (evidence.targets_count < 4 && targets[evidence.targets_count] != NONE) {
        evidence.targets_count++;
    }
    return evidence;
}

static const verdict_case servers[] = {
    {"a server", {GOOD, NONE}, D, PS_REASON_MX, 0},
    {"by IPv6", {GOOD6, NONE}, D, PS_REASON_MX, 0},
    {"two", {GOOD, GOOD6, NONE}, D, PS_REASON_MX, 0},
    {"one of two fails", {SERVFAIL, GOOD, NONE}, D, PS_REASON_MX, 0},
    {"one of two is absent", {ABSENT, GOOD, NONE}, D, PS_REASON_MX_PARTIAL, 0},
    {"one of two is a loop", {LOOP, GOOD, NONE}, D, PS_REASON_MX_PARTIAL, 0},
    {"one of two is odd", {ODD_TARGET, GOOD, NONE}, D, PS_REASON_MX_PARTIAL, 0},
    {"an alias", {ALIAS, NONE}, D, PS_REASON_MX_CNAME, 0},
    {"an alias, one absent", {ALIAS, ABSENT, NONE}, D, PS_REASON_MX_PARTIAL, PS_FIND(MX_CNAME)},
    {"null and real", {NULL_TARGET, GOOD, NONE}, D, PS_REASON_NULL_MX_MIXED, 0},
    {"null, alias, absent",
     {NULL_TARGET, ALIAS, ABSENT, NONE},
     D,
     PS_REASON_NULL_MX_MIXED,
     PS_FIND(MX_PARTIAL) | PS_FIND(MX_CNAME)},
    {"parking", {PARKED, NONE}, D, PS_REASON_PARKING_MX, 0},
    {"parking and real", {PARKED, GOOD, NONE}, D, PS_REASON_MX, 0},
    {"a throw-away service", {THROWN_AWAY, NONE}, D, PS_REASON_DISPOSABLE_MX, 0},
    {"a throw-away service and a real one", {THROWN_AWAY, GOOD, NONE}, D, PS_REASON_MX, 0},
    {"an operator's", {KNOWN, NONE}, D, PS_REASON_MX_OPERATOR, 0},
    {"an operator's and one that fails", {SERVFAIL, KNOWN, NONE}, D, PS_REASON_MX_OPERATOR, 0},
    {"an operator's and a good one", {KNOWN, GOOD, NONE}, D, PS_REASON_MX_OPERATOR, 0},
    {"an operator's and one that is absent", {KNOWN, ABSENT, NONE}, D, PS_REASON_MX_OPERATOR, 0},
    {"an operator's and an address", {KNOWN, IP_TARGET, NONE}, D, PS_REASON_MX_PARTIAL, 0},
    {"null and an operator's", {NULL_TARGET, KNOWN, NONE}, D, PS_REASON_NULL_MX_MIXED, 0},
    {"null", {NULL_TARGET, NONE}, N, PS_REASON_NULL_MX, 0},
    {"null and absent", {NULL_TARGET, ABSENT, NONE}, N, PS_REASON_NULL_MX, 0},
    {"null and failed", {NULL_TARGET, SERVFAIL, NONE}, U, PS_REASON_SERVFAIL, 0},
    {"absent", {ABSENT, NONE}, N, PS_REASON_MX_DANGLING, 0},
    {"empty", {EMPTY, NONE}, N, PS_REASON_MX_DANGLING, 0},
    {"absent and an address", {IP_TARGET, ABSENT, NONE}, N, PS_REASON_MX_DANGLING, 0},
    {"absent and private", {PRIVATE, ABSENT, NONE}, N, PS_REASON_MX_DANGLING, 0},
    {"loops only", {LOOP, LOOP, NONE}, N, PS_REASON_MX_DANGLING, 0},
    {"loop and absent", {LOOP, ABSENT, NONE}, U, PS_REASON_CNAME_LOOP, 0},
    {"addresses", {IP_TARGET, IP_TARGET, NONE}, N, PS_REASON_MX_IS_IP, 0},
    {"special", {SPECIAL_TARGET, NONE}, N, PS_REASON_MX_SPECIAL_NAME, 0},
    {"special and an address", {SPECIAL_TARGET, IP_TARGET, NONE}, N, PS_REASON_MX_SPECIAL_NAME, 0},
    {"private", {PRIVATE, PRIVATE6, SITE, NONE}, N, PS_REASON_MX_PRIVATE_IP, 0},
    {"collision by address", {COLLISION, NONE}, N, PS_REASON_NAME_COLLISION, 0},
    {"collision by name", {COLLISION_TARGET, NONE}, N, PS_REASON_NAME_COLLISION, 0},
    {"odd", {ODD_TARGET, NONE}, U, PS_REASON_BAD_ANSWER, 0},
    {"odd and absent", {ODD_TARGET, ABSENT, NONE}, U, PS_REASON_BAD_ANSWER, 0},
    {"in doubt", {IN_DOUBT, NONE}, U, PS_REASON_NXDOMAIN_UNCONFIRMED, 0},
    {"half in doubt", {HALF_DOUBT, NONE}, U, PS_REASON_NXDOMAIN_UNCONFIRMED, 0},
    {"in doubt and absent", {ABSENT, IN_DOUBT, NONE}, U, PS_REASON_NXDOMAIN_UNCONFIRMED, 0},
    {"not asked", {OPEN, NONE}, U, PS_REASON_NOT_CHECKED, 0},
    {"not asked twice", {OPEN_SECOND, NONE}, U, PS_REASON_NOT_CHECKED, 0},
    {"not asked and absent", {ABSENT, OPEN, NONE}, U, PS_REASON_NOT_CHECKED, 0},
    {"not asked and good", {OPEN, GOOD, NONE}, D, PS_REASON_MX, 0},
    {"SERVFAIL", {SERVFAIL, NONE}, U, PS_REASON_SERVFAIL, 0},
    {"SERVFAIL for IPv6 only", {SIX_FAILED, NONE}, U, PS_REASON_SERVFAIL, 0},
    {"time-out", {TIMEOUT, NONE}, U, PS_REASON_TIMEOUT_AUTH, 0},
    {"REFUSED", {REFUSED, NONE}, U, PS_REASON_REFUSED, 0},
    {"error", {ERROR, NONE}, U, PS_REASON_RESOLVER_ERROR, 0},
    {"malformed", {BAD, NONE}, U, PS_REASON_BAD_ANSWER, 0},
    {"TCP", {TCP, NONE}, U, PS_REASON_TCP_FAILED, 0},
    {"unreachable", {UNREACHABLE, NONE}, U, PS_REASON_AUTH_UNREACHABLE, 0},
    {"bogus", {BOGUS, NONE}, U, PS_REASON_DNSSEC_BOGUS, 0},
    {"filtered", {FILTERED, NONE}, U, PS_REASON_RESOLVER_FILTERED, 0},
    {"the address of nobody", {NULLED, NONE}, U, PS_REASON_RESOLVER_FILTERED, 0},
    {"the address of nobody, IPv6", {NULLED6, ABSENT, NONE}, U, PS_REASON_RESOLVER_FILTERED, 0},
    {"the address of nobody and a good one", {NULLED, GOOD, NONE}, D, PS_REASON_MX, 0},
    {"the best server's failure", {ABSENT, TIMEOUT, SERVFAIL, NONE}, U, PS_REASON_TIMEOUT_AUTH, 0},
};

static void test_servers(void **state)
{
    const ps_dns_view view = {.trust = PS_DNS_TRUST_GOOD, .resolver_alive = true};

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(servers); i++) {
        ps_dns_evidence evidence = evidence_of(servers[i].targets);
        ps_domain_fact fact;
        ps_dns_judge(&evidence, &view, &fact);
        assert_fact(&servers[i], &fact);
    }
}

// The same targets, of which one more host is not known: nothing is `no_mail` any more.
static void test_unknown_outweighs_none(void **state)
{
    static const uint32_t unknown[] = {IN_DOUBT, OPEN, OPEN_SECOND, SERVFAIL, TIMEOUT, FILTERED, NULLED, ODD_TARGET};
    const ps_dns_view view = {.trust = PS_DNS_TRUST_GOOD, .resolver_alive = true};

    (void)state;
    for (uint32_t first = 0; first < HOSTS; first++) {
        for (size_t i = 0; i < PS_COUNT_OF(unknown); i++) {
            uint32_t targets[] = {first, unknown[i], NONE};
            ps_dns_evidence evidence = evidence_of(targets);
            ps_domain_fact fact;
            ps_dns_judge(&evidence, &view, &fact);
            assert_int_not_equal(fact.verdict, PS_MAIL_NONE);
        }
    }
}

// Without a mail server, with no address record confirmed: the domain itself is the host.
static const verdict_case addresses[] = {
    {"an address", {GOOD}, D, PS_REASON_IMPLICIT_MX, 0},
    {"an alias", {ALIAS}, D, PS_REASON_IMPLICIT_MX, 0},
    {"IPv6", {GOOD6}, D, PS_REASON_IMPLICIT_MX, 0},
    {"an address, and sends nothing", {MUTE}, N, PS_REASON_IMPLICIT_MX_SPF_NONE, 0},
    {"private", {PRIVATE}, N, PS_REASON_A_PRIVATE_IP, 0},
    {"nothing", {EMPTY}, N, PS_REASON_NODATA, 0},
    {"nothing, as no name", {ABSENT}, N, PS_REASON_NODATA, 0},
    {"collision", {COLLISION}, N, PS_REASON_NAME_COLLISION, 0},
    {"loop", {LOOP}, U, PS_REASON_CNAME_LOOP, 0},
    {"SERVFAIL", {SERVFAIL}, U, PS_REASON_ADDR_SERVFAIL, 0},
    {"SERVFAIL for IPv6", {SIX_FAILED}, U, PS_REASON_ADDR_SERVFAIL, 0},
    {"time-out", {TIMEOUT}, U, PS_REASON_ADDR_TIMEOUT, 0},
    {"filtered", {FILTERED}, U, PS_REASON_RESOLVER_FILTERED, 0},
    {"the address of nobody", {NULLED}, U, PS_REASON_RESOLVER_FILTERED, 0},
    {"in doubt", {IN_DOUBT}, U, PS_REASON_NXDOMAIN_UNCONFIRMED, 0},
    {"not asked", {OPEN}, U, PS_REASON_NOT_CHECKED, 0},
};

static ps_dns_evidence address_evidence(const uint32_t *host, bool twice, bool confirmed)
{
    return (ps_dns_evidence){.mx = {.outcome = PS_DNS_NODATA, .twice = twice, .confirmed = confirmed},
                             .hosts = hosts,
                             .targets = host,
                             .targets_count = 1};
}

static void test_addresses(void **state)
{
    const ps_dns_view view = {.trust = PS_DNS_TRUST_GOOD, .resolver_alive = true};

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(addresses); i++) {
        ps_dns_evidence evidence = address_evidence(addresses[i].targets, true, true);
        ps_domain_fact fact;
        ps_dns_judge(&evidence, &view, &fact);
        assert_fact(&addresses[i], &fact);

        // "No mail server" itself in doubt, or said once only: what was `no_mail` is not.
        evidence = address_evidence(addresses[i].targets, true, false);
        ps_dns_judge(&evidence, &view, &fact);
        if (addresses[i].verdict == N) assert_int_equal(fact.reason, PS_REASON_NXDOMAIN_UNCONFIRMED);
        assert_int_not_equal(fact.verdict, N);
        evidence = address_evidence(addresses[i].targets, false, false);
        ps_dns_judge(&evidence, &view, &fact);
        if (addresses[i].verdict == N) assert_int_equal(fact.reason, PS_REASON_NOT_CHECKED);
        assert_int_not_equal(fact.verdict, N);
    }
}

static const struct {
    const char *title;
    ps_dns_lookup mx;
    bool alive;
    ps_mail_verdict verdict;
    ps_reason reason;
} domains[] = {
    {"absent, confirmed", TWICE(PS_DNS_NXDOMAIN, 0), true, N, PS_REASON_NXDOMAIN},
    {"absent, in doubt", DOUBT(PS_DNS_NXDOMAIN), true, U, PS_REASON_NXDOMAIN_UNCONFIRMED},
    {"absent, said once", FAILED(PS_DNS_NXDOMAIN), true, U, PS_REASON_NOT_CHECKED},
    {"not asked", FAILED(PS_DNS_NOT_ASKED), true, U, PS_REASON_NOT_CHECKED},
    {"loop", FAILED(PS_DNS_CNAME_LOOP), true, U, PS_REASON_CNAME_LOOP},
    {"time-out of the domain's servers", FAILED(PS_DNS_TIMEOUT), true, U, PS_REASON_TIMEOUT_AUTH},
    {"time-out of the resolver", FAILED(PS_DNS_TIMEOUT), false, U, PS_REASON_TIMEOUT},
    {"SERVFAIL", FAILED(PS_DNS_SERVFAIL), true, U, PS_REASON_SERVFAIL},
    {"REFUSED", FAILED(PS_DNS_REFUSED), true, U, PS_REASON_REFUSED},
    {"error", FAILED(PS_DNS_RESOLVER_ERROR), true, U, PS_REASON_RESOLVER_ERROR},
    {"malformed", FAILED(PS_DNS_BAD_ANSWER), true, U, PS_REASON_BAD_ANSWER},
    {"TCP", FAILED(PS_DNS_TCP_FAILED), true, U, PS_REASON_TCP_FAILED},
    {"unreachable", FAILED(PS_DNS_AUTH_UNREACHABLE), true, U, PS_REASON_AUTH_UNREACHABLE},
    {"bogus", FAILED(PS_DNS_BOGUS), true, U, PS_REASON_DNSSEC_BOGUS},
    {"filtered", FAILED(PS_DNS_FILTERED), true, U, PS_REASON_RESOLVER_FILTERED},
};

static void test_domains(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(domains); i++) {
        const ps_dns_evidence evidence = {.mx = domains[i].mx, .hosts = hosts};
        const ps_dns_view view = {.trust = PS_DNS_TRUST_GOOD, .resolver_alive = domains[i].alive};
        const verdict_case expected = {domains[i].title, {NONE}, domains[i].verdict, domains[i].reason, 0};
        ps_domain_fact fact;
        ps_dns_judge(&evidence, &view, &fact);
        assert_fact(&expected, &fact);
    }
}

// Where a resolver invents answers nothing is `no_mail`; where it gives no clear one, nothing that rests on absence.
static void test_trust(void **state)
{
    ps_dns_view view = {.trust = PS_DNS_TRUST_LIES, .resolver_alive = true};
    ps_domain_fact fact;

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(servers); i++) {
        ps_dns_evidence evidence = evidence_of(servers[i].targets);
        view.trust = PS_DNS_TRUST_LIES;
        ps_dns_judge(&evidence, &view, &fact);
        assert_int_equal(fact.verdict, servers[i].verdict == N ? U : servers[i].verdict);
        if (servers[i].verdict == N) assert_int_equal(fact.reason, PS_REASON_RESOLVER_LIES);
        view.trust = PS_DNS_TRUST_UNSURE;
        ps_dns_judge(&evidence, &view, &fact);
        bool rests = servers[i].reason == PS_REASON_MX_DANGLING;
        assert_int_equal(fact.reason, rests ? PS_REASON_NXDOMAIN_UNCONFIRMED : servers[i].reason);
    }
    view.trust = PS_DNS_TRUST_LIES;
    for (uint32_t host = 0; host < HOSTS; host++) {
        ps_dns_evidence evidence = address_evidence(&host, true, true);
        ps_dns_judge(&evidence, &view, &fact);
        assert_int_equal(fact.verdict, U); // an address of its own proves nothing either
    }
    const ps_dns_evidence absent = {.mx = TWICE(PS_DNS_NXDOMAIN, 0), .hosts = hosts};
    ps_dns_judge(&absent, &view, &fact);
    assert_int_equal(fact.reason, PS_REASON_RESOLVER_LIES);
    view.trust = PS_DNS_TRUST_UNSURE;
    ps_dns_judge(&absent, &view, &fact);
    assert_int_equal(fact.reason, PS_REASON_NXDOMAIN_UNCONFIRMED);
}

// Where the resolvers do not know what everybody knows, a domain without a mail server may have one.
static void test_trust_of_addresses(void **state)
{
    static const uint32_t private[] = {PRIVATE, NONE};
    const ps_dns_view view = {.trust = PS_DNS_TRUST_UNSURE, .resolver_alive = true};
    ps_dns_evidence evidence = address_evidence(private, true, true);
    ps_domain_fact fact;

    (void)state;
    ps_dns_judge(&evidence, &view, &fact);
    assert_int_equal(fact.verdict, PS_MAIL_UNKNOWN);
    assert_int_equal(fact.reason, PS_REASON_NXDOMAIN_UNCONFIRMED);
    evidence = evidence_of(private);
    ps_dns_judge(&evidence, &view, &fact);
    assert_int_equal(fact.reason, PS_REASON_MX_PRIVATE_IP);
}

// Where resolvers show the zone that a name is not in, "there is nothing" without one is no proof; one of two does.
static void test_zones(void **state)
{
    static const uint32_t loop[] = {LOOP, NONE};
    ps_dns_view view = {.trust = PS_DNS_TRUST_GOOD, .resolver_alive = true};
    ps_domain_fact fact;

    (void)state;
    for (unsigned shown = 0; shown < 4; shown++) { // bit 0: for random names, bit 1: for this one
        ps_dns_host host = {.a = TWICE(PS_DNS_NXDOMAIN, 0)};
        ps_dns_lookup lookup = TWICE(PS_DNS_NXDOMAIN, 0), empty = TWICE(PS_DNS_NODATA, 0);
        const uint32_t first = 0;
        ps_mail_verdict verdict = shown == 1 ? U : N;
        view.zones_shown = (shown & 1) != 0;
        lookup.zone_shown = empty.zone_shown = host.a.zone_shown = (shown & 2) != 0;
        ps_dns_evidence absent = {.mx = lookup, .hosts = hosts};
        ps_dns_evidence dangling = {
            .mx = {.outcome = PS_DNS_FOUND}, .hosts = &host, .targets = &first, .targets_count = 1};
        ps_dns_evidence nothing = {.mx = empty, .hosts = &host, .targets = &first, .targets_count = 1};
        const ps_dns_evidence *all[] = {&absent, &dangling, &nothing};
        for (size_t i = 0; i < PS_COUNT_OF(all); i++) {
            ps_dns_judge(all[i], &view, &fact);
            assert_int_equal(fact.verdict, verdict);
            if (verdict == U) assert_int_equal(fact.reason, PS_REASON_NXDOMAIN_UNCONFIRMED);
        }
    }
    view.zones_shown = true; // an alias that leads in a circle leads to no zone
    ps_dns_evidence evidence = evidence_of(loop);
    ps_dns_judge(&evidence, &view, &fact);
    assert_int_equal(fact.reason, PS_REASON_MX_DANGLING);
}

// A resolver within a private network may answer with that network's addresses.
static void test_split_horizon(void **state)
{
    static const verdict_case cases[] = {
        {"private", {SITE, NONE}, U, PS_REASON_SPLIT_HORIZON, 0},
        {"loopback and the like", {PRIVATE, NONE}, N, PS_REASON_MX_PRIVATE_IP, 0},
        {"one good", {SITE, GOOD, NONE}, D, PS_REASON_MX, 0},
    };
    const ps_dns_view view = {.trust = PS_DNS_TRUST_GOOD, .resolver_alive = true, .site_addresses = true};

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_dns_evidence evidence = evidence_of(cases[i].targets);
        ps_domain_fact fact;
        ps_dns_judge(&evidence, &view, &fact);
        assert_fact(&cases[i], &fact);
    }
}

static void test_null_preference_and_cut(void **state)
{
    static const uint32_t null[] = {NULL_TARGET, NONE}, mixed[] = {NULL_TARGET, GOOD, NONE}, dead[] = {ABSENT, NONE};
    const ps_dns_view view = {.trust = PS_DNS_TRUST_GOOD};
    ps_dns_evidence evidence = evidence_of(null);
    ps_domain_fact fact;

    (void)state;
    evidence.null_pref = true;
    ps_dns_judge(&evidence, &view, &fact);
    assert_int_equal(fact.reason, PS_REASON_NULL_MX);
    assert_findings_equal(fact.warnings, PS_FIND(NULL_MX_PREF));
    evidence = evidence_of(mixed);
    evidence.null_pref = true;
    ps_dns_judge(&evidence, &view, &fact);
    assert_int_equal(fact.reason, PS_REASON_NULL_MX_MIXED);
    assert_findings_equal(fact.warnings, PS_FIND(NULL_MX_PREF));

    // All that were looked at are dead, but there are more.
    evidence = evidence_of(dead);
    evidence.cut = true;
    ps_dns_judge(&evidence, &view, &fact);
    assert_int_equal(fact.verdict, PS_MAIL_UNKNOWN);
}

static const struct {
    const char *title;
    ps_dns_outcome first, second, joined;
    bool confirmed;
} joins[] = {
    {"absent twice", PS_DNS_NXDOMAIN, PS_DNS_NXDOMAIN, PS_DNS_NXDOMAIN, true},
    {"empty twice", PS_DNS_NODATA, PS_DNS_NODATA, PS_DNS_NODATA, true},
    {"loop twice", PS_DNS_CNAME_LOOP, PS_DNS_CNAME_LOOP, PS_DNS_CNAME_LOOP, true},
    {"absent, then empty", PS_DNS_NXDOMAIN, PS_DNS_NODATA, PS_DNS_NODATA, true},
    {"empty, then absent", PS_DNS_NODATA, PS_DNS_NXDOMAIN, PS_DNS_NODATA, true},
    {"absent, then a loop", PS_DNS_NXDOMAIN, PS_DNS_CNAME_LOOP, PS_DNS_CNAME_LOOP, true},
    {"absent, then there", PS_DNS_NXDOMAIN, PS_DNS_FOUND, PS_DNS_FOUND, true},
    {"there, then absent", PS_DNS_FOUND, PS_DNS_NXDOMAIN, PS_DNS_FOUND, true},
    {"absent, then a failure", PS_DNS_NXDOMAIN, PS_DNS_SERVFAIL, PS_DNS_NXDOMAIN, false},
    {"empty, then silence", PS_DNS_NODATA, PS_DNS_TIMEOUT, PS_DNS_NODATA, false},
};

static void test_lookup_add(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(joins); i++) {
        ps_dns_lookup lookup = {0};
        ps_dns_answer answer = {.outcome = joins[i].first};
        print_message("  %s\n", joins[i].title);
        ps_dns_lookup_add(&lookup, &answer, false);
        assert_int_equal(lookup.outcome, joins[i].first);
        assert_false(lookup.twice || lookup.confirmed);
        answer.outcome = joins[i].second;
        ps_dns_lookup_add(&lookup, &answer, false);
        assert_int_equal(lookup.outcome, joins[i].joined);
        assert_true(lookup.twice);
        assert_int_equal(lookup.confirmed, joins[i].confirmed);
    }
}

static void test_need(void **state)
{
    static const unsigned expected[HOSTS] = {
        [OPEN] = PS_DNS_NEED_A,
        [OPEN_SECOND] = PS_DNS_NEED_SECOND_A,
    };
    ps_dns_host host = {.a = FAILED(PS_DNS_NODATA)};

    (void)state;
    for (size_t i = 0; i < HOSTS; i++) {
        assert_int_equal(ps_dns_host_need(&hosts[i]), expected[i]);
    }
    assert_int_equal(ps_dns_host_need(&host), PS_DNS_NEED_AAAA);
    host.aaaa.outcome = PS_DNS_NODATA;
    assert_int_equal(ps_dns_host_need(&host), PS_DNS_NEED_SECOND_A | PS_DNS_NEED_SECOND_AAAA);
    host.a.twice = true;
    assert_int_equal(ps_dns_host_need(&host), PS_DNS_NEED_SECOND_AAAA);
    host = (ps_dns_host){.a = FOUND(PS_IP_SITE)}; // an IPv6 address may still be public
    assert_int_equal(ps_dns_host_need(&host), PS_DNS_NEED_AAAA);
}

static const struct {
    const char *name;
    ps_dns_target target;
} targets[] = {
    {"mail.example.net", PS_DNS_TARGET_NAME},
    {".", PS_DNS_TARGET_NULL},
    {"", PS_DNS_TARGET_ODD},
    {"203.0.113.5", PS_DNS_TARGET_IP},
    {"0.0.0.0", PS_DNS_TARGET_IP},
    {"2001:db8::1", PS_DNS_TARGET_IP},
    {"localhost", PS_DNS_TARGET_SPECIAL},
    {"mail.localhost", PS_DNS_TARGET_SPECIAL},
    {"notlocalhost", PS_DNS_TARGET_NAME},
    {"localhost.example.net", PS_DNS_TARGET_NAME},
    {"mail.home.arpa", PS_DNS_TARGET_SPECIAL},
    {"home.arpa.example.net", PS_DNS_TARGET_NAME},
    {"10.in-addr.arpa", PS_DNS_TARGET_NAME},
    {"your-dns-needs-immediate-attention.example", PS_DNS_TARGET_COLLISION},
    {"your-dns-needs-immediate-attention", PS_DNS_TARGET_COLLISION},
    {"your-dns-needs-immediate-attention2.jp", PS_DNS_TARGET_NAME},
};

static void test_target(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(targets); i++) {
        print_message("  %s\n", targets[i].name);
        assert_int_equal(ps_dns_target_of(targets[i].name), targets[i].target);
    }
    ps_dns_host host;
    ps_dns_host_init(&host, "park-mx.above.com");
    assert_true(host.parking && !host.shared && !host.disposable);
    ps_dns_host_init(&host, "mail2.mailinator.com");
    assert_true(host.disposable && !host.shared && !host.parking);
    ps_dns_host_init(&host, "mail.above.com");
    assert_false(host.parking || host.shared || host.taker != PS_OPERATOR_NONE);
    ps_dns_host_init(&host, "aspmx.l.google.com");
    assert_true(host.shared && !host.parking && host.taker != PS_OPERATOR_NONE);
    assert_int_equal(ps_dns_host_need(&host), 0);
    ps_dns_host_init(&host, "example-jp.mail.protection.outlook.com"); // goes when its customer does
    assert_true(!host.shared && host.taker != PS_OPERATOR_NONE);
    assert_int_equal(ps_dns_host_need(&host), PS_DNS_NEED_A);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_servers),    cmocka_unit_test(test_unknown_outweighs_none),
        cmocka_unit_test(test_addresses),  cmocka_unit_test(test_domains),
        cmocka_unit_test(test_trust),      cmocka_unit_test(test_split_horizon),
        cmocka_unit_test(test_lookup_add), cmocka_unit_test(test_null_preference_and_cut),
        cmocka_unit_test(test_zones),      cmocka_unit_test(test_trust_of_addresses),
        cmocka_unit_test(test_need),       cmocka_unit_test(test_target),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
