// Who takes the mail of a domain: suffixes of mail hosts, whole domains.
// layer: facts

#include "facts/operators.h"

#include "assert.h"
#include "facts/domains.h"

static const struct {
    const char *host, *name;
    bool shared;
} hosts[] = {
    {"aspmx.l.google.com", "google_workspace", true},
    {"alt3.aspmx.l.google.com", "google_workspace", true},
    {"alt3.gmail-smtp-in.l.google.com", "google_gmail", true},
    {"aspmx4.googlemail.com", "google_workspace", true},
    {"l.google.com", "", false},
    {"example-com.mail.protection.outlook.com", "microsoft_365", false}, // gone once the customer is
    {"example-com.olc.protection.outlook.com", "microsoft_consumer", true}, // the longer suffix
    {"example.j-v1.mx.microsoft", "microsoft_365", false},
    {"mx-biz.mail.am0.yahoodns.net", "yahoo_smallbiz", true}, // the longer suffix
    {"mta5.am0.yahoodns.net", "yahoo_aol", true},
    {"mx3.mail.yahoo.co.jp", "yahoo_japan", true},
    {"mfsmax.docomo.ne.jp", "docomo", false},
    {"lsean.ezweb.ne.jp", "au_kddi", false},
    {"mx.softbank.ne.jp", "softbank", false},
    {"mail1.au.com", "au_kddi", false},
    {"mailau.com", "", false}, // whole labels only
    {"xau.com", "", false},
    {"163.com", "netease", false}, // the first of the table
    {"mx.zoho.jp", "zoho", true}, // near the last
    {"zz.example", "", false},
    {"0.example", "", false},
    {"docomo.ne.jp.example.com", "", false},
    {"com", "", false},
    {"", "", false},
    {".", "", false},
    {"..", "", false},
    {"mail.mxproc.com", "bounce_io", false},
};

static void test_of_host(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(hosts); i++) {
        bool shared = !hosts[i].shared;
        print_message("  %s\n", hosts[i].host);
        const ps_operator_info *info = ps_operator_get(ps_operator_of_host(ps_span_of(hosts[i].host), &shared));
        assert_string_equal(info->name, hosts[i].name);
        assert_int_equal(shared, hosts[i].shared);
        assert_string_equal(ps_operator_get(ps_operator_of_host(ps_span_of(hosts[i].host), NULL))->name, hosts[i].name);
    }
}

static const struct {
    const char *domain, *name;
} domains[] = {
    {"docomo.ne.jp", "docomo"},
    {"ezweb.ne.jp", "au_kddi"},
    {"au.com", "au_kddi"},
    {"softbank.ne.jp", "softbank"},
    {"i.softbank.jp", "softbank"},
    {"softbank.jp", ""},
    {"t.vodafone.ne.jp", "softbank"},
    {"pdx.ne.jp", "ymobile_willcom"},
    {"gmail.com", "google_gmail"},
    {"icloud.com", "apple_icloud"},
    {"sub.docomo.ne.jp", ""}, // the whole domain and nothing else
    {"aspmx.l.google.com", ""},
    {"", ""},
};

static void test_of_domain(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(domains); i++) {
        print_message("  %s\n", domains[i].domain);
        const ps_operator_info *info = ps_operator_get(ps_operator_of_domain(ps_span_of(domains[i].domain)));
        assert_string_equal(info->name, domains[i].name);
    }
}

// Every operator is found by its name, has a kind, and says where it is.
static void test_find(void **state)
{
    (void)state;
    assert_true(ps_operator_count() > 100);
    for (size_t i = 1; i < ps_operator_count(); i++) {
        const ps_operator_info *info = ps_operator_get((ps_operator)i);
        assert_int_equal(ps_operator_find(ps_span_of(info->name)), i);
        assert_true(info->kind > PS_OPERATOR_KIND_NONE && info->kind < PS_OPERATOR_KIND_COUNT);
        assert_true(strlen(ps_operator_kind_word(info->kind)) > 0);
        assert_true(strlen(info->region) > 0);
    }
    assert_int_equal(ps_operator_find(ps_span_of("nobody")), PS_OPERATOR_NONE);
    assert_int_equal(ps_operator_find(ps_span_of("")), PS_OPERATOR_NONE);
    assert_string_equal(ps_operator_get(UINT16_MAX)->name, "");
    assert_int_equal(ps_operator_get(ps_operator_find(ps_span_of("parklogic")))->kind, PS_OPERATOR_KIND_PARKING);
}

static ps_operator put(ps_domains *known, const char *domain, const char *servers)
{
    const ps_domain_answer answer = {.fact = {.verdict = PS_MAIL_DELIVERABLE, .reason = PS_REASON_MX},
                                     .servers = ps_span_of(servers)};
    ps_error err = {.status = PS_OK};
    uint32_t number = 0;

    assert_ok(ps_domains_add(known, ps_span_of(domain), &number, &err), &err);
    assert_ok(ps_domains_put(known, number, &answer, &err), &err);
    assert_span_equal(ps_domains_servers(known, number), known->keeps_servers ? servers : "");
    return ps_domains_taker(known, ps_span_of(domain));
}

// The best server says whose a domain is, unless the domain does.
static void test_domains_put(void **state)
{
    ps_error err = {.status = PS_OK};
    (void)state;

    for (int keeps = 0; keeps < 2; keeps++) {
        ps_domains known;
        assert_ok(ps_domains_open(&known, &err), &err);
        if (keeps == 1) assert_ok(ps_domains_keep_servers(&known, &err), &err);
        assert_int_equal(put(&known, "a.example", "aspmx.l.google.com mx.zoho.jp"),
                         ps_operator_find(ps_span_of("google_workspace")));
        assert_int_equal(put(&known, "b.example", "mx.b.example aspmx.l.google.com"), PS_OPERATOR_NONE);
        assert_int_equal(put(&known, "docomo.ne.jp", "mx.zoho.jp"), ps_operator_find(ps_span_of("docomo")));
        assert_int_equal(put(&known, "c.example", ""), PS_OPERATOR_NONE);
        assert_int_equal(ps_domains_taker(&known, ps_span_of("au.com")), ps_operator_find(ps_span_of("au_kddi")));
        assert_int_equal(ps_domains_taker(NULL, ps_span_of("au.com")), ps_operator_find(ps_span_of("au_kddi")));
        assert_int_equal(ps_domains_taker(NULL, ps_span_of("a.example")), PS_OPERATOR_NONE);
        ps_domains_close(&known);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_host),
        cmocka_unit_test(test_of_domain),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_domains_put),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
