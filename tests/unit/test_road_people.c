// The road of a row: what the file says of people, and one judgement an address.
// layer: stage

#include "facts/operators.h"
#include "road_fixture.h"

static void test_columns(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    travel_text(&r, "email,optout,optout_at,bounced,complained,status\n"
                    "a@example.jp,0,,0,0,active\n"
                    "b@example.jp,1,,0,0,\n"
                    "c@example.jp,no,2024-01-01 10:00,0,0,\n"
                    "d@example.jp,no,0000-00-00 00:00:00,0,0,\n"
                    "e@example.jp,no,NULL,0,0,\n"
                    "f@example.jp,no,someday,0,0,\n"
                    "g@example.jp,no,,yes,0,\n"
                    "h@example.jp,no,,0,1,\n"
                    "i@example.jp,no,,0,0,Unsubscribed\n"
                    "j@example.jp,no,,0,0,pending\n"
                    "k@example.jp,1,,1,1,bounced\n"
                    "l@example.jp,拒否,,0,0,\n");
    assert_string_equal(ps_buf_text(&r.reasons),
                        "clean:ok removed:column_optout removed:column_optout clean:ok clean:ok "
                        "removed:column_optout removed:column_bounced removed:column_complained "
                        "removed:column_status held:column_pending removed:column_optout removed:column_optout");
    assert_non_null(
        strstr(out(&r, PS_VERDICT_REMOVED), "column_optout column_complained column_bounced column_status"));
    road_close(&r);
}

static void test_optin(void **state)
{
    static const char text[] = "email,optin\na@example.jp,yes\nb@example.jp,\nc@example.jp,no\nd@example.jp,maybe\n"
                               "e@example.jp,yes\ne@example.jp,\n";
    road r;

    (void)state;
    for (int has_false = 0; has_false < 2; has_false++) {
        road_open(&r);
        r.facts.coverage.optin_present = true;
        r.facts.coverage.optin_has_false = has_false != 0;
        travel_text(&r, text);
        assert_string_equal(ps_buf_text(&r.reasons),
                            has_false != 0 ? "clean:ok held:optin_unknown removed:column_optout "
                                             "held:optin_unknown held:optin_unknown removed:duplicate"
                                           : "clean:ok removed:not_opted_in removed:column_optout "
                                             "held:optin_unknown removed:not_opted_in removed:not_opted_in");
        road_close(&r);
    }
}

// Apple's programs fetch every picture. The domain says so, or its mail servers do, or it is a mask. Clicks count.
static void test_prefetched(void **state)
{
    uint32_t number;
    road r;

    (void)state;
    road_open(&r);
    r.facts.coverage.tracked[PS_SIGNAL_CLICK] = true;
    domain(&r, "hosted.example.jp", PS_MAIL_DELIVERABLE, PS_REASON_MX, 0);
    assert_ok(ps_domains_add(&r.domains, ps_span_of("hosted.example.jp"), &number, &error), &error);
    r.domains.facts[number].taker = ps_operator_find(ps_span_of("apple_icloud"));
    ps_policy_init(&r.facts.policy, &r.job);
    travel_text(&r, "email,last_click,last_open,open_is_machine,signup_at\n"
                    "a@example.jp,2026-02-01,2026-11-01,,2020-01-01\n"
                    "a@icloud.com,2026-02-01,2026-11-01,,2020-01-01\n"
                    "a@hosted.example.jp,2026-02-01,2026-11-01,,2020-01-01\n"
                    "a@privaterelay.appleid.com,2026-02-01,2026-11-01,,2020-01-01\n"
                    "b@hosted.example.jp,2026-02-01,2026-11-01,no,2020-01-01\n"
                    "c@hosted.example.jp,2026-11-01,2026-11-01,,2020-01-01\n"
                    "d@example.jp,2026-02-01,2026-11-01,yes,2020-01-01\n"
                    // What cannot be read is held only where it could matter.
                    "e@example.jp,2026-02-01,someday,,2020-01-01\n"
                    "e@icloud.com,2026-02-01,someday,,2020-01-01\n"
                    "f@icloud.com,2026-02-01,someday,no,2020-01-01\n"
                    "f@example.jp,2026-02-01,someday,yes,2020-01-01\n");
    assert_string_equal(ps_buf_text(&r.reasons),
                        "clean:ok winback:winback_due winback:winback_due winback:winback_due clean:ok clean:ok "
                        "winback:winback_due held:date winback:winback_due held:date winback:winback_due");
    road_close(&r);

    // A mixed date counts opens, too.
    road_open(&r);
    r.facts.coverage.tracked[PS_SIGNAL_CLICK] = true;
    travel_text(&r, "email,last_click,last_activity,open_is_machine,signup_at\n"
                    "a@example.jp,2026-02-01,2026-11-01,,2020-01-01\n"
                    "a@icloud.com,2026-02-01,2026-11-01,,2020-01-01\n"
                    "b@icloud.com,2026-02-01,someday,no,2020-01-01\n");
    assert_string_equal(ps_buf_text(&r.reasons), "clean:ok winback:winback_due winback:winback_due");
    road_close(&r);
}

// Masks of mailboxes: their opens are ignored, and clicks count. A phone at another operator prefetches, too, but
// nobody can tell, so there an open stays weak.
static void test_relays(void **state)
{
    static const struct {
        const char *domain;
        bool opens; // count there
    } domains[] = {
        {"privaterelay.appleid.com", false},
        {"mozmail.com", false},
        {"duck.com", false},
        {"simplelogin.com", false},
        {"slmail.me", false},
        {"aleeas.com", false},
        {"anonaddy.me", false},
        {"me.com", false},
        {"mac.com", false},
        {"gmail.com", true},
        {"docomo.ne.jp", true},
        {"ezweb.ne.jp", true},
    };
    char text[256];
    road r;

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(domains); i++) {
        print_message("  %s\n", domains[i].domain);
        road_open(&r);
        r.facts.coverage.tracked[PS_SIGNAL_CLICK] = true;
        snprintf(text, sizeof text,
                 "email,last_click,last_open,signup_at\n"
                 "reads@%s,2026-02-01,2026-11-01,2020-01-01\nclicks@%s,2026-11-01,,2020-01-01\n",
                 domains[i].domain, domains[i].domain);
        travel_text(&r, text);
        assert_string_equal(ps_buf_text(&r.reasons),
                            domains[i].opens ? "clean:ok clean:ok" : "winback:winback_due clean:ok");
        road_close(&r);
    }
}

static void test_duplicates(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    travel_text(&r, "email,name\n"
                    "a@example.jp,\"two\nlines\"\n"
                    "A@EXAMPLE.JP,2\n"
                    "b@example.jp,3,extra\n"
                    "b@example.jp,4\n"
                    "b@example.jp,5\n"
                    "j.d@gmail.com,6\n"
                    "jd@gmail.com,7\n");
    assert_string_equal(ps_buf_text(&r.reasons),
                        "clean:ok removed:duplicate held:columns clean:ok removed:duplicate clean:ok clean:ok");
    assert_non_null(
        strstr(out(&r, PS_VERDICT_REMOVED),
               "A@EXAMPLE.JP,2,duplicate,duplicate not_checked normalized_case no_engagement_data,line 2,"));
    assert_non_null(strstr(out(&r, PS_VERDICT_REMOVED),
                           "b@example.jp,5,duplicate,duplicate not_checked no_engagement_data,line 6,"));
    // A damaged row keeps its cells, and presend's are the last six.
    assert_non_null(strstr(out(&r, PS_VERDICT_HELD), "b@example.jp,3,extra,columns,columns,,"));
    road_close(&r);

    road_open(&r);
    r.job.dedupe = PS_DEDUPE_PROVIDER;
    travel_text(&r, "email\nj.d@gmail.com\njd@gmail.com\njd+1@gmail.com\nj.d@example.jp\n");
    assert_string_equal(ps_buf_text(&r.reasons), "clean:ok removed:duplicate removed:duplicate clean:ok");
    road_close(&r);

    road_open(&r);
    r.job.dedupe = PS_DEDUPE_OFF;
    travel_text(&r, "email\na@example.jp\na@example.jp\n");
    assert_string_equal(ps_buf_text(&r.reasons), "clean:ok clean:ok");
    road_close(&r);
}

static void test_two_files(void **state)
{
    static const char one[] = "email\na@example.jp\n", two[] = "email\nb@example.jp\na@example.jp\n";
    road r;

    (void)state;
    road_open(&r);
    r.job.recipients_count = 2;
    write_file(&r, 0, one, strlen(one));
    write_file(&r, 1, two, strlen(two));
    travel(&r);
    assert_string_equal(ps_buf_text(&r.reasons), "clean:ok clean:ok removed:duplicate");
    char expected[256];
    snprintf(expected, sizeof expected,
             "a@example.jp,duplicate,duplicate not_checked no_engagement_data,line 2 of %s,%s,2,3\n",
             strrchr(r.paths[0], '/') + 1, strrchr(r.paths[1], '/') + 1);
    assert_string_equal(out(&r, PS_VERDICT_REMOVED), expected);
    assert_int_equal(r.tally.file_rows[0], 1);
    assert_int_equal(r.tally.file_rows[1], 2);
    road_close(&r);
}

static const char engagement_rows[] = "email,signup_at,last_click,winback_sent_at\n"
                                      "active@example.jp,2020-01-01,2026-11-01,\n"
                                      "cooling@example.jp,2020-01-01,2026/7/1,\n"
                                      "due@example.jp,2020-01-01,2026-02-01,\n"
                                      "dormant@example.jp,2020-01-01,2024-01-01,\n"
                                      "never@example.jp,2020-01-01,なし,\n"
                                      "new@example.jp,2026-11-11,,\n"
                                      "expired@example.jp,2020-01-01,2026-01-01,2026-10-01\n"
                                      "pending@example.jp,2020-01-01,2026-01-01,2026-11-20\n"
                                      "broken@example.jp,2020-01-01,soon,\n"
                                      "future@example.jp,2020-01-01,2027-11-01,\n"
                                      "dead@dead.example.jp,2020-01-01,2024-01-01,\n";

static void test_engagement(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    track(&r, PS_SIGNAL_CLICK);
    domain(&r, "dead.example.jp", PS_MAIL_NONE, PS_REASON_NXDOMAIN, 0);
    travel_text(&r, engagement_rows);
    assert_string_equal(ps_buf_text(&r.reasons),
                        "clean:ok clean:ok winback:winback_due removed:dormant removed:never_engaged clean:ok "
                        "removed:winback_expired held:winback_pending held:date removed:never_engaged "
                        "removed:nxdomain");
    assert_string_equal(out(&r, PS_VERDICT_WINBACK), "due@example.jp,2020-01-01,2026-02-01,,2026-12-21\n");
    assert_int_equal(r.tally.tier[1], 1);
    assert_int_equal(r.tally.tier[3], 1);
    assert_int_equal(r.tally.tier[0], 1);
    assert_int_equal(r.tally.found[PS_REASON_DORMANT], 1); // a dead domain has no engagement
    assert_non_null(strstr(out(&r, PS_VERDICT_HELD), "soon,,date,date not_checked,"));
    road_close(&r);

    road_open(&r);
    r.job.engagement.applied = false;
    track(&r, PS_SIGNAL_CLICK);
    travel_text(&r, engagement_rows);
    assert_int_equal(r.tally.verdict[PS_VERDICT_CLEAN], 11);
    assert_int_equal(r.tally.found[PS_REASON_DORMANT], 2); // reported all the same
    road_close(&r);
}

// A date that cannot be read holds a row only where some day in its place would change the verdict.
static void test_bad_dates(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    track(&r, PS_SIGNAL_CLICK);
    travel_text(&r, "email,signup_at,last_click,last_purchase,winback_sent_at,protected\n"
                    "a@example.jp,2020-01-01,2026-11-01,??,,no\n"
                    "b@example.jp,2020-01-01,2026-07-01,??,,no\n"
                    "c@example.jp,2020-01-01,2026-01-01,??,,no\n"
                    "d@example.jp,2020-01-01,2024-01-01,??,,no\n"
                    "e@example.jp,??,2024-01-01,,,no\n"
                    "f@example.jp,2020-01-01,2024-01-01,??,,yes\n"
                    "g@example.jp,2020-01-01,2026-11-01,,??,no\n"
                    "h@example.jp,2020-01-01,??,,,no\n"
                    "h@example.jp,2020-01-01,2026-11-01,,,no\n");
    assert_string_equal(ps_buf_text(&r.reasons),
                        "clean:ok clean:ok held:date held:date removed:dormant clean:ok held:date "
                        "clean:ok removed:duplicate");
    road_close(&r);

    road_open(&r);
    track(&r, PS_SIGNAL_CLICK);
    travel_text(&r, "email,signup_at,last_click,last_purchase\n"
                    "h@example.jp,2020-01-01,,??\n"
                    "h@example.jp,2020-01-01,,\n");
    assert_string_equal(ps_buf_text(&r.reasons), "held:date removed:never_engaged"); // a held row is never the first
    road_close(&r);
}

// One address is judged once: on the best dates and the worst wishes of all its rows.
static void test_one_address_one_judgement(void **state)
{
    static const char text[] = "email,signup_at,last_click,optout\n"
                               "a@example.jp,2020-01-01,2024-01-01,no\n"
                               "a@example.jp,2020-01-01,2026-11-01,no\n"
                               "b@example.jp,2020-01-01,2026-11-01,no\n"
                               "b@example.jp,2020-01-01,2026-11-01,yes\n";
    road r;

    (void)state;
    road_open(&r);
    track(&r, PS_SIGNAL_CLICK);
    travel_text(&r, text);
    assert_string_equal(ps_buf_text(&r.reasons),
                        "clean:ok removed:duplicate removed:column_optout removed:column_optout");
    road_close(&r);

    road_open(&r);
    r.job.evidence_first = true;
    track(&r, PS_SIGNAL_CLICK);
    travel_text(&r, text);
    assert_string_equal(ps_buf_text(&r.reasons), "removed:dormant removed:duplicate clean:ok removed:column_optout");
    road_close(&r);
}

// The same bytes whatever the batches' size.
static void test_batch_size(void **state)
{
    static road whole, pieces;

    (void)state;
    road_open(&whole);
    track(&whole, PS_SIGNAL_CLICK);
    travel_text(&whole, engagement_rows);
    road_open(&pieces);
    pieces.job.batch_bytes = 64;
    track(&pieces, PS_SIGNAL_CLICK);
    travel_text(&pieces, engagement_rows);
    assert_string_equal(ps_buf_text(&whole.reasons), ps_buf_text(&pieces.reasons));
    assert_string_equal(out(&whole, PS_VERDICT_CLEAN), out(&pieces, PS_VERDICT_CLEAN));
    assert_memory_equal(whole.tally.found, pieces.tally.found, sizeof whole.tally.found);
    road_close(&pieces);
    road_close(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_optin),
        cmocka_unit_test(test_prefetched),
        cmocka_unit_test(test_relays),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_two_files),
        cmocka_unit_test(test_engagement),
        cmocka_unit_test(test_bad_dates),
        cmocka_unit_test(test_one_address_one_judgement),
        cmocka_unit_test(test_batch_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
