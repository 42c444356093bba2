// Each row judged alone: the first wins, and a later one that says more is counted.
// layer: stage
#include "road_fixture.h"

// Engagement as of 2026-11-21: active since 08-23, win-back from 05-24 on, gone before 2025-11-21.
static const struct {
    const char *name, *rows, *outcome;
    unsigned outdone, against;
} cases[] = {
    {"the same twice", "a@example.jp,2026-11-01,,,\na@example.jp,2026-11-01,,,\n", "clean:ok removed:duplicate", 0, 0},
    {"the later is older", "a@example.jp,2026-11-01,,,\na@example.jp,2024-01-01,,,\n", "clean:ok removed:duplicate", 0,
     0},
    {"the later is active", "a@example.jp,2024-01-01,,,\na@example.jp,2026-11-01,,,\n",
     "removed:dormant removed:duplicate", 1, 0},
    {"the later is less inactive", "a@example.jp,2024-01-01,,,\na@example.jp,2026-01-01,,,\n",
     "removed:dormant removed:duplicate", 1, 0},
    {"the later opts out", "a@example.jp,2026-11-01,,,\na@example.jp,2026-11-01,yes,,\n",
     "clean:ok removed:column_optout", 1, 1},
    {"the later opts out of a removed one", "a@example.jp,2024-01-01,,,\na@example.jp,2026-11-01,yes,,\n",
     "removed:dormant removed:column_optout", 1, 1},
    {"the first opts out", "a@example.jp,2026-11-01,yes,,\na@example.jp,2026-11-01,,,\n",
     "removed:column_optout removed:duplicate", 0, 0},
    {"both opt out", "a@example.jp,2026-11-01,yes,,\na@example.jp,2026-11-01,yes,,\n",
     "removed:column_optout removed:column_optout", 0, 0},
    {"a win-back mail is out in the later", "a@example.jp,2026-11-01,,,\na@example.jp,2024-01-01,,2026-11-10,\n",
     "clean:ok removed:duplicate", 1, 0},
    {"a win-back mail is out in both", "a@example.jp,2024-01-01,,2026-11-10,\na@example.jp,2024-01-01,,2026-11-09,\n",
     "held:winback_pending removed:duplicate", 0, 0},
    {"the later is not protected", "a@example.jp,2024-01-01,,,yes\na@example.jp,2024-01-01,,,no\n",
     "clean:ok removed:duplicate", 1, 1},
    {"the later is protected", "a@example.jp,2026-11-01,,,\na@example.jp,2024-01-01,,,yes\n",
     "clean:ok removed:duplicate", 1, 0},
    {"three rows, two say more",
     "a@example.jp,2024-01-01,,,\na@example.jp,2026-11-01,,,\nb@example.jp,2026-11-01,,,\na@example.jp,2026-11-01,yes,,"
     "\n",
     "removed:dormant removed:duplicate clean:ok removed:column_optout", 2, 1},
    {"on a list", "x@example.jp,2026-11-01,,,\nx@example.jp,2026-11-01,yes,,\n",
     "removed:suppressed_manual removed:suppressed_manual", 0, 0},
};

static void test_later_rows(void **state)
{
    char text[1024];

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        road r;
        uint64_t against = 0;
        print_message("  %s\n", cases[i].name);
        road_open(&r);
        r.job.evidence_first = true;
        track(&r, PS_SIGNAL_CLICK);
        suppress(&r, "x@example.jp", 1, PS_CLASS_MANUAL, "", "");
        snprintf(text, sizeof text, "email,last_click,optout,winback_sent_at,protected\n%s", cases[i].rows);
        travel_text(&r, text);
        assert_string_equal(ps_buf_text(&r.reasons), cases[i].outcome);
        assert_int_equal(ps_claims_outdone(&r.claims, &against), cases[i].outdone);
        assert_int_equal(against, cases[i].against);
        road_close(&r);
    }
}

// Engagement that is only reported changes nothing, so a later row cannot say more about it.
static void test_engagement_not_applied(void **state)
{
    uint64_t against = 0;
    road r;

    (void)state;
    road_open(&r);
    r.job.evidence_first = true;
    r.job.engagement.applied = false;
    track(&r, PS_SIGNAL_CLICK);
    travel_text(&r, "email,last_click\na@example.jp,2024-01-01\na@example.jp,2026-11-01\n");
    assert_string_equal(ps_buf_text(&r.reasons), "clean:ok removed:duplicate");
    assert_int_equal(ps_claims_outdone(&r.claims, &against), 0);
    road_close(&r);
}

// The line of the first, in its file.
static void test_line_of_the_first(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    r.job.recipients_count = 2;
    const char *one = "email,name\na@example.jp,\"x\ny\"\nb@example.jp,\n";
    const char *other = "email,name\nb@example.jp,\nc@example.jp,\na@example.jp,\nc@example.jp,\n";
    write_file(&r, 0, one, strlen(one));
    write_file(&r, 1, other, strlen(other));
    travel(&r);
    assert_string_equal(ps_buf_text(&r.reasons), "clean:ok clean:ok removed:duplicate clean:ok removed:duplicate "
                                                 "removed:duplicate");
    const char *removed = out(&r, PS_VERDICT_REMOVED);
    assert_non_null(removed = strstr(removed, ",line 4 of presend-road0-"));
    assert_non_null(removed = strstr(removed, ",line 2 of presend-road0-"));
    assert_non_null(strstr(removed, ",line 3 of presend-road1-"));
    road_close(&r);
}

// Who is removed again and again is one person, on a list or not, and in another run on the same lists once more.
static void test_removed_again(void **state)
{
    const char *rows = "email,optout\nx@example.jp,\nx@example.jp,yes\njane.doe@gmail.com,\njanedoe@gmail.com,\n"
                       "o@example.jp,yes\no@example.jp,yes\nx@example.jp,\n";
    road r;

    (void)state;
    road_open(&r);
    r.job.evidence_first = true;
    r.job.dedupe = PS_DEDUPE_PROVIDER;
    suppress(&r, "x@example.jp", 1, PS_CLASS_MANUAL, "", "");
    suppress(&r, "j.anedoe@gmail.com", 1, PS_CLASS_COMPLAINT, "", "");
    for (unsigned run = 1; run <= 3; run++) {
        travel_text(&r, rows);
        assert_int_equal(r.tally.decided[PS_REASON_SUPPRESSED_MANUAL], 3 * run);
        assert_int_equal(r.tally.repeated[PS_REASON_SUPPRESSED_MANUAL], 2 * run);
        assert_int_equal(r.tally.repeated[PS_REASON_SUPPRESSED_ALIAS], run);
        assert_int_equal(r.tally.repeated[PS_REASON_COLUMN_OPTOUT], run);
    }
    road_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_later_rows),
        cmocka_unit_test(test_engagement_not_applied),
        cmocka_unit_test(test_line_of_the_first),
        cmocka_unit_test(test_removed_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
