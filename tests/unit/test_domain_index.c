// A look at many domains in no order: it says what looking each of them up says.
// layer: store

#include "store/domain_index.h"

#include "cache_fixture.h"

enum { DOMAINS = 60000 };

static opened open_cache(void)
{
    return open_cache_on(20003, 7);
}

static ps_span name_of(unsigned number)
{
    static char name[32];

    snprintf(name, sizeof name, "d%u.example", number);
    return ps_span_of(name);
}

// By the last digits of a domain's number.
static const struct {
    ps_mail_verdict verdict;
    ps_reason reason;
    int64_t asked_s; // so long ago
    ps_cached kind;
} kinds[] = {
    {PS_MAIL_DELIVERABLE, PS_REASON_MX, 0, PS_CACHED_FRESH},
    {PS_MAIL_DELIVERABLE, PS_REASON_MX, 8 * DAY_S, PS_CACHED_STALE_MAIL},
    {PS_MAIL_DELIVERABLE, PS_REASON_MX, 31 * DAY_S, PS_CACHED_NOTHING},
    {PS_MAIL_NONE, PS_REASON_NXDOMAIN, 0, PS_CACHED_FRESH},
    {PS_MAIL_NONE, PS_REASON_NXDOMAIN, 2 * DAY_S, PS_CACHED_STALE_NO_MAIL},
    {PS_MAIL_UNKNOWN, PS_REASON_SERVFAIL, 0, PS_CACHED_NOTHING},
    {PS_MAIL_DELIVERABLE, PS_REASON_MX, DAY_S, PS_CACHED_FRESH},
};

static ps_cached kind_of(unsigned number)
{
    return number < DOMAINS ? kinds[number % PS_COUNT_OF(kinds)].kind : PS_CACHED_NOTHING;
}

// More pages than who looks domains up keeps in memory.
static void fill(void)
{
    opened o = open_cache();
    ps_cache_entry entry;
    ps_error err;

    for (unsigned i = 0; i < DOMAINS; i++) {
        const ps_domain_answer answer = {
            .domain = name_of(i),
            .fact = {.verdict = kinds[i % PS_COUNT_OF(kinds)].verdict, .reason = kinds[i % PS_COUNT_OF(kinds)].reason},
            .servers = ps_span_of("mx1.mail.example mx2.mail.example mx3.mail.example mx4.mail.example"),
            .checked_s = clock_s - kinds[i % PS_COUNT_OF(kinds)].asked_s,
            .ttl_s = HOUR_S,
            .sources = 1};
        assert_ok(o.cache.keep(o.cache.context, &answer, &err), &err);
    }
    assert_ok(o.cache.vouch(o.cache.context, &err), &err);
    assert_ok(o.cache.find(o.cache.context, name_of(0), &entry, &err), &err);
    close_cache(&o);
    assert_true(count_in_state("SELECT count(*) FROM domain_pages") > PS_DOMAIN_PAGES_KEPT);
}

static void test_index(void **state)
{
    ps_domain_pages pages = {.slots = NULL};
    ps_domain_index index = {.marks = NULL};
    ps_error err;
    (void)state;

    ps_store *store = open_store();
    assert_ok(ps_domain_pages_open(store, &pages, &err), &err);
    assert_ok(ps_domain_index_read(&pages, clock_s, &index, &err), &err);
    for (unsigned i = 0; i < 2 * DOMAINS; i++)
        assert_int_equal(ps_domain_index_find(&index, ps_domain_key(name_of(i))), kind_of(i));
    ps_domain_index_close(&index);
    ps_domain_pages_close(&pages);
    ps_store_close(store);
}

// By its pages first, then by the index; also once the pages have changed.
static void test_glance(void **state)
{
    ps_error err;
    (void)state;

    opened o = open_cache();
    for (unsigned i = 0; i < 2 * DOMAINS; i++) {
        ps_cached kind;
        unsigned number = (unsigned)((uint64_t)i * 7919 % (2 * (uint64_t)DOMAINS));
        assert_ok(o.cache.glance(o.cache.context, name_of(number), &kind, &err), &err);
        assert_int_equal(kind, kind_of(number));
    }
    const ps_domain_answer answer = {.domain = ps_span_of("new.example"),
                                     .fact = {.verdict = PS_MAIL_DELIVERABLE, .reason = PS_REASON_MX},
                                     .checked_s = clock_s};
    assert_ok(o.cache.keep(o.cache.context, &answer, &err), &err);
    assert_ok(o.cache.resolvers(o.cache.context, "192.0.2.1", &err), &err); // another run begins
    ps_cached kind;
    assert_ok(o.cache.glance(o.cache.context, answer.domain, &kind, &err), &err);
    assert_int_equal(kind, PS_CACHED_FRESH);
    close_cache(&o);
}

// Whoever finds a page damaged says so, and takes nothing from it.
static void test_damage(void **state)
{
    ps_domain_pages pages = {.slots = NULL};
    ps_domain_index index = {.marks = NULL};
    ps_error err;
    (void)state;

    change_state("UPDATE domain_pages SET sum = zeroblob(16) WHERE first = (SELECT max(first) FROM domain_pages)");
    ps_store *store = open_store();
    assert_ok(ps_domain_pages_open(store, &pages, &err), &err);
    assert_int_equal(ps_domain_index_read(&pages, clock_s, &index, &err), PS_INPUT);
    assert_null(index.marks);
    assert_non_null(strstr(err.hint, "--cache clear"));
    ps_domain_pages_close(&pages);
    ps_store_close(store);
}

static int enter(void **state)
{
    if (enter_store(state) != 0) return -1;
    fill();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_index), cmocka_unit_test(test_glance),
        cmocka_unit_test(test_damage), // the last one
    };

    return cmocka_run_group_tests(tests, enter, leave_store);
}
