// The cache of domains in the state file: lifetimes, failures, the past.
// layer: store

#include "store/domains.h"

#include "cache_fixture.h"

static opened open_cache(void)
{
    return open_cache_on(20003, 7);
}

static void keep(opened *o, const char *domain, ps_mail_verdict verdict, ps_reason reason, uint32_t ttl_s)
{
    const ps_domain_answer answer = {.domain = ps_span_of(domain),
                                     .fact = {.verdict = verdict, .reason = reason},
                                     .servers = ps_span_of(verdict == PS_MAIL_DELIVERABLE ? "mx1.a.example mx2" : ""),
                                     .checked_s = clock_s,
                                     .ttl_s = ttl_s,
                                     .sources = 2};
    ps_error err = {.status = PS_OK};

    assert_ok(o->cache.keep(o->cache.context, &answer, &err), &err);
}

// Another run, which finds what this one left.
static void begin_anew(opened *o)
{
    close_cache(o);
    *o = open_cache_on(o->as_of, 7);
}

// Believed from the next run on.
static void settle(opened *o)
{
    ps_error err = {.status = PS_OK};

    assert_ok(o->cache.vouch(o->cache.context, &err), &err);
    begin_anew(o);
}

// On disk.
static void flush(opened *o)
{
    ps_error err = {.status = PS_OK};

    assert_ok(o->cache.flush(o->cache.context, &err), &err);
    begin_anew(o);
}

static ps_cache_entry find(opened *o, const char *domain)
{
    ps_cache_entry entry;
    ps_error err = {.status = PS_OK};

    assert_ok(o->cache.find(o->cache.context, ps_span_of(domain), &entry, &err), &err);
    return entry;
}

static const struct {
    const char *name;
    ps_mail_verdict verdict;
    ps_reason reason;
    uint32_t ttl_s;
    int64_t later_s;
    ps_cached expected;
} lifetimes[] = {
    {"takes mail, just asked", PS_MAIL_DELIVERABLE, PS_REASON_MX, 60, 0, PS_CACHED_FRESH},
    {"takes mail, within its days", PS_MAIL_DELIVERABLE, PS_REASON_MX, 60, 7 * DAY_S - 1, PS_CACHED_FRESH},
    {"takes mail, whatever its TTL", PS_MAIL_DELIVERABLE, PS_REASON_MX, 90 * DAY_S, 7 * DAY_S, PS_CACHED_STALE_MAIL},
    {"took mail 30 days ago", PS_MAIL_DELIVERABLE, PS_REASON_MX, 60, 30 * DAY_S, PS_CACHED_STALE_MAIL},
    {"took mail longer ago", PS_MAIL_DELIVERABLE, PS_REASON_MX, 60, 30 * DAY_S + 1, PS_CACHED_NOTHING},
    {"no mail, no TTL", PS_MAIL_NONE, PS_REASON_NXDOMAIN, 0, HOUR_S - 1, PS_CACHED_FRESH},
    {"no mail, a TTL of a minute", PS_MAIL_NONE, PS_REASON_NXDOMAIN, 60, HOUR_S - 1, PS_CACHED_FRESH},
    {"no mail, an hour later", PS_MAIL_NONE, PS_REASON_NXDOMAIN, 60, HOUR_S, PS_CACHED_STALE_NO_MAIL},
    {"no mail, within its TTL", PS_MAIL_NONE, PS_REASON_NULL_MX, 2 * HOUR_S, 2 * HOUR_S - 1, PS_CACHED_FRESH},
    {"no mail, past its TTL", PS_MAIL_NONE, PS_REASON_NULL_MX, 2 * HOUR_S, 2 * HOUR_S, PS_CACHED_STALE_NO_MAIL},
    {"no mail, a TTL of a week", PS_MAIL_NONE, PS_REASON_NODATA, 7 * DAY_S, DAY_S, PS_CACHED_STALE_NO_MAIL},
    {"no mail, long ago", PS_MAIL_NONE, PS_REASON_NODATA, 60, 365 * DAY_S, PS_CACHED_STALE_NO_MAIL},
    {"a clock set back by an hour", PS_MAIL_DELIVERABLE, PS_REASON_MX, 60, -HOUR_S, PS_CACHED_FRESH},
    {"a clock set back by years", PS_MAIL_DELIVERABLE, PS_REASON_MX, 60, -1000 * DAY_S, PS_CACHED_STALE_MAIL},
    {"a clock set back by years, no mail", PS_MAIL_NONE, PS_REASON_NODATA, 60, -1000 * DAY_S, PS_CACHED_STALE_NO_MAIL},
    {"not told", PS_MAIL_UNKNOWN, PS_REASON_SERVFAIL, 60, 0, PS_CACHED_NOTHING},
};

static void test_lifetimes(void **state)
{
    const int64_t asked_s = 20000 * (int64_t)DAY_S;

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(lifetimes); i++) {
        opened o = open_cache();
        print_message("  %s\n", lifetimes[i].name);
        clock_s = asked_s;
        keep(&o, "a.example", lifetimes[i].verdict, lifetimes[i].reason, lifetimes[i].ttl_s);
        settle(&o);
        clock_s = asked_s + lifetimes[i].later_s;
        ps_cache_entry entry = find(&o, "a.example");
        assert_int_equal(entry.kind, lifetimes[i].expected);
        assert_int_equal(entry.answer.fact.cached, entry.kind != PS_CACHED_NOTHING);
        close_cache(&o);
        remove_state();
    }
}

// Another process finds what this one kept.
static void test_whole_answer(void **state)
{
    const ps_findings warnings = PS_FIND(MX_PARTIAL) | PS_FIND(MX_CNAME);
    ps_error err = {.status = PS_OK};
    ps_domain_answer answer = {
        .domain = ps_span_of("xn--r8jz45g.jp"),
        .fact = {.verdict = PS_MAIL_DELIVERABLE, .reason = PS_REASON_IMPLICIT_MX, .warnings = warnings, .checked = 0},
        .servers = ps_span_of("aspmx.l.google.com mx2.a.example"),
        .ttl_s = 300,
        .sources = 3};

    (void)state;
    opened o = open_cache();
    answer.checked_s = clock_s = 20000 * (int64_t)DAY_S + 5;
    assert_int_equal(find(&o, "xn--r8jz45g.jp").kind, PS_CACHED_NOTHING);
    assert_ok(o.cache.resolvers(o.cache.context, "192.0.2.1 192.0.2.2", &err), &err);
    assert_ok(o.cache.keep(o.cache.context, &answer, &err), &err);
    assert_ok(o.cache.flush(o.cache.context, &err), &err);
    close_cache(&o);

    o = open_cache();
    ps_cache_entry entry = find(&o, "xn--r8jz45g.jp");
    assert_int_equal(entry.kind, PS_CACHED_FRESH);
    assert_span_equal(entry.answer.domain, "xn--r8jz45g.jp");
    assert_span_equal(entry.answer.servers, "aspmx.l.google.com mx2.a.example");
    assert_int_equal(entry.answer.checked_s, clock_s);
    assert_int_equal(entry.answer.fact.checked, 20000);
    assert_int_equal(entry.answer.ttl_s, 300);
    assert_int_equal(entry.answer.sources, 3);
    assert_int_equal(entry.answer.fact.verdict, PS_MAIL_DELIVERABLE);
    assert_int_equal(entry.answer.fact.reason, PS_REASON_IMPLICIT_MX);
    assert_findings_equal(entry.answer.fact.warnings, warnings);
    assert_int_equal(entry.answer.fact.past, 0);
    assert_true(entry.answer.fact.cached);
    assert_int_equal(find(&o, "r8jz45g.jp").kind, PS_CACHED_NOTHING);
    assert_int_equal(find(&o, "").kind, PS_CACHED_NOTHING);
    close_cache(&o);
}

// A run that ended before somebody vouched for it leaves no removals behind.
static void test_vouch(void **state)
{
    (void)state;
    opened o = open_cache();
    keep(&o, "gone.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN, DAY_S);
    keep(&o, "there.example", PS_MAIL_DELIVERABLE, PS_REASON_MX, DAY_S);
    flush(&o);
    assert_int_equal(find(&o, "gone.example").kind, PS_CACHED_NOTHING);
    assert_int_equal(find(&o, "there.example").kind, PS_CACHED_FRESH);
    settle(&o);
    assert_int_equal(find(&o, "gone.example").kind, PS_CACHED_NOTHING); // it was the run before that said so
    keep(&o, "gone.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN, DAY_S);
    settle(&o);
    assert_int_equal(find(&o, "gone.example").kind, PS_CACHED_FRESH);
    keep(&o, "gone.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN, DAY_S); // asked anew by another run, which was killed
    flush(&o);
    assert_int_equal(find(&o, "gone.example").kind, PS_CACHED_NOTHING);
    close_cache(&o);
}

// Several times in one run: what was vouched for once stays so, whatever comes later.
static void test_vouch_in_pieces(void **state)
{
    ps_error err = {.status = PS_OK};

    (void)state;
    opened o = open_cache();
    keep(&o, "first.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN, DAY_S);
    assert_ok(o.cache.flush(o.cache.context, &err), &err);
    keep(&o, "second.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN, DAY_S);
    assert_ok(o.cache.vouch(o.cache.context, &err), &err);
    keep(&o, "lie.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN, DAY_S);
    assert_ok(o.cache.doubt(o.cache.context, &err), &err);
    keep(&o, "third.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN, DAY_S);
    assert_ok(o.cache.vouch(o.cache.context, &err), &err);
    keep(&o, "last.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN, DAY_S);
    keep(&o, "first.example", PS_MAIL_UNKNOWN, PS_REASON_SERVFAIL, DAY_S);
    flush(&o);
    assert_int_equal(find(&o, "first.example").kind, PS_CACHED_FRESH);
    assert_int_equal(find(&o, "first.example").failures, 1);
    assert_int_equal(find(&o, "second.example").kind, PS_CACHED_FRESH);
    assert_int_equal(find(&o, "lie.example").kind, PS_CACHED_NOTHING);
    assert_int_equal(find(&o, "third.example").kind, PS_CACHED_FRESH);
    assert_int_equal(find(&o, "last.example").kind, PS_CACHED_NOTHING);
    close_cache(&o);
}

// Two runs of one process: the second one finds what the first one left, vouched for or not.
static void test_second_run(void **state)
{
    ps_error err = {.status = PS_OK};

    (void)state;
    opened o = open_cache();
    for (unsigned run = 0; run < 2; run++) {
        assert_ok(o.cache.resolvers(o.cache.context, "192.0.2.1", &err), &err);
        assert_int_equal(find(&o, "there.example").kind, run == 0 ? PS_CACHED_NOTHING : PS_CACHED_FRESH);
        assert_int_equal(find(&o, "gone.example").kind, PS_CACHED_NOTHING);
        keep(&o, "gone.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN, DAY_S);
        keep(&o, "there.example", PS_MAIL_DELIVERABLE, PS_REASON_MX, DAY_S);
        assert_int_equal(find(&o, "there.example").kind, run == 0 ? PS_CACHED_NOTHING : PS_CACHED_FRESH);
    }
    settle(&o);
    assert_int_equal(find(&o, "gone.example").kind, PS_CACHED_FRESH);
    close_cache(&o);
}

// What resolvers said that turned out to lie, or that nobody looked at again: whoever vouches later does not mean that.
static void test_doubt(void **state)
{
    ps_error err = {.status = PS_OK};

    (void)state;
    opened o = open_cache();
    keep(&o, "sure.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN, DAY_S);
    settle(&o);
    keep(&o, "lie.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN, DAY_S);
    assert_ok(o.cache.doubt(o.cache.context, &err), &err);
    keep(&o, "honest.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN, DAY_S);
    settle(&o);
    assert_int_equal(find(&o, "lie.example").kind, PS_CACHED_NOTHING);
    assert_int_equal(find(&o, "honest.example").kind, PS_CACHED_FRESH);
    assert_int_equal(find(&o, "sure.example").kind, PS_CACHED_FRESH);

    // The run ends here, and another one begins.
    keep(&o, "killed.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN, DAY_S);
    flush(&o);
    assert_ok(o.cache.resolvers(o.cache.context, "192.0.2.1", &err), &err);
    settle(&o);
    assert_int_equal(find(&o, "killed.example").kind, PS_CACHED_NOTHING);
    assert_int_equal(find(&o, "sure.example").kind, PS_CACHED_FRESH);
    close_cache(&o);
}

static const struct {
    ps_reason reason;
    unsigned counted;
} failures[] = {
    {PS_REASON_SERVFAIL, 1},      {PS_REASON_TIMEOUT_AUTH, 1},      {PS_REASON_DNSSEC_BOGUS, 1},
    {PS_REASON_ADDR_TIMEOUT, 1},  {PS_REASON_CNAME_LOOP, 1},        {PS_REASON_TIMEOUT, 0},
    {PS_REASON_RESOLVER_DOWN, 0}, {PS_REASON_RESOLVER_FILTERED, 0}, {PS_REASON_RESOLVER_LIES, 0},
    {PS_REASON_REFUSED, 0},       {PS_REASON_NOT_CHECKED, 0},
};

// A failure leaves the older answer as it is, and an answer ends the failures.
static void test_failures(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(failures); i++) {
        opened o = open_cache();
        clock_s = 20000 * (int64_t)DAY_S;
        keep(&o, "a.example", PS_MAIL_DELIVERABLE, PS_REASON_MX, 60);
        settle(&o);
        for (int run = 0; run < 3; run++) {
            clock_s += DAY_S;
            keep(&o, "a.example", PS_MAIL_UNKNOWN, failures[i].reason, 0);
            keep(&o, "b.example", PS_MAIL_UNKNOWN, failures[i].reason, 0);
            settle(&o);
        }
        ps_cache_entry known = find(&o, "a.example"), never = find(&o, "b.example");
        assert_int_equal(known.kind, PS_CACHED_FRESH);
        assert_int_equal(never.kind, PS_CACHED_NOTHING);
        assert_int_equal(known.failures, 3 * failures[i].counted);
        assert_int_equal(never.failures, 3 * failures[i].counted);
        assert_int_equal(known.first_failed_s, failures[i].counted * (20001 * (int64_t)DAY_S));
        keep(&o, "a.example", PS_MAIL_NONE, PS_REASON_NODATA, 60);
        settle(&o);
        known = find(&o, "a.example");
        assert_int_equal(known.failures, 0);
        assert_int_equal(known.first_failed_s, 0);
        assert_int_equal(known.answer.fact.verdict, PS_MAIL_NONE);
        assert_int_equal(known.answer.servers.len, 0);
        close_cache(&o);
        remove_state();
    }
}

static void add(ps_domains *run, const char *domain, ps_mail_verdict verdict, ps_reason reason)
{
    ps_error err = {.status = PS_OK};
    uint32_t number = 0;

    assert_ok(ps_domains_add(run, ps_span_of(domain), &number, &err), &err);
    run->rows[number] = 1;
    run->facts[number].verdict = verdict;
    run->facts[number].reason = reason;
}

// Only a published run makes a domain known.
static void test_past(void **state)
{
    ps_error err = {.status = PS_OK};
    ps_domains run;

    (void)state;
    opened o = open_cache();
    assert_ok(ps_domains_open(&run, &err), &err);
    add(&run, "mail.example", PS_MAIL_DELIVERABLE, PS_REASON_MX);
    add(&run, "dead.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN);
    add(&run, "slow.example", PS_MAIL_UNKNOWN, PS_REASON_TIMEOUT);
    add(&run, "late.example", PS_MAIL_UNKNOWN, PS_REASON_NOT_CHECKED);
    add(&run, "else.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN);
    run.rows[4] = 0; // a snapshot knew it, and no row had it
    keep(&o, "mail.example", PS_MAIL_DELIVERABLE, PS_REASON_MX, 60);
    settle(&o);
    const test_run first = {.number = 1, .as_of = 20000, .domains = &run};
    const test_run second = {.number = 2, .as_of = 20000, .domains = &run};
    assert_ok(prepare_run(o.store, &first, &err), &err); // kept back by a guard, and never published
    assert_int_equal(find(&o, "mail.example").answer.fact.past, 0);
    assert_ok(ps_store_drop(o.store, "00000000-0000-4000-8000-000000000001", &err), &err);
    assert_int_equal(find(&o, "mail.example").answer.fact.past, 0);
    add_run(o.store, &second);
    ps_domains_close(&run);
    close_cache(&o);

    o = open_cache();
    assert_int_equal(find(&o, "mail.example").answer.fact.past, PS_PAST_SEEN | PS_PAST_MAIL);
    assert_int_equal(find(&o, "mail.example").kind, PS_CACHED_FRESH);
    assert_int_equal(find(&o, "dead.example").answer.fact.past, PS_PAST_SEEN);
    assert_int_equal(find(&o, "dead.example").kind, PS_CACHED_NOTHING);
    assert_int_equal(find(&o, "slow.example").answer.fact.past, PS_PAST_SEEN);
    assert_int_equal(find(&o, "late.example").answer.fact.past, 0);
    assert_int_equal(find(&o, "else.example").answer.fact.past, 0);
    keep(&o, "mail.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN, 60); // its past stays what it was
    settle(&o);
    assert_int_equal(find(&o, "mail.example").answer.fact.past, PS_PAST_SEEN | PS_PAST_MAIL);

    // Published without its mail, it is asked about no more; what could not be told changes nothing.
    assert_ok(ps_domains_open(&run, &err), &err);
    add(&run, "mail.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN);
    run.facts[0].past = PS_PAST_SEEN | PS_PAST_MAIL;
    add_run(o.store, &(test_run){.number = 3, .as_of = 20001, .domains = &run});
    begin_anew(&o);
    assert_int_equal(find(&o, "mail.example").answer.fact.past, PS_PAST_SEEN);
    run.facts[0] = (ps_domain_fact){.verdict = PS_MAIL_UNKNOWN, .reason = PS_REASON_TIMEOUT, .past = PS_PAST_SEEN};
    add_run(o.store, &(test_run){.number = 4, .as_of = 20002, .domains = &run});
    begin_anew(&o);
    assert_int_equal(find(&o, "mail.example").answer.fact.past, PS_PAST_SEEN);
    ps_domains_close(&run);
    close_cache(&o);
}

// A run made again on its day is judged as it was, whatever was published that day.
static void test_past_of_the_day(void **state)
{
    static const struct {
        ps_day as_of;
        unsigned past;
    } seen[] = {{20001, PS_PAST_SEEN | PS_PAST_MAIL}, {20002, PS_PAST_SEEN}};
    ps_error err = {.status = PS_OK};
    ps_domains run;
    opened o = open_cache();

    (void)state;
    assert_ok(ps_domains_open(&run, &err), &err);
    add(&run, "mail.example", PS_MAIL_DELIVERABLE, PS_REASON_MX);
    add_run(o.store, &(test_run){.number = 1, .as_of = 20000, .domains = &run});
    run.facts[0] =
        (ps_domain_fact){.verdict = PS_MAIL_NONE, .reason = PS_REASON_NXDOMAIN, .past = PS_PAST_SEEN | PS_PAST_MAIL};
    add_run(o.store, &(test_run){.number = 2, .as_of = 20001, .domains = &run});
    add_run(o.store, &(test_run){.number = 3, .as_of = 20001, .domains = &run});
    ps_domains_close(&run);
    close_cache(&o);
    for (size_t i = 0; i < PS_COUNT_OF(seen); i++) {
        o = open_cache_on(seen[i].as_of, 7);
        assert_int_equal(find(&o, "mail.example").answer.fact.past, seen[i].past);
        close_cache(&o);
    }
}

static const struct {
    const char *name;
    ps_mail_verdict verdict; // as it was kept
    ps_reason reason;
    int64_t later_s;
    ps_mail_verdict recalled, fallen_back; // before and after DNS failed
    bool stale;
} recalls[] = {
    {"fresh", PS_MAIL_DELIVERABLE, PS_REASON_MX, DAY_S, PS_MAIL_DELIVERABLE, PS_MAIL_DELIVERABLE, false},
    {"stale", PS_MAIL_DELIVERABLE, PS_REASON_MX, 8 * DAY_S, PS_MAIL_UNKNOWN, PS_MAIL_DELIVERABLE, true},
    {"too old", PS_MAIL_DELIVERABLE, PS_REASON_MX, 31 * DAY_S, PS_MAIL_UNKNOWN, PS_MAIL_UNKNOWN, false},
    {"no mail", PS_MAIL_NONE, PS_REASON_NXDOMAIN, HOUR_S / 2, PS_MAIL_NONE, PS_MAIL_NONE, false},
    {"no mail any more", PS_MAIL_NONE, PS_REASON_NXDOMAIN, HOUR_S, PS_MAIL_UNKNOWN, PS_MAIL_UNKNOWN, false},
};

// What stands before DNS is asked, after it failed, and where nobody may be asked at all.
static void test_recall(void **state)
{
    static const volatile int never = 0, stop = 2;
    const int64_t asked_s = 20000 * (int64_t)DAY_S;
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(recalls); i++) {
        ps_domains domains;
        ps_resolver offline;
        ps_run_mx mx = {.queries = 0};
        ps_cache_entry entry;
        ps_error err = {.status = PS_OK};
        opened o = open_cache();
        print_message("  %s\n", recalls[i].name);
        clock_s = asked_s;
        keep(&o, "a.example", recalls[i].verdict, recalls[i].reason, 60);
        settle(&o);
        clock_s = asked_s + recalls[i].later_s;
        assert_ok(ps_domains_open(&domains, &err), &err);
        add(&domains, "a.example", PS_MAIL_UNKNOWN, PS_REASON_NOT_CHECKED);
        add(&domains, "b.example", PS_MAIL_UNKNOWN, PS_REASON_NOT_CHECKED);
        assert_ok(ps_domain_cache_recall(&o.cache, &domains, 0, &entry, &err), &err);
        assert_int_equal(domains.facts[0].verdict, recalls[i].recalled);
        assert_int_equal(domains.facts[0].cached, entry.kind == PS_CACHED_FRESH);
        if (entry.kind != PS_CACHED_FRESH) {
            assert_ok(ps_domain_cache_fall_back(&o.cache, &domains, 0, &err), &err);
        }
        assert_int_equal(domains.facts[0].verdict, recalls[i].fallen_back);
        assert_int_equal(ps_findings_has(domains.facts[0].warnings, PS_REASON_STALE), recalls[i].stale);
        ps_domains_close(&domains);

        assert_ok(ps_domains_open(&domains, &err), &err);
        add(&domains, "b.example", PS_MAIL_UNKNOWN, PS_REASON_NOT_CHECKED);
        add(&domains, "a.example", PS_MAIL_UNKNOWN, PS_REASON_NOT_CHECKED);
        add(&domains, "known.example", PS_MAIL_NONE, PS_REASON_NODATA); // from a snapshot
        ps_domain_cache_resolver(&o.cache, &offline);
        assert_int_equal(offline.resolve(offline.context, &domains, &stop, &mx, &err), PS_INTERRUPTED);
        assert_ok(offline.resolve(offline.context, &domains, &never, &mx, &err), &err);
        assert_int_equal(domains.facts[0].reason, PS_REASON_NOT_CHECKED);
        assert_int_equal(domains.facts[1].verdict, recalls[i].fallen_back);
        assert_int_equal(domains.facts[2].reason, PS_REASON_NODATA);
        assert_int_equal(mx.queries, 0);
        ps_domain_cache_resolver(NULL, &offline);
        assert_ok(offline.resolve(offline.context, &domains, &never, &mx, &err), &err);
        assert_int_equal(domains.facts[0].reason, PS_REASON_NOT_CHECKED);
        ps_domains_close(&domains);
        close_cache(&o);
        remove_state();
    }
}

typedef struct listed {
    char names[256], resolvers[64];
    size_t count;
} listed;

static ps_status note_line(void *context, const ps_domain_line *line, ps_error *err)
{
    listed *out = context;
    size_t len = strlen(out->names);

    snprintf(out->names + len, sizeof out->names - len, "%.*s %d; ", (int)line->entry.answer.domain.len,
             line->entry.answer.domain.bytes, (int)line->entry.kind);
    if (line->resolvers[0] != '\0') snprintf(out->resolvers, sizeof out->resolvers, "%s", line->resolvers);
    out->count++;
    return out->count == 3 ? ps_error_set(err, PS_INTERRUPTED, "enough") : PS_OK;
}

static void test_list_and_clear(void **state)
{
    ps_error err = {.status = PS_OK};
    ps_domains run;
    listed out = {.count = 0};
    uint64_t count = 0;

    (void)state;
    opened o = open_cache();
    assert_ok(o.cache.resolvers(o.cache.context, "192.0.2.1", &err), &err);
    keep(&o, "b.example", PS_MAIL_DELIVERABLE, PS_REASON_MX, 60);
    assert_ok(o.cache.vouch(o.cache.context, &err), &err);
    keep(&o, "a.example", PS_MAIL_NONE, PS_REASON_NXDOMAIN, 60); // not flushed, nor vouched for
    assert_ok(ps_domain_store_each(o.domains, note_line, &out, &err), &err);
    assert_string_equal(out.names, "b.example 1; "); // nobody can vouch for the other one any more
    assert_string_equal(out.resolvers, "192.0.2.1");

    keep(&o, "c.example", PS_MAIL_UNKNOWN, PS_REASON_SERVFAIL, 0);
    keep(&o, "d.example", PS_MAIL_DELIVERABLE, PS_REASON_MX, 0);
    keep(&o, "e.example", PS_MAIL_DELIVERABLE, PS_REASON_MX, 0);
    out = (listed){.count = 0};
    assert_int_equal(ps_domain_store_each(o.domains, note_line, &out, &err), PS_INTERRUPTED);
    assert_string_equal(out.names, "b.example 1; c.example 0; d.example 1; ");

    assert_ok(ps_domains_open(&run, &err), &err);
    add(&run, "b.example", PS_MAIL_DELIVERABLE, PS_REASON_MX);
    add_run(o.store, &(test_run){.number = 1, .as_of = 20000, .domains = &run});
    ps_domains_close(&run);
    assert_ok(ps_domain_store_clear(o.domains, &count, &err), &err);
    assert_int_equal(count, 4);
    assert_int_equal(find(&o, "a.example").kind, PS_CACHED_NOTHING);
    assert_int_equal(find(&o, "b.example").kind, PS_CACHED_NOTHING);
    assert_int_equal(find(&o, "b.example").answer.fact.past, PS_PAST_SEEN | PS_PAST_MAIL);
    out = (listed){.count = 0};
    assert_ok(ps_domain_store_each(o.domains, note_line, &out, &err), &err);
    assert_string_equal(out.names, ""); // that one was seen is nothing to list
    assert_ok(ps_domain_store_clear(o.domains, &count, &err), &err);
    assert_int_equal(count, 0);
    close_cache(&o);
}

// More than one transaction holds, in an order that is not theirs, some of them twice.
static void test_many(void **state)
{
    enum { MANY = 80000 };
    char name[32];

    (void)state;
    opened o = open_cache();
    clock_s = 20000 * (int64_t)DAY_S;
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "d%u.example", i * 7919 % MANY);
        keep(&o, name, PS_MAIL_DELIVERABLE, PS_REASON_MX, 60);
        if (i % 100 == 0) keep(&o, name, PS_MAIL_NONE, PS_REASON_NULL_MX, 60);
    }
    settle(&o);
    close_cache(&o);
    o = open_cache();
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "d%u.example", i * 7919 % MANY);
        ps_cache_entry entry = find(&o, name);
        assert_int_equal(entry.kind, PS_CACHED_FRESH);
        assert_int_equal(entry.answer.fact.verdict, i % 100 == 0 ? PS_MAIL_NONE : PS_MAIL_DELIVERABLE);
    }
    close_cache(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_lifetimes, begin_empty),
        cmocka_unit_test_setup(test_whole_answer, begin_empty),
        cmocka_unit_test_setup(test_vouch, begin_empty),
        cmocka_unit_test_setup(test_doubt, begin_empty),
        cmocka_unit_test_setup(test_failures, begin_empty),
        cmocka_unit_test_setup(test_past, begin_empty),
        cmocka_unit_test_setup(test_past_of_the_day, begin_empty),
        cmocka_unit_test_setup(test_list_and_clear, begin_empty),
        cmocka_unit_test_setup(test_many, begin_empty),
        cmocka_unit_test_setup(test_vouch_in_pieces, begin_empty),
        cmocka_unit_test_setup(test_second_run, begin_empty),
        cmocka_unit_test_setup(test_recall, begin_empty),
    };

    clock_s = 20000 * (int64_t)DAY_S;
    return cmocka_run_group_tests(tests, enter_store, leave_store);
}
