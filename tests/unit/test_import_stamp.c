// The time stamps of ESPs.
// layer: esp
#include <stdio.h>

#include "esp/stamp.h"
#include "unit/assert.h"

static const struct {
    const char *text, *day; // in a zone of +09:00; NULL: unreadable
} cases[] = {
    // RFC 5322 and HTTP
    {"Thu, 11 Dec 2025 01:49:40 UTC", "2025-12-11"},
    {"Thu, 11 Dec 2025 15:00:00 GMT", "2025-12-12"},
    {"Thu, 11 Dec 2025 14:59:59 +0000", "2025-12-11"},
    {"4 Dec 2025 01:49:40 +0900", "2025-12-04"},
    {"04 dec 2025 01:49:40 -0500", "2025-12-04"},
    {"Thu, 11 Dec 2025 01:49 UT", "2025-12-11"},
    {"11 Dec 2025 23:59:59", "2025-12-11"},
    {"Mon, 01 Jan 0001 00:00:00 UTC", ""},
    {"Thu, 11 Dec 2025 01:49:40 JST", NULL},
    {"Thu 11 Dec 2025 01:49:40 UTC", NULL},
    {"31 Nov 2025 01:49:40 UTC", NULL},
    {"11 Dez 2025 01:49:40 UTC", NULL},
    // epoch
    {"1760000000", "2025-10-09"},
    {"1760000000.123", "2025-10-09"},
    {"1.7612345678E9", "2025-10-24"},
    {"1760000000123", "2025-10-09"},
    {"1760000000123456", "2025-10-09"},
    {"0", ""},
    {"-5", NULL},
    {"1e400", NULL},
    {"1760000000x", NULL},
    {"17600000001234567890123456789012345678901234567890", NULL},
    // ISO 8601 and the like
    {"2025-12-11T01:49:40Z", "2025-12-11"},
    {"2025-12-11T15:00:00z", "2025-12-12"},
    {"2025-12-11T01:49:40+00:00", "2025-12-11"},
    {"2025-12-11T10:00:00-05:00", "2025-12-12"},
    {"2025-12-11T01:49:40+0900", "2025-12-11"},
    {"2025-12-11T01:49:40.123456+00:00", "2025-12-11"},
    {"2025-12-11T01:49:40.123456789Z", "2025-12-11"},
    {"2023-10-06 23:47:56.678+00", "2023-10-07"},
    {"2018-10-08T14:05:45 +0000", "2018-10-08"},
    {"2025-04-29 13:00:00", "2025-04-29"},
    {"2025-04-29", "2025-04-29"},
    {"2025-4-9", "2025-04-09"},
    {"2025/07/10 18:32:04", "2025-07-10"},
    {"2025/7/1 9:05", "2025-07-01"},
    {"20240201", "2024-02-01"},
    {"20240201123456", "2024-02-01"},
    {"0000-00-00 00:00:00", ""},
    {"", ""},
    {"  2025-04-29  ", "2025-04-29"},
    {"2025-13-01", NULL},
    {"2025-02-29", NULL},
    {"2024-02-29", "2024-02-29"},
    {"2025-04-29T25:00:00Z", NULL},
    {"2025-04-29T23:59:60Z", "2025-04-30"},
    {"2025-04-29T13:00:00 Asia/Tokyo", NULL},
    {"2025-04/29", NULL},
    {"2025-04-29 and more", NULL},
    {"12-13-2025", NULL},
    {"yesterday", NULL},
    {"Thu,", NULL},
    {"2025-", NULL},
};

static void test_stamps(void **state)
{
    const ps_zone *zone = *state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        char text[PS_DAY_TEXT_SIZE];
        ps_day day = 0;
        print_message("  %s\n", cases[i].text);
        assert_int_equal(ps_stamp_read(ps_span_of(cases[i].text), zone, &day), cases[i].day != NULL);
        ps_day_text(day, text);
        assert_string_equal(text, cases[i].day == NULL ? "" : cases[i].day);
    }
}

// Whichever way a stamp is read, another spelling of its zone and a fraction say the same.
static void check_offset(const char *stamp, const ps_zone *zone)
{
    static const char bytes[] = "0123456789-:T Zx";

    for (size_t at = 0; stamp[at] != '\0'; at++) {
        for (size_t i = 0; i < sizeof bytes - 1; i++) {
            char zulu[32], offset[32];
            ps_day one = 0, other = 0;
            (void)snprintf(zulu, sizeof zulu, "%.19sZ", stamp); // fits
            zulu[at] = bytes[i];
            (void)snprintf(offset, sizeof offset, "%.19s+00:00", zulu); // fits
            bool read = ps_stamp_read(ps_span_of(zulu), zone, &one);
            if (read != ps_stamp_read(ps_span_of(offset), zone, &other) || one != other) fail_msg("%s", zulu);
        }
    }
}

static void test_spellings_agree(void **state)
{
    static const char stamps[][20] = {
        "2024-02-29T23:59:60", "1970-01-01T00:00:00", "1969-12-31T23:59:59",
        "0001-01-01T00:00:00", "0000-00-00T00:00:00", "9999-12-31T20:00:00",
    };
    const ps_zone *zone = *state;

    for (size_t i = 0; i < PS_COUNT_OF(stamps); i++)
        check_offset(stamps[i], zone);
    for (int64_t value = 1; value < INT64_C(100000000000000); value = value * 7 + 3) {
        char whole[32], fraction[32];
        ps_day one = 0, other = 0;
        (void)snprintf(whole, sizeof whole, "%lld", (long long)value); // fits
        (void)snprintf(fraction, sizeof fraction, "%lld.0", (long long)value); // fits
        if (strlen(whole) == 8 || strlen(whole) == 14) continue; // digits of a date, perhaps
        bool read = ps_stamp_read(ps_span_of(whole), zone, &one);
        if (read != ps_stamp_read(ps_span_of(fraction), zone, &other) || one != other) fail_msg("%s", whole);
    }
}

// No prefix of a stamp reads past its end; the sanitizers watch.
static void test_prefixes(void **state)
{
    const ps_zone *zone = *state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        size_t len = strlen(cases[i].text);
        for (size_t cut = 0; cut <= len; cut++) {
            char *copy = malloc(cut + (cut == 0));
            ps_day day;
            assert_non_null(copy);
            memcpy(copy, cases[i].text, cut);
            bool read = ps_stamp_read((ps_span){copy, cut}, zone, &day);
            assert_true(read || day == PS_DAY_NONE);
            free(copy);
        }
    }
}

static int setup(void **state)
{
    ps_zone *zone = NULL;
    ps_error err;

    assert_ok(ps_zone_new("+09:00", &zone, &err), &err);
    *state = zone;
    return 0;
}

static int teardown(void **state)
{
    ps_zone_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_stamps), cmocka_unit_test(test_spellings_agree),
                                       cmocka_unit_test(test_prefixes)};

    return cmocka_run_group_tests(tests, setup, teardown);
}
