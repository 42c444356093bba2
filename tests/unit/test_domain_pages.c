// How the cache of domains lies in the state file: against a model, damaged, killed and without memory.
// layer: store

#include "store/domain_pages.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include "base/memory.h"
#include "cache_fixture.h"
#include "store/domain_log.h"
#include "store/domain_merge.h"

enum { DAY = 20000, DOMAINS = 6000, RUNS = 14 };

static opened open_cache(void)
{
    return open_cache_on(DAY + 900, 30);
}

// The same numbers on every machine.
static unsigned next_number(unsigned *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

// Names and servers of all lengths: some pages hold a hundred domains, some three.
static void name_of(unsigned number, char out[256])
{
    int len = snprintf(out, 256, "d%u.", number);

    for (unsigned i = 0; number % 50 == 7 && i < 3; i++)
        len += snprintf(out + len, 256 - (size_t)len, "%060u.", i);
    snprintf(out + len, 256 - (size_t)len, "example");
}

static void servers_of(unsigned number, unsigned turn, char out[PS_RECORD_SERVERS_MAX])
{
    int len = snprintf(out, PS_RECORD_SERVERS_MAX, "mx%u.d%u.example", turn, number);

    for (unsigned i = 0; (number + turn) % 40 == 3 && i < 18; i++)
        len += snprintf(out + len, PS_RECORD_SERVERS_MAX - (size_t)len, " %070u", i);
}

// ---- against what one would keep without pages

typedef struct known {
    ps_mail_verdict verdict;
    unsigned turn, failures; // of the run that said so
    bool unsure;
    unsigned past;
} known;

static known model[DOMAINS];

static ps_domain_answer answer_of(unsigned number, unsigned turn, ps_mail_verdict verdict)
{
    static char name[256], servers[PS_RECORD_SERVERS_MAX];
    static const ps_reason reasons[] = {[PS_MAIL_DELIVERABLE] = PS_REASON_MX,
                                        [PS_MAIL_NONE] = PS_REASON_NODATA,
                                        [PS_MAIL_UNKNOWN] = PS_REASON_SERVFAIL};

    name_of(number, name);
    servers_of(number, turn, servers);
    return (ps_domain_answer){.domain = ps_span_of(name),
                              .fact = {.verdict = verdict,
                                       .reason = reasons[verdict],
                                       .warnings = number % 3 == 0 ? PS_FIND(MX_PARTIAL) | PS_FIND(MX_CNAME) : 0},
                              .servers = verdict == PS_MAIL_DELIVERABLE ? ps_span_of(servers) : (ps_span){0},
                              .checked_s = clock_s,
                              .ttl_s = 2 * DAY_S,
                              .sources = 1};
}

static void ask(opened *o, unsigned number, unsigned turn, unsigned *seed)
{
    static const ps_mail_verdict verdicts[] = {PS_MAIL_DELIVERABLE, PS_MAIL_DELIVERABLE, PS_MAIL_NONE, PS_MAIL_UNKNOWN};
    ps_mail_verdict verdict = verdicts[next_number(seed) % PS_COUNT_OF(verdicts)];
    const ps_domain_answer answer = answer_of(number, turn, verdict);
    known *domain = &model[number];
    ps_error err;

    assert_ok(o->cache.keep(o->cache.context, &answer, &err), &err);
    if (verdict == PS_MAIL_UNKNOWN) {
        domain->failures++;
        return;
    }
    *domain = (known){.verdict = verdict, .turn = turn, .unsure = verdict == PS_MAIL_NONE, .past = domain->past};
}

// Vouched for, or not: then what is unsure is forgotten.
static void judge(bool vouched)
{
    for (unsigned i = 0; i < DOMAINS; i++) {
        if (model[i].unsure && !vouched) model[i].verdict = PS_MAIL_UNKNOWN;
        model[i].unsure = false;
    }
}

static void publish(opened *o, unsigned turn, unsigned first, unsigned count)
{
    ps_domains run;
    ps_error err;
    uint32_t number;

    assert_ok(ps_domains_open(&run, &err), &err);
    for (unsigned i = first; i < first + count; i++) {
        bool mail = (i + turn) % 3 != 0;
        const ps_domain_answer answer = answer_of(i, turn, mail ? PS_MAIL_DELIVERABLE : PS_MAIL_NONE);
        assert_ok(ps_domains_add(&run, answer.domain, &number, &err), &err);
        assert_ok(ps_domains_put(&run, number, &answer, &err), &err);
        run.facts[number].past = model[i].past & 7;
        run.rows[number] = 1;
        model[i].past = PS_PAST_SEEN | (mail ? PS_PAST_MAIL : 0);
    }
    add_run(o->store, &(test_run){.number = turn + 1, .as_of = DAY + (ps_day)turn, .domains = &run});
    ps_domains_close(&run);
}

static void expect_model(opened *o)
{
    char name[256], servers[PS_RECORD_SERVERS_MAX];
    ps_error err;

    for (unsigned i = 0; i < DOMAINS; i++) {
        ps_cache_entry entry;
        const known *domain = &model[i];
        name_of(i, name);
        assert_ok(o->cache.find(o->cache.context, ps_span_of(name), &entry, &err), &err);
        assert_int_equal(entry.kind, domain->verdict == PS_MAIL_UNKNOWN ? PS_CACHED_NOTHING : PS_CACHED_FRESH);
        assert_int_equal(entry.failures, domain->failures);
        assert_int_equal(entry.answer.fact.past, domain->past);
        assert_int_equal(entry.answer.fact.verdict, domain->verdict);
        if (domain->verdict != PS_MAIL_DELIVERABLE) continue;
        servers_of(i, domain->turn, servers);
        assert_span_equal(entry.answer.servers, servers);
        assert_true((entry.answer.fact.warnings != 0) == (i % 3 == 0));
    }
}

static void test_model(void **state)
{
    unsigned seed = 7;
    ps_error err;
    (void)state;

    memset(model, 0, sizeof model);
    for (unsigned turn = 0; turn < RUNS; turn++) {
        bool vouched = next_number(&seed) % 3 != 0;
        unsigned flushed = turn % 3 == 1 ? 2000 : 500; // those are few, or many at once
        unsigned first = next_number(&seed) % (DOMAINS / 2), count = turn % 4 == 3 ? 5 : DOMAINS / 2;
        opened o = open_cache();
        assert_ok(o.cache.resolvers(o.cache.context, "192.0.2.1", &err), &err);
        expect_model(&o);
        for (unsigned i = 0; i < count; i++) {
            ask(&o, first + i, turn, &seed);
            if (i % flushed == flushed - 1) assert_ok(o.cache.flush(o.cache.context, &err), &err);
        }
        assert_ok(vouched ? o.cache.vouch(o.cache.context, &err) : o.cache.doubt(o.cache.context, &err), &err);
        judge(vouched);
        if (turn % 2 == 0) publish(&o, turn, first, count);
        close_cache(&o);
        assert_true(count_in_state("SELECT count(*) FROM domain_log") > 0);
    }
    opened o = open_cache();
    expect_model(&o);
    close_cache(&o);
    assert_int_equal(count_in_state("SELECT count(*) FROM domain_log"), 0); // who looks first brings it to the pages
    assert_true(count_in_state("SELECT count(*) FROM domain_pages") > 40);
    assert_int_equal(count_in_state("SELECT count(*) FROM domain_pages WHERE first = -9223372036854775807 - 1"), 1);
}

// ---- records

static const struct {
    const char *name;
    unsigned parts;
    uint8_t reason;
} odd_records[] = {
    {"a reason that does not exist", PS_RECORD_ANSWER, 255},
    {"a reason of another stage", PS_RECORD_ANSWER, 30},
    {"the same without mail", PS_RECORD_ANSWER | PS_RECORD_NO_MAIL, 30},
};

// An answer that no run could have written is asked anew, and never removes anybody.
static void test_odd_records(void **state)
{
    ps_error err;
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(odd_records); i++) {
        const ps_span name = ps_span_of("a.example");
        ps_domain_record record = {.key = ps_domain_key(name),
                                   .parts = odd_records[i].parts,
                                   .reason = odd_records[i].reason,
                                   .checked_s = (uint32_t)clock_s,
                                   .expires_s = UINT32_MAX,
                                   .name = name};
        ps_domain_log log = {.count = 0};
        ps_cache_entry entry;
        print_message("  %s\n", odd_records[i].name);
        ps_store *store = open_store();
        assert_ok(ps_domain_log_open(store, "INSERT INTO domain_log(at, records, sum) VALUES(?, ?, ?)", &log, &err),
                  &err);
        ps_domain_log_add(&log, &record);
        assert_ok(ps_domain_log_write(&log, 1, &err), &err);
        ps_domain_log_close(&log);
        ps_store_close(store);
        opened o = open_cache();
        assert_ok(o.cache.find(o.cache.context, name, &entry, &err), &err);
        assert_int_equal(entry.kind, PS_CACHED_NOTHING);
        close_cache(&o);
        remove_state();
    }
}

// Cut anywhere, or with any byte changed, a record is refused or read without a step outside it.
static void test_cut_records(void **state)
{
    char bytes[PS_DOMAIN_RECORD_BYTES];
    const ps_domain_record whole = {.parts = PS_RECORD_ANSWER | PS_RECORD_FAILURES | PS_RECORD_PAST,
                                    .reason = PS_REASON_MX,
                                    .warnings = PS_FIND(MX_CNAME) | PS_FIND(STALE),
                                    .servers = ps_span_of("mx1.a.example mx2.a.example"),
                                    .failures = 3,
                                    .first_failed_s = 4,
                                    .name = ps_span_of("a.example"),
                                    .past = PS_PAST_SEEN,
                                    .past_before = PS_PAST_MAIL,
                                    .past_since = -7};
    ps_domain_record read;
    size_t len = ps_domain_record_write(&whole, bytes);
    (void)state;

    assert_true(ps_domain_record_read((ps_span){bytes, len}, &read));
    assert_span_equal(read.name, "a.example");
    assert_span_equal(read.servers, "mx1.a.example mx2.a.example");
    assert_findings_equal(read.warnings, whole.warnings);
    assert_int_equal(read.failures, 3);
    assert_int_equal(read.past_since, -7);
    assert_int_equal(read.past_before, PS_PAST_MAIL);
    for (size_t cut = 0; cut < len; cut++) {
        char *exact = ps_memory_new(cut + 1, 1, NULL); // so that a sanitizer sees a step too far
        memcpy(exact, bytes, cut);
        assert_false(ps_domain_record_read((ps_span){exact, cut}, &read));
        ps_memory_free(exact);
    }
    for (size_t at = 0; at < len; at++) {
        char *exact = ps_memory_new(len, 1, NULL);
        memcpy(exact, bytes, len);
        exact[at] = (char)(exact[at] ^ 0x80);
        (void)ps_domain_record_read((ps_span){exact, len}, &read); // whatever it says
        ps_memory_free(exact);
    }
}

// ---- damage

static void fill(unsigned count, bool merged)
{
    ps_error err;
    ps_cache_entry entry;
    opened o = open_cache();

    for (unsigned i = 0; i < count; i++) {
        const ps_domain_answer answer = answer_of(i, 0, PS_MAIL_DELIVERABLE);
        assert_ok(o.cache.keep(o.cache.context, &answer, &err), &err);
    }
    assert_ok(o.cache.vouch(o.cache.context, &err), &err);
    if (merged) assert_ok(o.cache.find(o.cache.context, ps_span_of("a.example"), &entry, &err), &err);
    close_cache(&o);
    assert_int_equal(count_in_state("SELECT count(*) FROM domain_log") == 0, merged);
}

static const struct {
    const char *name, *sql;
    bool merged;
} damages[] = {
    {"a bit of a page",
     "UPDATE domain_pages SET records = CAST(substr(records, 1, 900) || x'F0' || substr(records, 902) AS BLOB)", true},
    {"a page cut short", "UPDATE domain_pages SET records = substr(records, 1, 900)", true},
    {"an empty page", "UPDATE domain_pages SET records = x''", true},
    {"a page's sum", "UPDATE domain_pages SET sum = zeroblob(16)", true},
    {"pages that changed their places",
     "UPDATE domain_pages SET records = (SELECT p.records FROM domain_pages p ORDER BY p.first LIMIT 1), "
     "sum = (SELECT p.sum FROM domain_pages p ORDER BY p.first LIMIT 1)",
     true},
    {"a page that is gone", "DELETE FROM domain_pages WHERE first <> -9223372036854775807 - 1", true},
    {"a bit of the log",
     "UPDATE domain_log SET records = CAST(substr(records, 1, 900) || x'F0' || substr(records, 902) AS BLOB)", false},
    {"an empty row of the log", "UPDATE domain_log SET records = x''", false},
    {"the end of the log", "DELETE FROM domain_log WHERE at = (SELECT max(at) FROM domain_log)", false},
    {"the middle of the log", "DELETE FROM domain_log WHERE at = (SELECT max(at) - 1 FROM domain_log)", false},
    {"the log in another order", "UPDATE domain_log SET at = -at; UPDATE domain_log SET at = 2 * 1048576 - 5 - at",
     false},
};

// Nothing is told of a domain from bytes that nobody wrote; the user is told what helps, and that does.
static void test_damage(void **state)
{
    uint64_t count;
    char name[256];
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(damages); i++) {
        ps_error err = {.status = PS_OK};
        unsigned refused = 0;
        print_message("  %s\n", damages[i].name);
        remove_state();
        fill(1000, damages[i].merged);
        change_state(damages[i].sql);
        opened o = open_cache();
        for (unsigned number = 0; number < 1000; number++) {
            ps_cache_entry entry;
            name_of(number, name);
            ps_status status = o.cache.find(o.cache.context, ps_span_of(name), &entry, &err);
            assert_true(status == PS_OK || status == PS_INPUT);
            refused += status == PS_INPUT;
            assert_int_equal(entry.kind, status == PS_OK ? PS_CACHED_FRESH : PS_CACHED_NOTHING);
        }
        assert_true(refused > 900);
        assert_non_null(strstr(err.text, "is damaged"));
        assert_non_null(strstr(err.hint, "--cache clear"));
        assert_ok(ps_domain_store_clear(o.domains, &count, &err), &err);
        const ps_domain_answer answer = answer_of(1, 0, PS_MAIL_DELIVERABLE);
        assert_ok(o.cache.keep(o.cache.context, &answer, &err), &err);
        assert_ok(o.cache.flush(o.cache.context, &err), &err);
        close_cache(&o);
        o = open_cache();
        ps_cache_entry entry;
        assert_ok(o.cache.find(o.cache.context, answer.domain, &entry, &err), &err);
        assert_int_equal(entry.kind, PS_CACHED_FRESH);
        close_cache(&o);
    }
}

// ---- much at once

static void keep_many(opened *o)
{
    ps_error err;

    for (unsigned i = 0; i < 3000; i++) {
        const ps_domain_answer answer = answer_of(i, 0, PS_MAIL_DELIVERABLE);
        assert_ok(o->cache.keep(o->cache.context, &answer, &err), &err);
    }
    assert_ok(o->cache.vouch(o->cache.context, &err), &err);
}

static int look_into(sqlite3 *other)
{
    return sqlite3_exec(other, "SELECT count(*) FROM domain_log", NULL, NULL, NULL);
}

// While much is written nobody else reads the file; whoever does so already holds nothing up.
static void test_bulk(void **state)
{
    sqlite3 *other = NULL;
    (void)state;

    opened o = open_cache();
    keep_many(&o);
    assert_int_equal(sqlite3_open(STATE, &other), SQLITE_OK);
    assert_int_equal(look_into(other), SQLITE_BUSY);
    ps_domain_store_close(o.domains);
    assert_int_equal(look_into(other), SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    ps_store_close(o.store);
    assert_int_equal(access(STATE "-journal", F_OK), -1);
    assert_int_equal(access(STATE "-wal", F_OK), -1);

    assert_int_equal(sqlite3_open(STATE, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(look_into(other), SQLITE_OK);
    o = open_cache();
    keep_many(&o);
    assert_int_equal(look_into(other), SQLITE_OK);
    close_cache(&o);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    assert_int_equal(count_in_state("SELECT count(DISTINCT at >> 20) FROM domain_log"), 2); // of each run a segment
}

// ---- killed at any moment

// Each run asks about the same domains and says in its answers which it was.
static void run_until_killed(void)
{
    ps_error err;

    for (unsigned turn = 1;; turn++) {
        unsigned flushed = turn % 3 == 0 ? 2000 : 400; // many at once, or few
        ps_cache_entry entry;
        opened o = open_cache();
        if (o.cache.resolvers(o.cache.context, "192.0.2.1", &err) != PS_OK) _exit(1);
        if (o.cache.find(o.cache.context, ps_span_of("a.example"), &entry, &err) != PS_OK) _exit(5);
        for (unsigned i = 0; i < 2000; i++) {
            const ps_domain_answer answer = answer_of(i, turn, i % 7 == 0 ? PS_MAIL_NONE : PS_MAIL_DELIVERABLE);
            if (o.cache.keep(o.cache.context, &answer, &err) != PS_OK) _exit(2);
            if (i % flushed == flushed - 1 && o.cache.flush(o.cache.context, &err) != PS_OK) _exit(3);
        }
        if (turn % 2 == 0 && o.cache.vouch(o.cache.context, &err) != PS_OK) _exit(4);
        close_cache(&o);
    }
}

// Which run an answer is of; 0: there is none.
static unsigned turn_of(const ps_cache_entry *entry)
{
    return entry->kind == PS_CACHED_NOTHING ? 0 : (unsigned)strtoul(entry->answer.servers.bytes + 2, NULL, 10);
}

// What was flushed is there, of one run or of the one before; and of "no mail" only what somebody vouched for.
static void expect_one_or_other(void)
{
    unsigned least = UINT_MAX, most = 0;
    char name[256];
    ps_error err;
    opened o = open_cache();

    for (unsigned i = 0; i < 2000; i++) {
        ps_cache_entry entry;
        name_of(i, name);
        assert_ok(o.cache.find(o.cache.context, ps_span_of(name), &entry, &err), &err);
        if (i % 7 == 0) assert_true(entry.kind == PS_CACHED_NOTHING || entry.answer.fact.verdict == PS_MAIL_NONE);
        if (i % 7 == 0) continue;
        unsigned turn = turn_of(&entry);
        least = turn < least ? turn : least;
        most = turn > most ? turn : most;
    }
    assert_true(most - least <= 1);
    close_cache(&o);
}

static void test_killed(void **state)
{
    unsigned seed = 3;
    (void)state;

    for (int round = 0; round < 12; round++) {
        int status = 0;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) run_until_killed(); // does not return
        usleep(2000 + next_number(&seed) % 60000);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        expect_one_or_other();
        remove_state();
    }
}

// ---- without memory

static ps_status use_cache(ps_error *err)
{
    const ps_domain_store_options options = {.lifetime_days = 30, .as_of = DAY, .now_s = now_s};
    const ps_domain_answer answer = answer_of(1, 0, PS_MAIL_DELIVERABLE);
    ps_store *store = NULL;
    ps_domain_store *domains = NULL;
    ps_domain_cache cache = {.context = NULL};
    ps_cache_entry entry;
    ps_status status = ps_store_open(STATE, NULL, &store, err);

    if (status == PS_OK) status = ps_domain_store_open(store, &options, &domains, err);
    if (status == PS_OK) ps_domain_store_cache(domains, &cache);
    if (status == PS_OK) status = cache.find(cache.context, answer.domain, &entry, err);
    if (status == PS_OK) status = cache.keep(cache.context, &answer, err);
    if (status == PS_OK) status = cache.vouch(cache.context, err);
    ps_domain_store_close(domains);
    ps_store_close(store);
    return status;
}

static void test_no_memory(void **state)
{
    ps_status status = PS_RETRY;
    unsigned failed = 0;
    ps_error err;
    (void)state;

    fill(300, false);
    for (unsigned long n = 1; n < 40; n++) {
        ps_memory_fail_at(n, 0);
        status = use_cache(&err);
        ps_memory_fail_at(0, 0);
        assert_true(status == PS_OK || status == PS_RETRY);
        failed += status != PS_OK;
    }
    assert_true(failed > 5);
    assert_int_equal(status, PS_OK);
    opened o = open_cache();
    for (unsigned i = 0; i < 300; i++) {
        char name[256];
        ps_cache_entry entry;
        name_of(i, name);
        assert_ok(o.cache.find(o.cache.context, ps_span_of(name), &entry, &err), &err);
        assert_int_equal(entry.kind, PS_CACHED_FRESH);
    }
    close_cache(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_model, begin_empty),       cmocka_unit_test_setup(test_odd_records, begin_empty),
        cmocka_unit_test_setup(test_cut_records, begin_empty), cmocka_unit_test_setup(test_damage, begin_empty),
        cmocka_unit_test_setup(test_bulk, begin_empty),        cmocka_unit_test_setup(test_killed, begin_empty),
        cmocka_unit_test_setup(test_no_memory, begin_empty),
    };

    return cmocka_run_group_tests(tests, enter_store, leave_store);
}
