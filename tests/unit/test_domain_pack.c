// What states of before knew of domains, in rows of their own.
// layer: store

#include <sqlite3.h>

#include "cache_fixture.h"

static void make_old_state(void)
{
    static char sql[1 << 16];
    sqlite3 *database = NULL;
    FILE *file = fopen(PS_TEST_FOLDER "/unit/data/state-7.sql", "r");

    assert_non_null(file);
    sql[fread(sql, 1, sizeof sql - 1, file)] = '\0';
    assert_true(feof(file) && fclose(file) == 0);
    assert_int_equal(sqlite3_open(STATE, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
    // Checked on day 20000; good for a week, or for a day. Run 2 waits, and is of day 20002.
    change_state(
        "INSERT INTO domain_resolvers VALUES(1, '192.0.2.1 192.0.2.2');"
        "INSERT INTO domains(name, verdict, reason, warnings, servers, ttl_s, checked_s, expires_s, sources, "
        "resolvers, "
        "past, past_since, past_before) VALUES"
        "('mail.example', 1, 0, 'mx_cname nonsense  mx suppressed_bounce mx_partial', 'mx1.mail.example "
        "mx2.mail.example', "
        "300, 1728000000, 1728604800, 2, 1, 3, 20001, 1),"
        "('dead.example', 2, 0, '', '', 300, 1728000000, 1728086400, 2, 1, 1, 19999, 0);"
        "INSERT INTO domains(name, verdict, reason, sure, checked_s, expires_s) VALUES"
        "('lie.example', 2, 0, 0, 1728000000, 1728086400);"
        "INSERT INTO domains(name, failures, first_failed_s) VALUES('slow.example', 4, 1727000000);"
        "INSERT INTO domains(name, past, past_since) VALUES('seen.example', 1, 19999);"
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 39999) "
        "INSERT INTO domains(name, verdict, reason, checked_s, expires_s) "
        "SELECT 'many' || i || '.example', 1, 0, 1728000000, 1728604800 FROM n;"
        "INSERT INTO run_domains SELECT 2, 'many' || i || '.example', 3 FROM (SELECT 17 AS i UNION SELECT 39999);"
        "INSERT INTO run_domains VALUES(2, 'mail.example', 1)");
    char update[128];
    snprintf(update, sizeof update, "UPDATE domains SET reason = %d WHERE verdict = 1", (int)PS_REASON_MX);
    change_state(update);
    snprintf(update, sizeof update, "UPDATE domains SET reason = %d WHERE verdict = 2", (int)PS_REASON_NXDOMAIN);
    change_state(update);
}

static ps_cache_entry find(opened *o, const char *name)
{
    ps_cache_entry entry;
    ps_error err = {.status = PS_OK};

    assert_ok(o->cache.find(o->cache.context, ps_span_of(name), &entry, &err), &err);
    return entry;
}

static ps_status note_resolvers(void *context, const ps_domain_line *line, ps_error *err)
{
    char *out = context;
    (void)err;

    if (line->entry.answer.servers.len > 0) snprintf(out, 64, "%s", line->resolvers);
    return PS_OK;
}

static void expect_old_state(opened *o)
{
    ps_cache_entry entry = find(o, "mail.example");

    assert_int_equal(entry.kind, PS_CACHED_FRESH);
    assert_int_equal(entry.answer.fact.verdict, PS_MAIL_DELIVERABLE);
    assert_int_equal(entry.answer.fact.reason, PS_REASON_MX);
    assert_findings_equal(entry.answer.fact.warnings, PS_FIND(MX_CNAME) | PS_FIND(MX_PARTIAL));
    assert_span_equal(entry.answer.servers, "mx1.mail.example mx2.mail.example");
    assert_int_equal(entry.answer.checked_s, 1728000000);
    assert_int_equal(entry.answer.ttl_s, 300);
    assert_int_equal(entry.answer.sources, 2);
    entry = find(o, "dead.example");
    assert_int_equal(entry.answer.fact.verdict, PS_MAIL_NONE);
    assert_int_equal(entry.answer.fact.past, PS_PAST_SEEN);
    assert_int_equal(find(o, "lie.example").kind, PS_CACHED_NOTHING);
    assert_int_equal(find(o, "slow.example").failures, 4);
    assert_int_equal(find(o, "slow.example").first_failed_s, 1727000000);
    assert_int_equal(find(o, "seen.example").answer.fact.past, PS_PAST_SEEN);
    assert_int_equal(find(o, "many17.example").kind, PS_CACHED_FRESH);
    assert_int_equal(find(o, "many39999.example").kind, PS_CACHED_FRESH);
    assert_int_equal(find(o, "many40000.example").kind, PS_CACHED_NOTHING);
}

// A state that presend made before opens, keeps its verdicts and its pasts, and a run that waited can be published.
static void test_old_state(void **state)
{
    char id[37], resolvers[64] = "";
    ps_error err;
    (void)state;

    make_old_state();
    opened o = open_cache_on(20002, 7);
    expect_old_state(&o);
    assert_int_equal(find(&o, "mail.example").answer.fact.past, PS_PAST_SEEN | PS_PAST_MAIL);
    assert_int_equal(find(&o, "many17.example").answer.fact.past, 0);
    assert_ok(ps_domain_store_each(o.domains, note_resolvers, resolvers, &err), &err);
    assert_string_equal(resolvers, "192.0.2.1 192.0.2.2");
    close_cache(&o);
    o = open_cache_on(20001, 7); // the day of the last run
    assert_int_equal(find(&o, "mail.example").answer.fact.past, PS_PAST_SEEN);
    id_of(2, id);
    assert_ok(ps_store_settle(o.store, id, &err), &err);
    close_cache(&o);
    o = open_cache_on(20003, 7);
    expect_old_state(&o);
    assert_int_equal(find(&o, "mail.example").answer.fact.past, PS_PAST_SEEN);
    assert_int_equal(find(&o, "many17.example").answer.fact.past, PS_PAST_SEEN | PS_PAST_MAIL);
    assert_int_equal(find(&o, "many39999.example").answer.fact.past, PS_PAST_SEEN | PS_PAST_MAIL);
    close_cache(&o);
    assert_int_equal(count_in_state("SELECT count(*) FROM sqlite_schema WHERE name IN ('domains', 'run_domains')"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(test_old_state, begin_empty)};

    return cmocka_run_group_tests(tests, enter_store, leave_store);
}
