// layer: base
#include "assert.h"

#include <time.h>

#include "base/clock.h"
#include "base/memory.h"

// Every day of years 1 to 9999 in order: no gap, nothing twice, text and back.
static void test_every_day(void **state)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    ps_day expected = ps_day_of(1, 1, 1);
    (void)state;

    assert_int_equal(expected, -719162);
    for (int year = 1; year <= 9999; year++) {
        bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
        for (int month = 1; month <= 12; month++) {
            int last = lengths[month - 1] + (month == 2 && leap);
            for (int day = 1; day <= last; day++) {
                int y, m, d;
                ps_day_split(expected, &y, &m, &d);
                if (ps_day_of(year, month, day) != expected || y != year || m != month || d != day) {
                    fail_msg("%d-%d-%d", year, month, day);
                }
                expected++;
            }
            assert_int_equal(ps_day_of(year, month, last + 1), PS_DAY_NONE);
        }
    }
}

static void test_known_days(void **state)
{
    (void)state;
    assert_int_equal(ps_day_of(1970, 1, 1), 0);
    assert_int_equal(ps_day_of(1969, 12, 31), -1);
    assert_int_equal(ps_day_of(2000, 2, 29), 11016);
    assert_int_equal(ps_day_of(2026, 11, 21), 20778);
    assert_int_equal(ps_day_of(0, 1, 1), PS_DAY_NONE);
    assert_int_equal(ps_day_of(10000, 1, 1), PS_DAY_NONE);
    assert_int_equal(ps_day_of(2026, 0, 1), PS_DAY_NONE);
    assert_int_equal(ps_day_of(2026, 13, 1), PS_DAY_NONE);
    assert_int_equal(ps_day_of(2026, 1, 0), PS_DAY_NONE);
    assert_int_equal(ps_day_of(1900, 2, 29), PS_DAY_NONE);
}

// What a spreadsheet or a subtraction may make of a day: no year is too far away.
static void test_far_days(void **state)
{
    static const struct {
        ps_day day;
        int year, month, day_of_month;
    } cases[] = {{INT32_MIN, -5877641, 6, 23}, {-719528, 0, 1, 1}, {-719529, -1, 12, 31}, {INT32_MAX, 5881580, 7, 11}};
    int year, month, day;
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_day_split(cases[i].day, &year, &month, &day);
        assert_int_equal(year, cases[i].year);
        assert_int_equal(month, cases[i].month);
        assert_int_equal(day, cases[i].day_of_month);
    }
}

static void test_day_text(void **state)
{
    static const char *const bad[] = {"",           "2026-11-2",  "2026-11-211", "2026/11/21", "2026-02-29",
                                      "2026-13-01", "0000-01-01", "2026-1-021",  "+026-11-21", "2026-11- 1"};
    char text[PS_DAY_TEXT_SIZE];
    ps_day day;
    (void)state;

    assert_true(ps_day_parse(ps_span_of("2026-11-21"), &day));
    assert_int_equal(day, 20778);
    ps_day_text(day, text);
    assert_string_equal(text, "2026-11-21");
    ps_day_text(ps_day_of(1, 2, 3), text);
    assert_string_equal(text, "0001-02-03");
    ps_day_text(PS_DAY_NONE, text);
    assert_string_equal(text, "");
    ps_day_text(INT32_MAX, text);
    assert_string_equal(text, "");
    for (size_t i = 0; i < PS_COUNT_OF(bad); i++) {
        day = 7;
        assert_false(ps_day_parse(ps_span_of(bad[i]), &day));
        assert_int_equal(day, 7);
    }
}

static void test_time_text(void **state)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {1795285920, "2026-11-21T18:32:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {-86400, "1969-12-31T00:00:00Z"},
        {253402300799, "9999-12-31T23:59:59Z"},
        {253402300800, ""},
        {INT64_MAX, ""},
        {INT64_MIN, ""},
    };
    char text[PS_TIME_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_time_text(cases[i].seconds, text);
        assert_string_equal(text, cases[i].text);
    }
}

static const struct {
    const char *zone, *utc_day;
    int second_of_day;
    const char *civil_day;
} zone_cases[] = {
    {"UTC", "2026-11-21", 86399, "2026-11-21"},
    {"UTC", "1969-12-31", 86399, "1969-12-31"},
    {"+09:00", "2026-11-21", 53999, "2026-11-21"}, // 14:59:59
    {"+09:00", "2026-11-21", 54000, "2026-11-22"},
    {"-03:30", "2026-11-21", 12599, "2026-11-20"},
    {"-03:30", "2026-11-21", 12600, "2026-11-21"},
    {"Asia/Tokyo", "2026-11-21", 53999, "2026-11-21"},
    {"Asia/Tokyo", "2026-11-21", 54000, "2026-11-22"},
    {"Asia/Tokyo", "1949-06-01", 50399, "1949-06-01"}, // summer time under the occupation: +10:00
    {"Asia/Tokyo", "1949-06-01", 50400, "1949-06-02"},
    {"America/New_York", "2026-11-01", 14399, "2026-10-31"}, // still summer time
    {"America/New_York", "2026-11-01", 14400, "2026-11-01"},
    {"America/New_York", "2026-11-02", 17999, "2026-11-01"}, // no longer
    {"America/New_York", "2026-11-02", 18000, "2026-11-02"},
    {"America/New_York", "2099-07-01", 14400, "2099-07-01"}, // by the rule that closes the file
    {"Pacific/Apia", "2011-12-30", 35999, "2011-12-29"}, // 30 December was skipped there
    {"Pacific/Apia", "2011-12-30", 36000, "2011-12-31"},
    {"Asia/Kathmandu", "2026-01-01", 65699, "2026-01-01"}, // +05:45
    {"Asia/Kathmandu", "2026-01-01", 65700, "2026-01-02"},
};

static void test_zones(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(zone_cases); i++) {
        ps_zone *zone = NULL;
        ps_error err;
        ps_day day;
        char text[PS_DAY_TEXT_SIZE];
        print_message("  %s %s %d\n", zone_cases[i].zone, zone_cases[i].utc_day, zone_cases[i].second_of_day);
        assert_ok(ps_zone_new(zone_cases[i].zone, &zone, &err), &err);
        assert_true(ps_day_parse(ps_span_of(zone_cases[i].utc_day), &day));
        ps_day_text(ps_zone_day(zone, (int64_t)day * 86400 + zone_cases[i].second_of_day), text);
        assert_string_equal(text, zone_cases[i].civil_day);
        ps_zone_free(zone);
    }
    ps_zone_free(NULL);
}

// Against the C library all over two centuries, in zones with many and odd changes.
static void test_zone_two_centuries(void **state)
{
    static const char *const names[] = {"Asia/Tokyo",       "America/St_Johns", "Africa/Casablanca",
                                        "Antarctica/Troll", "Europe/Dublin",    "Australia/Lord_Howe"};

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(names); i++) {
        ps_zone *zone = NULL;
        ps_error err;
        assert_ok(ps_zone_new(names[i], &zone, &err), &err);
        assert_int_equal(setenv("TZ", names[i], 1), 0);
        tzset();
        for (time_t at = -2208988800; at < 4102444800; at += 3 * 3600 + 7) {
            struct tm parts;
            localtime_r(&at, &parts);
            ps_day expected = ps_day_of(parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
            if (ps_zone_day(zone, at) != expected) fail_msg("%s at %ld", names[i], (long)at);
        }
        ps_zone_free(zone);
    }
}

// Far from the table the day is still right for the nearest offset, and never a wrong one by overflow.
static void test_zone_far(void **state)
{
    ps_zone *zone = NULL;
    ps_error err;
    (void)state;

    assert_ok(ps_zone_new("Asia/Tokyo", &zone, &err), &err);
    assert_int_equal(ps_zone_day(zone, INT64_MAX), PS_DAY_NONE);
    assert_int_equal(ps_zone_day(zone, INT64_MIN), PS_DAY_NONE);
    assert_int_equal(ps_zone_day(zone, (int64_t)ps_day_of(9000, 1, 1) * 86400), ps_day_of(9000, 1, 1));
    ps_zone_free(zone);
}

static void test_zone_unknown(void **state)
{
    static const char *const names[] = {"",
                                        "Asia/Tokio",
                                        "../../../etc/localtime",
                                        "/usr/share/zoneinfo/UTC",
                                        "Asia",
                                        "tzdata.zi",
                                        "zone.tab",
                                        "Asia/../Asia/Tokyo",
                                        "+9:00",
                                        "+09:60",
                                        "+16:00",
                                        "+09:00 ",
                                        "asia/tokyo",
                                        "JST-9",
                                        "\x1b[2J",
                                        "utc"};
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(names); i++) {
        ps_zone *zone = NULL;
        ps_error err = {.status = PS_OK};
        assert_int_equal(ps_zone_new(names[i], &zone, &err), PS_CONFIG);
        assert_int_equal(err.status, PS_CONFIG);
        assert_null(strchr(err.text, '\x1b'));
        assert_true(err.hint[0] != '\0');
        assert_null(zone);
    }
}

// Neither TZ nor TZDIR has a say, and TZ is afterwards what it was.
static void test_environment(void **state)
{
    ps_zone *zone = NULL;
    ps_error err;
    (void)state;

    assert_int_equal(setenv("TZ", "America/New_York", 1), 0);
    assert_int_equal(setenv("TZDIR", "/nonexistent", 1), 0);
    assert_ok(ps_zone_new("Asia/Tokyo", &zone, &err), &err);
    assert_string_equal(getenv("TZ"), "America/New_York");
    assert_int_equal(ps_zone_day(zone, 54000), 1);
    assert_int_equal(ps_zone_day(zone, 53999), 0);
    ps_zone_free(zone);
    assert_int_equal(unsetenv("TZ"), 0);
    assert_ok(ps_zone_new("Asia/Tokyo", &zone, &err), &err);
    assert_null(getenv("TZ"));
    ps_zone_free(zone);
    assert_int_equal(unsetenv("TZDIR"), 0);
}

// Each allocation fails once; nothing leaks and TZ is what it was.
static void test_zone_no_memory(void **state)
{
    ps_error err = {.status = PS_OK};
    ps_zone *zone = NULL;
    unsigned long n = 1;
    (void)state;

    assert_int_equal(setenv("TZ", "America/New_York", 1), 0);
    for (;; n++) {
        ps_memory_fail_at(n, 0);
        ps_status status = ps_zone_new("Europe/Dublin", &zone, &err);
        ps_memory_fail_at(0, 0);
        assert_string_equal(getenv("TZ"), "America/New_York");
        if (status == PS_OK) break;
        assert_int_equal(status, PS_RETRY);
        assert_null(zone);
    }
    assert_true(n > 3);
    ps_zone_free(zone);
}

static void test_now(void **state)
{
    (void)state;
    int64_t before = time(NULL), now = ps_clock_now_s();
    assert_true(now >= before && now - before < 60); // time() may lag behind by a tick, but not run ahead
    uint64_t first = ps_clock_monotonic_ms();
    const struct timespec pause = {.tv_nsec = 20000000};
    nanosleep(&pause, NULL);
    uint64_t passed = ps_clock_monotonic_ms() - first;
    assert_true(passed >= 19 && passed < 60000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_day),          cmocka_unit_test(test_known_days),
        cmocka_unit_test(test_far_days),           cmocka_unit_test(test_day_text),
        cmocka_unit_test(test_time_text),          cmocka_unit_test(test_zones),
        cmocka_unit_test(test_zone_two_centuries), cmocka_unit_test(test_zone_far),
        cmocka_unit_test(test_zone_unknown),       cmocka_unit_test(test_environment),
        cmocka_unit_test(test_zone_no_memory),     cmocka_unit_test(test_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
