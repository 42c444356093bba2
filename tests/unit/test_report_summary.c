// The summary for a terminal: what it says, that it fits, and that nothing in it steers the terminal.
// layer: report
#include "assert.h"

#include "base/buf.h"
#include "base/memory.h"
#include "base/text.h"
#include "report/format.h"
#include "report/report.h"
#include "report_run.h"

enum { SUMMARY_BYTES_MAX = 1 << 16 };

static const char *draw(const ps_run *run, bool color, unsigned width, ps_buf *out)
{
    ps_error err = {0};

    ps_buf_init(out, SUMMARY_BYTES_MAX);
    assert_ok(ps_report_summary(run, color, width, out, &err), &err);
    return ps_buf_text(out);
}

static void test_text(void **state)
{
    static const char expected[] = "2026-autumn 秋のご案内, 5,000 rows judged as of 2026-11-21\n"
                                   "! The file of suppression source competitors is 208 days old.\n"
                                   "! Domains were judged by an MX snapshot, not by DNS; its oldest entry is of\n"
                                   "  2026-10-02, an age of 50 days.\n"
                                   "\n"
                                   "  Clean            3,912  78.2%  #####################################\n"
                                   "  Win-back           214   4.3%  ##\n"
                                   "  Held               120   2.4%  #\n"
                                   "  Removed            754  15.1%  #######\n"
                                   "\n"
                                   "  removed            233  unsubscribed at the ESP\n"
                                   "  winback            214  inactive: a win-back mail is due\n"
                                   "  removed            131  the address stands in an earlier row\n"
                                   "  removed            118  mail to it bounced for good\n"
                                   "  removed             74  the file says: opted out\n"
                                   "  removed             61  inactive for longer than the hard limit\n"
                                   "  removed             57  the domain does not exist\n"
                                   "                     200  for 14 further reasons: see the report\n"
                                   "\n"
                                   "! 75 rows have a domain that was not looked up.\n"
                                   "! 3 rows that go out hold a cell that a spreadsheet would run as a formula.\n";
    report_run fixture;
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_make(&fixture);
    assert_string_equal(draw(&fixture.run, false, 0, &out), expected);
    ps_buf_done(&out);
}

static size_t count_of(const char *text, char c)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += *text == c;
    return count;
}

static void test_fits(void **state)
{
    ps_run_warning warnings[40];
    report_run fixture;
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_make(&fixture);
    for (size_t i = 0; i < PS_COUNT_OF(warnings); i++)
        warnings[i] = (ps_run_warning){"many", "a warning 警告警告警告警告警告警告警告警告警告警告警告警告警告警告警告",
                                       i % 2 == 0};
    fixture.run.warnings = warnings;
    fixture.run.warnings_count = PS_COUNT_OF(warnings);
    fixture.guards[0].fired = true;
    for (unsigned width = 1; width < 120; width += 13) {
        const char *text = draw(&fixture.run, false, width, &out);
        assert_in_range(count_of(text, '\n'), 18, 21);
        assert_non_null(strstr(text, " more: see the report\n"));
        for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
            size_t columns = 0, len = strcspn(line, "\n");
            for (size_t at = 0; at < len;)
                columns += ps_utf8_next((ps_span){line, len}, &at) > 0x7f ? 2 : 1;
            assert_true(columns <= (width < 40 ? 40 : width));
        }
        ps_buf_done(&out);
    }
}

static void test_hostile(void **state)
{
    report_run fixture;
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_hostile(&fixture);
    const char *text = draw(&fixture.run, false, 200, &out);
    assert_true(ps_utf8_valid(ps_buf_span(&out)));
    assert_null(strstr(text, "\xe2\x80\xae"));
    assert_null(strchr(text, '\033'));
    assert_non_null(strstr(text, " evil\\x0a\\xff </td>\n"));
    assert_non_null(strstr(text, "Kept back by the guard removed_share:\n  <script>"));
    ps_buf_done(&out);
}

static void test_color(void **state)
{
    report_run fixture;
    ps_buf plain, colored;

    (void)state; // cmocka's signature
    report_run_make(&fixture);
    const char *text = draw(&fixture.run, true, 0, &colored);
    assert_non_null(strstr(text, "\033[32m  Clean "));
    // Without its colours it is the plain one.
    ps_buf bare;
    ps_buf_init(&bare, SUMMARY_BYTES_MAX);
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] == '\033') i = (size_t)(strchr(text + i, 'm') - text) + 1;
        if (text[i] == '\033') i = (size_t)(strchr(text + i, 'm') - text) + 1;
        ps_buf_add_char(&bare, text[i]);
    }
    assert_string_equal(ps_buf_text(&bare), draw(&fixture.run, false, 0, &plain));
    ps_buf_done(&bare);
    ps_buf_done(&plain);
    ps_buf_done(&colored);
}

static void test_empty(void **state)
{
    report_run fixture;
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_empty(&fixture);
    assert_string_equal(draw(&fixture.run, false, 80, &out), "0 rows judged as of 2026-11-21\n"
                                                             "! No suppression list was checked.\n"
                                                             "! Domains were not checked for mail servers.\n"
                                                             "\n"
                                                             "  Clean                0      -\n"
                                                             "  Win-back             0      -\n"
                                                             "  Held                 0      -\n"
                                                             "  Removed              0      -\n");
    ps_buf_done(&out);
}

static void test_formats(void **state)
{
    static const struct {
        uint64_t part, whole;
        const char *text;
    } shares[] = {
        {0, 0, "-"},        {0, 5, "0.0%"},         {5, 5, "100.0%"},  {1, 3, "33.3%"},
        {1, 3000, "<0.1%"}, {2999, 3000, ">99.9%"}, {1, 1000, "0.1%"}, {999999999999, 1000000000000, ">99.9%"}};
    static const struct {
        uint64_t value;
        const char *count, *size;
    } numbers[] = {{0, "0", "0 bytes"},
                   {1, "1", "1 byte"},
                   {999, "999", "999 bytes"},
                   {1000, "1,000", "1.0 kB"},
                   {999949, "999,949", "999.9 kB"},
                   {1450000, "1,450,000", "1.5 MB"},
                   {UINT64_MAX, "18,446,744,073,709,551,615", "18,446,744.1 TB"}};
    ps_buf out;

    (void)state; // cmocka's signature
    ps_buf_init(&out, SUMMARY_BYTES_MAX);
    for (size_t i = 0; i < PS_COUNT_OF(shares); i++) {
        ps_buf_clear(&out);
        ps_add_share(&out, shares[i].part, shares[i].whole);
        assert_string_equal(ps_buf_text(&out), shares[i].text);
    }
    for (size_t i = 0; i < PS_COUNT_OF(numbers); i++) {
        ps_buf_clear(&out);
        ps_add_count(&out, numbers[i].value);
        assert_string_equal(ps_buf_text(&out), numbers[i].count);
        ps_buf_clear(&out);
        ps_add_size(&out, numbers[i].value);
        assert_string_equal(ps_buf_text(&out), numbers[i].size);
    }
    ps_buf_done(&out);
}

static void test_no_room(void **state)
{
    report_run fixture;
    ps_error err = {0};
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_make(&fixture);
    ps_buf_init(&out, 100);
    assert_int_equal(ps_report_summary(&fixture.run, false, 0, &out, &err), PS_BUG);
    ps_buf_done(&out);
}

// Every allocation fails once: each time the caller is told, and what comes out in the end is the whole.
static void test_no_memory(void **state)
{
    report_run fixture;
    ps_buf whole, out;
    ps_status status = PS_RETRY;

    (void)state; // cmocka's signature
    report_run_make(&fixture);
    draw(&fixture.run, false, 0, &whole);
    for (unsigned long n = 1; status != PS_OK; n++) {
        ps_error err = {0};
        ps_buf_init(&out, SUMMARY_BYTES_MAX);
        ps_memory_fail_at(n, 0);
        status = ps_report_summary(&fixture.run, false, 0, &out, &err);
        ps_memory_fail_at(0, 0);
        assert_true(status == PS_OK || status == PS_RETRY);
        if (status == PS_OK) assert_string_equal(ps_buf_text(&out), ps_buf_text(&whole));
        ps_buf_done(&out);
    }
    ps_buf_done(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),    cmocka_unit_test(test_fits),      cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_color),   cmocka_unit_test(test_empty),     cmocka_unit_test(test_formats),
        cmocka_unit_test(test_no_room), cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
