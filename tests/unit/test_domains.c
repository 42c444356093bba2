// What DNS, or a snapshot of it, says of each domain.
// layer: facts

#include <fcntl.h>
#include <unistd.h>

#include "assert.h"
#include "base/clock.h"
#include "base/memory.h"
#include "facts/domains.h"
#include "facts/operators.h"

static void test_add_and_find(void **state)
{
    ps_domains domains = {.capacity = 0};
    ps_error err = {.status = PS_OK};
    uint32_t number, again;
    char name[40];

    (void)state;
    assert_ok(ps_domains_open(&domains, &err), &err);
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "d%d.example", i);
        assert_ok(ps_domains_add(&domains, ps_span_of(name), &number, &err), &err);
        assert_int_equal(number, i);
        assert_int_equal(domains.facts[number].reason, PS_REASON_NOT_CHECKED);
        assert_int_equal(domains.facts[number].checked, PS_DAY_NONE);
        assert_int_equal(domains.rows[number], 0);
    }
    domains.facts[7].verdict = PS_MAIL_NONE;
    domains.rows[7] = 3;
    assert_ok(ps_domains_add(&domains, ps_span_of("d7.example"), &again, &err), &err);
    assert_int_equal(again, 7);
    assert_int_equal(domains.rows[7], 3);
    assert_int_equal(ps_domains_find(&domains, ps_span_of("d7.example"))->verdict, PS_MAIL_NONE);
    assert_int_equal(ps_domains_find(&domains, ps_span_of("never.example"))->verdict, PS_MAIL_UNKNOWN);
    assert_int_equal(ps_domains_find(&domains, ps_span_of("never.example"))->reason, PS_REASON_NOT_CHECKED);
    ps_domains_close(&domains);
    ps_domains_close(&domains);
}

// The snapshot's text as a file.
static ps_status load(const char *text, ps_domains *domains, ps_run_mx *mx, ps_error *err)
{
    char path[] = "/tmp/presend-test-snapshot-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
    assert_ok(ps_domains_open(domains, err), err);
    ps_status status = ps_snapshot_load(path, domains, mx, err);
    assert_int_equal(unlink(path), 0);
    return status;
}

static void test_snapshot(void **state)
{
    static const char text[] = "domain,verdict,reason,operator,mx,checked_at\r\n"
                               "example.jp,deliverable,mx,,mx.example.jp,2026-11-20T01:02:03Z\r\n"
                               "DEAD.Example.,no_mail,nxdomain,,,2026-10-01\r\n"
                               "slow.example,unknown,timeout,,,\r\n"
                               "implicit.example,deliverable,implicit_mx,,,2026-11-21\r\n"
                               "big.example,deliverable,mx_operator,google,aspmx.example,\r\n"
                               "example.jp,deliverable,mx,,,\r\n"
                               "xn--r8jz45g.jp,no_mail,null_mx,,,\r\n";
    ps_domains domains;
    ps_run_mx mx = {.queries = 7};
    ps_error err = {.status = PS_OK};

    (void)state;
    assert_ok(load(text, &domains, &mx, &err), &err);
    assert_int_equal(domains.names.count, 6);
    assert_int_equal(ps_domains_find(&domains, ps_span_of("example.jp"))->reason, PS_REASON_MX);
    assert_int_equal(ps_domains_find(&domains, ps_span_of("example.jp"))->verdict, PS_MAIL_DELIVERABLE);
    assert_int_equal(ps_domains_find(&domains, ps_span_of("example.jp"))->checked, ps_day_of(2026, 11, 20));
    assert_int_equal(ps_domains_find(&domains, ps_span_of("dead.example"))->reason, PS_REASON_NXDOMAIN);
    assert_int_equal(ps_domains_find(&domains, ps_span_of("dead.example"))->verdict, PS_MAIL_NONE);
    assert_int_equal(ps_domains_find(&domains, ps_span_of("slow.example"))->reason, PS_REASON_TIMEOUT);
    assert_int_equal(ps_domains_find(&domains, ps_span_of("implicit.example"))->reason, PS_REASON_IMPLICIT_MX);
    assert_int_equal(ps_domains_find(&domains, ps_span_of("xn--r8jz45g.jp"))->reason, PS_REASON_NULL_MX);
    assert_int_equal(mx.snapshot_oldest, ps_day_of(2026, 10, 1));
    assert_int_equal(mx.snapshot_newest, ps_day_of(2026, 11, 21));
    assert_int_equal(mx.queries, 7);
    ps_domains_close(&domains);
}

static void test_two_columns_are_enough(void **state)
{
    ps_domains domains;
    ps_run_mx mx = {.queries = 0};
    ps_error err = {.status = PS_OK};

    (void)state;
    assert_ok(
        load("verdict,domain\nno_mail,a.example\ndeliverable,b.example\nunknown,c.example\n", &domains, &mx, &err),
        &err);
    assert_int_equal(ps_domains_find(&domains, ps_span_of("a.example"))->verdict, PS_MAIL_NONE);
    assert_int_equal(ps_domains_find(&domains, ps_span_of("b.example"))->verdict, PS_MAIL_DELIVERABLE);
    assert_int_equal(ps_domains_find(&domains, ps_span_of("c.example"))->reason, PS_REASON_NOT_CHECKED);
    assert_int_equal(mx.snapshot_oldest, PS_DAY_NONE);
    ps_domains_close(&domains);
}

static const char *taker_name(const ps_domains *domains, const char *name)
{
    return ps_operator_get(ps_domains_taker(domains, ps_span_of(name)))->name;
}

// Who takes the mail: as the snapshot says, else by the best server, else by the domain itself.
static void test_operators(void **state)
{
    static const char text[] = "domain,verdict,operator,mx\n"
                               "named.example,deliverable,fastmail,mx.zoho.com\n"
                               "newer.example,deliverable,operator_of_tomorrow,MX.Zoho.COM mx2.example\n"
                               "server.example,deliverable,,mx.zoho.com\n"
                               "odd.example,deliverable,,\"mx,zoho.com\"\n"
                               "docomo.ne.jp,deliverable,,mx.zoho.com\n"
                               "slow.example,unknown,,\n";
    ps_domains domains;
    ps_run_mx mx = {.queries = 0};
    ps_error err = {.status = PS_OK};

    (void)state;
    assert_ok(load(text, &domains, &mx, &err), &err);
    assert_string_equal(taker_name(&domains, "named.example"), "fastmail");
    assert_string_equal(taker_name(&domains, "newer.example"), "zoho");
    assert_string_equal(taker_name(&domains, "server.example"), "zoho");
    assert_string_equal(taker_name(&domains, "odd.example"), "");
    assert_string_equal(taker_name(&domains, "docomo.ne.jp"), "docomo");
    assert_string_equal(taker_name(&domains, "slow.example"), "");
    assert_string_equal(taker_name(&domains, "other.example"), "");
    ps_domains_close(&domains);
}

static void put(ps_domains *domains, const char *name, const ps_domain_fact *fact, const char *servers)
{
    const ps_domain_answer answer = {.fact = *fact, .servers = ps_span_of(servers)};
    ps_error err = {.status = PS_OK};
    uint32_t number = 0;

    assert_ok(ps_domains_add(domains, ps_span_of(name), &number, &err), &err);
    assert_ok(ps_domains_put(domains, number, &answer, &err), &err);
}

static void test_write(void **state)
{
    static const char expected[] =
        "domain,verdict,reason,operator,mx,checked_at\n"
        "a.example,no_mail,nxdomain,,,2026-11-20\n"
        "b.example,deliverable,mx,google_workspace,aspmx.l.google.com mx2.example,2026-11-20\n"
        "docomo.ne.jp,unknown,servfail,docomo,,2026-11-20\n";
    const ps_day day = ps_day_of(2026, 11, 20);
    char path[] = "/tmp/presend-test-snapshot-XXXXXX", text[1024] = "";
    const ps_snapshot_file to = {mkstemp(path), path};
    ps_domains domains, loaded;
    ps_run_mx mx = {.queries = 0};
    ps_error err = {.status = PS_OK};
    uint32_t number;

    (void)state;
    assert_ok(ps_domains_open(&domains, &err), &err);
    assert_ok(ps_domains_keep_servers(&domains, &err), &err);
    put(&domains, "b.example",
        &(ps_domain_fact){
            .verdict = PS_MAIL_DELIVERABLE, .reason = PS_REASON_MX, .warnings = PS_FIND(MX_CNAME), .checked = day},
        "aspmx.l.google.com mx2.example");
    put(&domains, "docomo.ne.jp",
        &(ps_domain_fact){.verdict = PS_MAIL_UNKNOWN, .reason = PS_REASON_SERVFAIL, .checked = day}, "");
    put(&domains, "a.example", &(ps_domain_fact){.verdict = PS_MAIL_NONE, .reason = PS_REASON_NXDOMAIN, .checked = day},
        "");
    assert_ok(ps_domains_add(&domains, ps_span_of("late.example"), &number, &err), &err); // not checked: not written
    assert_ok(ps_snapshot_write(&domains, &to, &err), &err);
    assert_int_equal(pread(to.fd, text, sizeof text - 1, 0), (ssize_t)strlen(expected));
    assert_string_equal(text, expected);

    assert_ok(ps_domains_open(&loaded, &err), &err);
    assert_ok(ps_snapshot_load(path, &loaded, &mx, &err), &err);
    assert_int_equal(loaded.names.count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        const ps_domain_fact *fact = ps_domains_find(&domains, ps_intern_text(&loaded.names, i));
        assert_int_equal(loaded.facts[i].verdict, fact->verdict);
        assert_int_equal(loaded.facts[i].reason, fact->reason);
        assert_int_equal(loaded.facts[i].taker, fact->taker);
        assert_int_equal(loaded.facts[i].checked, fact->checked);
    }
    ps_domains_close(&domains);
    ps_domains_close(&loaded);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(close(to.fd), 0);
}

// More than one write holds, and a disk that is full.
static void test_write_much(void **state)
{
    enum { MANY = 3000 };
    char path[] = "/tmp/presend-test-snapshot-XXXXXX", name[40];
    const ps_snapshot_file to = {mkstemp(path), path}, full = {open("/dev/full", O_WRONLY), "/dev/full"};
    ps_domains domains, loaded;
    ps_run_mx mx = {.queries = 0};
    ps_error err = {.status = PS_OK};

    (void)state;
    assert_ok(ps_domains_open(&domains, &err), &err);
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "a-rather-long-name-%d.example", i);
        put(&domains, name, &(ps_domain_fact){.verdict = PS_MAIL_DELIVERABLE, .reason = PS_REASON_MX, .checked = 20000},
            "");
    }
    assert_ok(ps_snapshot_write(&domains, &to, &err), &err);
    assert_int_equal(ps_snapshot_write(&domains, &full, &err), PS_IO);
    assert_ok(ps_domains_open(&loaded, &err), &err);
    assert_ok(ps_snapshot_load(path, &loaded, &mx, &err), &err);
    assert_int_equal(loaded.names.count, MANY);
    ps_domains_close(&domains);
    ps_domains_close(&loaded);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(close(to.fd), 0);
    assert_int_equal(close(full.fd), 0);
}

static void test_bad_snapshots(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"domain,verdict\na.example,deliverable\na.example,no_mail\n", "two verdicts"},
        {"domain,verdict\na.example,fine\n", "no verdict"},
        {"domain,verdict\na.example,\n", "no verdict"},
        {"domain,verdict,reason\na.example,no_mail,dormant\n", "no reason of a domain"},
        {"domain,verdict,reason\na.example,no_mail,mx\n", "contradicts"},
        {"domain,verdict,reason\na.example,deliverable,nxdomain\n", "contradicts"},
        {"domain,verdict,reason\na.example,unknown,nxdomain\n", "contradicts"},
        {"domain,verdict,reason\na.example,no_mail,timeout\n", "contradicts"},
        {"domain,verdict,checked_at\na.example,no_mail,soon\n", "no date"},
        {"domain,verdict\na..example,no_mail\n", "no domain"},
        {"domain,verdict\n.example,no_mail\n", "no domain"},
        {"domain,verdict\nx@a.example,no_mail\n", "no domain"},
        {"domain,verdict\n例え.jp,no_mail\n", "no domain"},
        {"domain,verdict\n,no_mail\n", "no domain"},
        {"domain,verdict\na.example,no_mail,mx\n", "cells"},
        {"domain,status\na.example,no_mail\n", "`verdict`"},
        {"name,verdict\na.example,no_mail\n", "`domain`"},
        {"domain,verdict\n", "no domain"},
        {"domain,verdict\n\"a.example,no_mail\n", "quote"},
    };

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_domains domains;
        ps_run_mx mx = {.queries = 0};
        ps_error err = {.status = PS_OK};
        print_message("  %s\n", cases[i].text);
        assert_int_equal(load(cases[i].text, &domains, &mx, &err), PS_INPUT);
        if (strstr(err.text, cases[i].says) == NULL) fail_msg("%s", err.text);
        assert_null(mx.snapshot);
        ps_domains_close(&domains);
    }
}

static void test_missing_snapshot(void **state)
{
    ps_domains domains;
    ps_run_mx mx = {.queries = 0};
    ps_error err = {.status = PS_OK};

    (void)state;
    assert_ok(ps_domains_open(&domains, &err), &err);
    assert_int_equal(ps_snapshot_load("/nonexistent/mx.csv", &domains, &mx, &err), PS_MISSING);
    ps_domains_close(&domains);
}

// Memory that runs out at any point of a load is said, and nothing is left behind.
static void test_no_memory(void **state)
{
    ps_status status = PS_RETRY;
    unsigned long n = 0;

    (void)state;
    while (status != PS_OK && ++n < 200) {
        ps_domains domains = {.capacity = 0};
        ps_run_mx mx = {.queries = 0};
        ps_error err = {.status = PS_OK};
        char path[] = "/tmp/presend-test-snapshot-XXXXXX";
        static const char text[] = "domain,verdict\na.example,no_mail\nb.example,deliverable\n";
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, sizeof text - 1), (ssize_t)sizeof text - 1);
        close(fd);
        assert_ok(ps_domains_open(&domains, &err), &err);
        ps_memory_fail_at(n, 0);
        status = ps_snapshot_load(path, &domains, &mx, &err);
        ps_memory_fail_at(0, 0);
        unlink(path);
        if (status != PS_OK) assert_int_equal(status, PS_RETRY);
        if (status == PS_OK) assert_int_equal(domains.names.count, 2);
        ps_domains_close(&domains);
    }
    assert_int_equal(status, PS_OK);
    assert_true(n > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_and_find),
        cmocka_unit_test(test_snapshot),
        cmocka_unit_test(test_two_columns_are_enough),
        cmocka_unit_test(test_bad_snapshots),
        cmocka_unit_test(test_missing_snapshot),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_operators),
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_write_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
