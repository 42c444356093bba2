// The road of a row: addresses, lists, domains, and the bytes that come out.
// layer: stage

#include "road_fixture.h"

typedef struct sought {
    const char *name;
    uint64_t found;
} sought;

static void seek(void *context, const ps_domain_count *domain)
{
    sought *s = context;

    if (s->name == NULL) s->found++;
    if (s->name != NULL && ps_span_equal(domain->name, ps_span_of(s->name))) s->found += domain->rows;
}

// Rows of a domain of the list; of NULL, the number of its domains.
static uint64_t domain_rows(ps_tally *tally, const char *name)
{
    sought s = {.name = name};

    assert_ok(ps_domain_counts_each(&tally->domains, seek, &s, &error), &error);
    return s.found;
}

static void test_clean_rows(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    domain(&r, "example.jp", PS_MAIL_DELIVERABLE, PS_REASON_MX, 0);
    travel_text(&r, "name,email\r\n"
                    "A,a@example.jp\r\n"
                    "\"B, b\",\"b@example.jp\"\r\n"
                    "C,  c@EXAMPLE.JP \r\n"
                    "D,ｄ＠ｅｘａｍｐｌｅ．ｊｐ\r\n"
                    "E,e@例え.jp\r\n"
                    "\"=1+1\",f@example.jp");
    assert_string_equal(ps_buf_text(&r.reasons), "clean:ok clean:ok clean:ok clean:ok clean:ok clean:ok");
    // Only cells that differ are written anew; quotes and all else stay as they were.
    assert_string_equal(out(&r, PS_VERDICT_CLEAN), "A,a@example.jp\r\n"
                                                   "\"B, b\",\"b@example.jp\"\r\n"
                                                   "C,c@example.jp\r\n"
                                                   "D,d@example.jp\r\n"
                                                   "E,e@xn--r8jz45g.jp\r\n"
                                                   "\"=1+1\",f@example.jp\r\n");
    assert_int_equal(r.tally.formula_rows, 1);
    assert_int_equal(r.tally.found[PS_REASON_REPAIRED_WIDTH], 1);
    assert_int_equal(r.tally.found[PS_REASON_NOT_CHECKED], 1); // the IDN domain
    assert_ok(ps_domain_counts_settle(&r.tally.domains, r.rules, &error), &error);
    assert_int_equal(domain_rows(&r.tally, NULL), 2);
    road_close(&r);
}

static void test_original_addresses(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    r.job.email_original = true;
    travel_text(&r, "email\nA@EXAMPLE.JP\n b@example.jp\n");
    assert_string_equal(out(&r, PS_VERDICT_CLEAN), "A@EXAMPLE.JP\n b@example.jp\n");
    road_close(&r);
}

static void test_suppression(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    suppress(&r, "a@example.jp", 0, PS_CLASS_HARD, "bounces", "2026-03-01");
    suppress(&r, "a@example.jp", 1, PS_CLASS_UNSUBSCRIBE, "unsubscribes", "2026-04-01");
    suppress(&r, "Soft@Example.jp", 0, PS_CLASS_SOFT, "bounces", "");
    suppress(&r, "blocked@example.jp", 0, PS_CLASS_BLOCK, "blocks", "");
    suppress(&r, "jane.doe@gmail.com", 0, PS_CLASS_COMPLAINT, "complaints", "2026-05-01");
    suppress(&r, "bob@gmail.com", 2, PS_CLASS_HARD, "bounces", "");
    suppress(&r, "rival.example", 1, PS_CLASS_MANUAL, "", "");
    suppress(&r, "unknown@example.jp", 2, PS_CLASS_UNKNOWN, "", "");
    suppress(&r, "both@rival.example", 0, PS_CLASS_INVALID, "invalid_emails", "");
    travel_text(&r, "email,name\n"
                    "Ａ@EXAMPLE.jp,1\n"
                    "a@example.jp,2\n"
                    "soft@example.jp,3\n"
                    "blocked@example.jp,4\n"
                    "janedoe+x@gmail.com,5\n"
                    "b.o.b@gmail.com,6\n"
                    "x@rival.example,7\n"
                    "x@sub.rival.example,8\n"
                    "unknown@example.jp,9\n"
                    "both@rival.example,10\n"
                    "a@example.jp\n");
    assert_string_equal(ps_buf_text(&r.reasons),
                        "removed:suppressed_unsubscribe removed:suppressed_unsubscribe clean:ok clean:ok "
                        "removed:suppressed_alias held:suppressed_alias removed:suppressed_domain clean:ok "
                        "removed:suppressed_unknown removed:suppressed_invalid removed:suppressed_unsubscribe");
    char expected[1024];
    const char *name = strrchr(r.paths[0], '/') + 1;
    snprintf(
        expected, sizeof expected,
        "Ａ@EXAMPLE.jp,1,suppressed_unsubscribe,suppressed_unsubscribe suppressed_bounce not_checked repaired_width "
        "normalized_case,own unsubscribes 2026-04-01,%s,1,2\n",
        name);
    assert_memory_equal(out(&r, PS_VERDICT_REMOVED), expected, strlen(expected));
    // A row with a cell too few is looked up all the same.
    assert_non_null(strstr(out(&r, PS_VERDICT_REMOVED),
                           "a@example.jp,suppressed_unsubscribe,columns suppressed_unsubscribe suppressed_bounce,own"));
    assert_int_equal(r.tally.matched[0], 7);
    assert_int_equal(r.tally.matched[1], 5);
    assert_int_equal(r.tally.matched[2], 2);
    road_close(&r);
}

static void test_alias_policies(void **state)
{
    static const struct {
        int alias;
        const char *reasons;
    } cases[] = {
        {PS_ALIAS_AUTO, "removed:suppressed_alias held:suppressed_alias clean:ok"},
        {PS_ALIAS_OFF, "clean:ok clean:ok clean:ok"},
        {PS_ALIAS_HOLD, "held:suppressed_alias held:suppressed_alias clean:ok"},
        {PS_ALIAS_REMOVE, "removed:suppressed_alias removed:suppressed_alias clean:ok"},
    };

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        road r;
        road_open(&r);
        memcpy(&r.job.alias, &cases[i].alias, sizeof r.job.alias);
        suppress(&r, "jane.doe@gmail.com", 0, PS_CLASS_UNSUBSCRIBE, "", "");
        suppress(&r, "bob@gmail.com", 0, PS_CLASS_HARD, "", "");
        suppress(&r, "soft@gmail.com", 0, PS_CLASS_SOFT, "", "");
        travel_text(&r, "email\njanedoe@gmail.com\nbob+1@gmail.com\ns.oft@gmail.com\n");
        assert_string_equal(ps_buf_text(&r.reasons), cases[i].reasons);
        road_close(&r);
    }
}

static void test_syntax(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    r.recipients[0].encoding = PS_ENCODING_UTF8;
    travel_text(&r, "email\n"
                    "none\n"
                    "taro@gmail.con\n" // removed by the rules, but a person can put it right
                    "a@example.jp、b@example.jp\n"
                    "taro@gmial.com\n"
                    "noreply@example.jp\n"
                    "taro@@example.jp\n"
                    "\"\"\n"
                    "t\x81ro@example.jp\n");
    assert_string_equal(ps_buf_text(&r.reasons),
                        "removed:no_at_sign held:domain_unknown_tld held:multiple_addresses "
                        "held:typo_suspected held:role_account removed:multiple_at_signs removed:empty "
                        "removed:invalid_encoding");
    assert_non_null(strstr(out(&r, PS_VERDICT_HELD), "suggestion: taro@gmail.com"));
    road_close(&r);
}

// A suggestion softens nothing that a list, a column or DNS says.
static void test_softening_is_for_syntax_alone(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    travel_text(&r, "email,optout\ntaro@gmail.con,1\ntaro@gmail.con,0\n");
    assert_string_equal(ps_buf_text(&r.reasons), "removed:domain_unknown_tld held:domain_unknown_tld");
    assert_non_null(strstr(out(&r, PS_VERDICT_REMOVED), ",domain_unknown_tld column_optout,"));
    road_close(&r);
}

static void test_policies(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    r.job.effect[PS_REASON_TYPO_SUSPECTED] = PS_EFFECT_KEEP;
    r.job.effect[PS_REASON_ROLE_SYSTEM] = PS_EFFECT_OFF;
    r.job.effect[PS_REASON_ROLE_ACCOUNT] = PS_EFFECT_REMOVE;
    travel_text(&r, "email\ntaro@gmial.com\nnoreply@example.jp\ninfo@example.jp\n");
    assert_string_equal(ps_buf_text(&r.reasons), "held:disposable_domain clean:ok removed:role_account");
    assert_int_equal(r.tally.found[PS_REASON_ROLE_SYSTEM], 0);
    assert_int_equal(r.tally.found[PS_REASON_TYPO_SUSPECTED], 1);
    road_close(&r);
}

static void test_domains(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    domain(&r, "dead.example.jp", PS_MAIL_NONE, PS_REASON_NXDOMAIN, 0);
    domain(&r, "slow.example.jp", PS_MAIL_UNKNOWN, PS_REASON_TIMEOUT, 0);
    domain(&r, "bare.example.jp", PS_MAIL_DELIVERABLE, PS_REASON_IMPLICIT_MX, PS_FIND(IMPLICIT_MX));
    domain(&r, "part.example.jp", PS_MAIL_DELIVERABLE, PS_REASON_MX, PS_FIND(MX_PARTIAL));
    travel_text(&r, "email\na@dead.example.jp\na@slow.example.jp\na@bare.example.jp\na@part.example.jp\na@example."
                    "jp\na@dead.example.jp\n");
    assert_string_equal(ps_buf_text(&r.reasons),
                        "removed:nxdomain clean:ok clean:ok clean:ok clean:ok removed:nxdomain");
    assert_int_equal(r.tally.found[PS_REASON_TIMEOUT], 1);
    assert_int_equal(r.tally.found[PS_REASON_IMPLICIT_MX], 1);
    assert_int_equal(r.tally.found[PS_REASON_MX_PARTIAL], 1);
    assert_int_equal(r.tally.found[PS_REASON_NOT_CHECKED], 1);
    assert_int_equal(r.tally.found[PS_REASON_DUPLICATE], 0); // undeliverable rows each say so
    road_close(&r);
}

// A suspicion from likeness alone ends where the domain takes mail; a listed slip and an odd local part stay
// suspicious.
static void test_typos_that_take_mail(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    domain(&r, "gmial.com", PS_MAIL_DELIVERABLE, PS_REASON_MX, 0);
    domain(&r, "gnail.com", PS_MAIL_DELIVERABLE, PS_REASON_MX, 0);
    domain(&r, "gmail.co.jp", PS_MAIL_DELIVERABLE, PS_REASON_MX, 0);
    domain(&r, "example.jp", PS_MAIL_DELIVERABLE, PS_REASON_MX, 0);
    domain(&r, "yaho.co.jp", PS_MAIL_UNKNOWN, PS_REASON_TIMEOUT, 0);
    travel_text(&r, "email\ntaro@gmial.com\ntaro@gmail.co.jp\n'taro@example.jp\ntaro@yaho.co.jp\ntaro@gnail.com\n");
    assert_string_equal(ps_buf_text(&r.reasons),
                        "held:disposable_domain held:typo_suspected held:typo_suspected held:typo_suspected clean:ok");
    assert_int_equal(r.tally.found[PS_REASON_TYPO_DEMOTED], 2); // gmial.com is a throw-away provider besides
    road_close(&r);
}

// Slips of the table are put right, and everything after that is about the address that was meant; slips that are only
// near a domain wait for a person, and so does a local part that is odd itself.
static void test_typos_put_right(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    r.job.typo_fix = true;
    domain(&r, "gmail.com", PS_MAIL_DELIVERABLE, PS_REASON_MX, 0);
    domain(&r, "gmail.co", PS_MAIL_NONE, PS_REASON_NXDOMAIN, 0);
    travel_text(&r, "email\nTaro@Gmail.co\ntaro@gmail.com\nhana@gmial.com\n'jiro@gmail.co\nroot@gmail.co\n"
                    "\"\"\"a b\"\"@gmail.co\"\ntaro@gmail.co.jp,2\n");
    assert_string_equal(ps_buf_text(&r.reasons),
                        "clean:ok removed:duplicate held:typo_suspected held:typo_suspected held:role_account "
                        "held:local_quoted held:columns");
    assert_string_equal(out(&r, PS_VERDICT_CLEAN), "Taro@gmail.com\n");
    assert_non_null(strstr(out(&r, PS_VERDICT_HELD), "'jiro@gmail.co,typo_suspected,typo_suspected typo_fixed "
                                                     "no_engagement_data,suggestion: jiro@gmail.com"));
    assert_int_equal(r.tally.found[PS_REASON_TYPO_FIXED], 4); // a row that is not judged is not mended
    assert_int_equal(r.tally.found[PS_REASON_TYPO_SUSPECTED], 2);
    road_close(&r);
}

// A list may know either spelling; without `fix` only the written one is looked up.
static void test_typos_put_right_are_looked_up_twice(void **state)
{
    static const struct {
        const char *listed, *fixed, *as_written;
    } cases[] = {
        {"taro@gmail.co", "removed:suppressed_unsubscribe", "removed:suppressed_unsubscribe"},
        {"taro@gmail.com", "removed:suppressed_unsubscribe", "held:typo_suspected"},
        {"t.aro+news@gmail.com", "removed:suppressed_alias", "held:typo_suspected"},
        {"gmail.co", "removed:suppressed_domain", "removed:suppressed_domain"},
        {"gmail.com", "removed:suppressed_domain", "held:typo_suspected"},
        {"hana@gmail.com", "clean:ok", "held:typo_suspected"},
    };

    (void)state;
    for (size_t i = 0; i < 2 * PS_COUNT_OF(cases); i++) {
        road r;
        bool fix = i % 2 == 0;
        print_message("  %s, %s\n", cases[i / 2].listed, fix ? "fixed" : "as written");
        road_open(&r);
        r.job.typo_fix = fix;
        suppress(&r, cases[i / 2].listed, 1, PS_CLASS_UNSUBSCRIBE, "unsubscribes", "");
        travel_text(&r, "email\ntaro@gmail.co\n");
        assert_string_equal(ps_buf_text(&r.reasons), fix ? cases[i / 2].fixed : cases[i / 2].as_written);
        road_close(&r);
    }
}

// A damaged row, too, is looked up as it was meant.
static void test_damaged_typos_are_looked_up(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    r.job.typo_fix = true;
    suppress(&r, "taro@gmail.com", 0, PS_CLASS_COMPLAINT, "", "");
    travel_text(&r, "email\ntaro@gmail.co,2\n");
    assert_string_equal(ps_buf_text(&r.reasons), "removed:suppressed_complaint");
    road_close(&r);
}

// Throw-away providers sit on names that are one slip away: the suspicion hides them only while it holds the row.
static void test_typo_policies(void **state)
{
    static const struct {
        ps_effect typo;
        const char *reasons;
    } cases[] = {
        {PS_EFFECT_OFF, "clean:ok held:disposable_domain clean:ok"},
        {PS_EFFECT_KEEP, "clean:ok held:disposable_domain clean:ok"},
        {PS_EFFECT_HOLD, "held:typo_suspected held:typo_suspected held:typo_suspected"},
        {PS_EFFECT_REMOVE, "held:typo_suspected held:typo_suspected held:typo_suspected"}, // a person can put it right
    };

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        road r;
        road_open(&r);
        r.job.effect[PS_REASON_TYPO_SUSPECTED] = cases[i].typo;
        travel_text(&r, "email\ntaro@gmail.co\ntaro@gmial.com\n'taro@example.jp\n");
        assert_string_equal(ps_buf_text(&r.reasons), cases[i].reasons);
        road_close(&r);
    }
}

static void test_mx_off(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    r.facts.domains = NULL;
    travel_text(&r, "email\na@example.jp\nbad\n");
    assert_string_equal(ps_buf_text(&r.reasons), "clean:ok removed:no_at_sign");
    assert_int_equal(r.tally.found[PS_REASON_NOT_CHECKED], 1);
    road_close(&r);
}

// 氏名 and 山田太郎 in CP932; the outputs keep those bytes.
static void test_cp932(void **state)
{
    static const char text[] = "\x8e\x81\x96\xbc,email\r\n"
                               "\x8e\x52\x93\x63\x91\xbe\x98\x59,\x82\x94\x82\x81\x82\x92\x82\x8f\x81\x97"
                               "example.jp\r\n"
                               "\x8e\x52\x93\x63,\x91\xbe\x98\x59@EXAMPLE.jp\r\n"
                               "\x8e\x52\x93\x63,t\x81\xff@example.jp\r\n";
    road r;

    (void)state;
    road_open(&r);
    r.recipients[0].encoding = PS_ENCODING_CP932;
    r.job.effect[PS_REASON_SMTPUTF8_REQUIRED] = PS_EFFECT_KEEP;
    write_file(&r, 0, text, sizeof text - 1);
    travel(&r);
    assert_string_equal(ps_buf_text(&r.reasons), "clean:ok clean:ok removed:invalid_encoding");
    assert_string_equal(out(&r, PS_VERDICT_CLEAN), "\x8e\x52\x93\x63\x91\xbe\x98\x59,taro@example.jp\r\n"
                                                   "\x8e\x52\x93\x63,\x91\xbe\x98\x59@example.jp\r\n");
    assert_non_null(strstr(out(&r, PS_VERDICT_REMOVED), "\x8e\x52\x93\x63,t\x81\xff@example.jp,invalid_encoding,"));
    road_close(&r);
}

// Records of all lengths about those that are copied with what lies behind them, and the last one of the file.
static void test_lengths(void **state)
{
    enum { LENGTHS = 250 };
    char notes[LENGTHS + 1];
    ps_buf text, expected;
    road r;

    (void)state;
    road_open(&r);
    memset(notes, 'a', LENGTHS);
    ps_buf_init(&text, 1 << 20);
    ps_buf_init(&expected, 1 << 20);
    ps_buf_add_text(&text, "email,note\n");
    for (int i = 0; i < LENGTHS; i++)
        ps_buf_add_format(&text, "none,%.*s\n", i, notes);
    travel_text(&r, ps_buf_text(&text));
    for (int i = 0; i < LENGTHS; i++) {
        ps_buf_add_format(&expected, "none,%.*s,no_at_sign,no_at_sign,,%s,%d,%d\n", i, notes,
                          strrchr(r.paths[0], '/') + 1, i + 1, i + 2);
    }
    assert_string_equal(out(&r, PS_VERDICT_REMOVED), ps_buf_text(&expected));
    ps_buf_done(&expected);
    ps_buf_done(&text);
    road_close(&r);
}

// Of mails of the same day, and of days that are kept in one place, each text is its own.
static void test_waits(void **state)
{
    static const struct {
        int days; // before the day of the run
        const char *text;
    } cases[] = {
        {30, "win-back mail of 2026-10-22 (a reply counts until 2026-11-21)"},
        {31, "win-back mail of 2026-10-21 (a reply counted until 2026-11-20)"},
        {31 + PS_WAIT_TEXTS, "win-back mail of 2025-05-27 (a reply counted until 2025-06-26)"},
        {31, "win-back mail of 2026-10-21 (a reply counted until 2026-11-20)"},
        {30, "win-back mail of 2026-10-22 (a reply counts until 2026-11-21)"},
    };
    ps_buf text;
    road r;

    (void)state;
    road_open(&r);
    r.facts.coverage.tracked[PS_SIGNAL_CLICK] = true; // or a reply might not have been seen
    ps_buf_init(&text, TEXT_MAX);
    ps_buf_add_text(&text, "email,last_click,signup_at,winback_sent_at\n");
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        char day[PS_DAY_ROOM + 1];
        *ps_put_day(day, r.job.as_of - cases[i].days) = '\0';
        ps_buf_add_format(&text, "p%zu@example.jp,2024-02-01,2024-01-01,%s\n", i, day);
    }
    travel_text(&r, ps_buf_text(&text));
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        char name[32], cell[128];
        bool held = cases[i].days == 30;
        snprintf(name, sizeof name, "p%zu@", i);
        snprintf(cell, sizeof cell, "winback_%s not_checked,%s,", held ? "pending" : "expired", cases[i].text);
        const char *row = strstr(out(&r, held ? PS_VERDICT_HELD : PS_VERDICT_REMOVED), name);
        assert_non_null(row);
        const char *found = strstr(row, cell);
        assert_non_null(found);
        assert_true(found < strchr(row, '\n'));
    }
    ps_buf_done(&text);
    road_close(&r);
}

static void be_part_of(const ps_tally *whole, road *r)
{
    ps_tally_close(&r->tally);
    assert_ok(ps_tally_open(whole, NULL, &r->tally, &error), &error);
}

static void test_tally_merge(void **state)
{
    static road a, b;
    ps_tally sum;

    (void)state;
    assert_ok(ps_tally_open(NULL, NULL, &sum, &error), &error);
    road_open(&a);
    be_part_of(&sum, &a);
    travel_text(&a, "email\na@one.example.jp\nb@two.example.jp\nbad\n");
    road_open(&b);
    be_part_of(&sum, &b);
    b.facts.address_rules = a.rules; // as in one run
    travel_text(
        &b, "email\nc@two.example.jp\nd@three.example.jp\nd@three.example.jp\ne@one.example.jp / f@one.example.jp\n");
    assert_ok(ps_tally_merge(&sum, &b.tally, &error), &error);
    assert_ok(ps_tally_merge(&sum, &a.tally, &error), &error);
    assert_int_equal(sum.rows, 7);
    assert_int_equal(sum.verdict[PS_VERDICT_CLEAN], 4);
    assert_int_equal(sum.decided[PS_REASON_DUPLICATE], 1);
    assert_int_equal(sum.file_rows[0], 7);
    assert_int_equal(sum.decided[PS_REASON_MULTIPLE_ADDRESSES], 1);
    assert_int_equal(sum.held[PS_REASON_MULTIPLE_ADDRESSES], 1); // several addresses in a cell hold the row
    assert_int_equal(sum.held[PS_REASON_NO_AT_SIGN], 0);
    assert_ok(ps_domain_counts_settle(&sum.domains, a.rules, &error), &error);
    assert_int_equal(domain_rows(&sum, NULL), 3);
    assert_int_equal(domain_rows(&sum, "two.example.jp"), 2);
    assert_int_equal(domain_rows(&sum, "one.example.jp"), 1);
    road_close(&b);
    road_close(&a);
    ps_tally_close(&sum);
}

// Every allocation of the judging pass fails once: each time somebody says so, and no output is taken for whole.
static void test_no_memory(void **state)
{
    bool failed = true;
    unsigned long n = 0;

    (void)state;
    while (failed && ++n < 100) {
        road r;
        road_open(&r);
        r.fail_at = n;
        r.recipients[0].encoding = PS_ENCODING_CP932;
        r.job.effect[PS_REASON_SMTPUTF8_REQUIRED] = PS_EFFECT_KEEP;
        travel_text(&r, "email\na@example.jp\na@example.jp\n\x91\xbe\x98\x59@EXAMPLE.jp\nb@gmial.com\n");
        failed = r.failed;
        road_close(&r);
    }
    assert_false(failed);
    assert_true(n > 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean_rows),
        cmocka_unit_test(test_original_addresses),
        cmocka_unit_test(test_suppression),
        cmocka_unit_test(test_alias_policies),
        cmocka_unit_test(test_syntax),
        cmocka_unit_test(test_softening_is_for_syntax_alone),
        cmocka_unit_test(test_policies),
        cmocka_unit_test(test_domains),
        cmocka_unit_test(test_typos_that_take_mail),
        cmocka_unit_test(test_typos_put_right),
        cmocka_unit_test(test_typos_put_right_are_looked_up_twice),
        cmocka_unit_test(test_damaged_typos_are_looked_up),
        cmocka_unit_test(test_typo_policies),
        cmocka_unit_test(test_mx_off),
        cmocka_unit_test(test_cp932),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_tally_merge),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
