// Cells that hold dates.
// layer: facts

#include "assert.h"
#include "facts/date.h"

static const struct {
    const char *cell;
    ps_date_result result;
    const char *day; // in Asia/Tokyo
} cases[] = {
    // ISO 8601 and RFC 3339
    {"2024-02-01", PS_DATE_READ, "2024-02-01"},
    {"  2024-02-01\t", PS_DATE_READ, "2024-02-01"},
    {"2024-02-01 12:34", PS_DATE_READ, "2024-02-01"},
    {"2024-02-01 12:34:56", PS_DATE_READ, "2024-02-01"},
    {"2024-02-01T12:34:56", PS_DATE_READ, "2024-02-01"},
    {"2024-02-01 12:34:56.789", PS_DATE_READ, "2024-02-01"},
    {"2024-02-01T12:34:56.789+09:00", PS_DATE_READ, "2024-02-01"},
    {"2024-02-01T12:34:56Z", PS_DATE_READ, "2024-02-01"},
    {"2024-02-01T15:00:00Z", PS_DATE_READ, "2024-02-02"},
    {"2024-02-01T14:59:59.999Z", PS_DATE_READ, "2024-02-01"},
    {"2024-02-01T23:30:00+09:00", PS_DATE_READ, "2024-02-01"},
    {"2024-02-01T23:30:00-05:00", PS_DATE_READ, "2024-02-02"},
    {"2024-02-01T23:30:00+0900", PS_DATE_READ, "2024-02-01"},
    {"2024-02-01 23:30:00 +09", PS_DATE_READ, "2024-02-01"},
    {"2024-02-01 20:00:00 UTC", PS_DATE_READ, "2024-02-02"},
    {"2024-02-29", PS_DATE_READ, "2024-02-29"},
    {"2016-12-31T23:59:60Z", PS_DATE_READ, "2017-01-01"},
    // Japanese forms
    {"2024/2/1", PS_DATE_READ, "2024-02-01"},
    {"2024/02/01", PS_DATE_READ, "2024-02-01"},
    {"2024/02/01 12:34", PS_DATE_READ, "2024-02-01"},
    {"2024/02/01 12:34:56", PS_DATE_READ, "2024-02-01"},
    {"2024/2/1 1:02", PS_DATE_READ, "2024-02-01"},
    {"2024.2.1", PS_DATE_READ, "2024-02-01"},
    {"2024年2月1日", PS_DATE_READ, "2024-02-01"},
    {"2024年2月1日 12時34分", PS_DATE_READ, "2024-02-01"},
    {"2024年2月1日12時34分56秒", PS_DATE_READ, "2024-02-01"},
    {"2024年2月1日 午後3:04", PS_DATE_READ, "2024-02-01"},
    {"2024年2月1日(木)", PS_DATE_READ, "2024-02-01"},
    {"2024/2/1 3:04 PM", PS_DATE_READ, "2024-02-01"},
    {"２０２４／０２／０１", PS_DATE_READ, "2024-02-01"},
    {"２０２４年２月１日", PS_DATE_READ, "2024-02-01"},
    {"２０２４－０２－０１　１２：３４", PS_DATE_READ, "2024-02-01"},
    {"'2024/2/1", PS_DATE_READ, "2024-02-01"},
    // nothing happened
    {"", PS_DATE_MISSING, ""},
    {"  　", PS_DATE_MISSING, ""},
    {"0000-00-00", PS_DATE_MISSING, ""},
    {"0000-00-00 00:00:00", PS_DATE_MISSING, ""},
    {"0000/00/00", PS_DATE_MISSING, ""},
    {"0001-01-01T00:00:00", PS_DATE_MISSING, ""},
    {"1970-01-01", PS_DATE_MISSING, ""},
    {"1970-01-01T00:00:00Z", PS_DATE_MISSING, ""},
    {"1970/01/01 09:00", PS_DATE_MISSING, ""},
    {"1969-12-31T19:00:00-05:00", PS_DATE_MISSING, ""},
    {"1900-01-01", PS_DATE_MISSING, ""},
    {"9999-12-31", PS_DATE_MISSING, ""},
    {"9999-12-31T23:59:59Z", PS_DATE_MISSING, ""},
    {"-", PS_DATE_MISSING, ""},
    {"－", PS_DATE_MISSING, ""},
    {"―", PS_DATE_MISSING, ""},
    {"ー", PS_DATE_MISSING, ""},
    {"なし", PS_DATE_MISSING, ""},
    {"無し", PS_DATE_MISSING, ""},
    {"未", PS_DATE_MISSING, ""},
    {"未購入", PS_DATE_MISSING, ""},
    {"未設定", PS_DATE_MISSING, ""},
    {"NULL", PS_DATE_MISSING, ""},
    {"null", PS_DATE_MISSING, ""},
    {"\\N", PS_DATE_MISSING, ""},
    {"N/A", PS_DATE_MISSING, ""},
    {"#N/A", PS_DATE_MISSING, ""},
    {"nan", PS_DATE_MISSING, ""},
    {"NaN", PS_DATE_MISSING, ""},
    {"0", PS_DATE_MISSING, ""},
    {"０", PS_DATE_MISSING, ""},
    // no date, or one that would have to be guessed
    {"2024-02-30", PS_DATE_UNREADABLE, ""},
    {"2023-02-29", PS_DATE_UNREADABLE, ""},
    {"2024-13-01", PS_DATE_UNREADABLE, ""},
    {"2024-00-10", PS_DATE_UNREADABLE, ""},
    {"2024-02", PS_DATE_UNREADABLE, ""},
    {"24-02-01", PS_DATE_UNREADABLE, ""},
    {"20240-02-01", PS_DATE_UNREADABLE, ""},
    {"2024-02/01", PS_DATE_UNREADABLE, ""},
    {"2024-02-011", PS_DATE_UNREADABLE, ""},
    {"01/02/2024", PS_DATE_UNREADABLE, ""},
    {"2024年2月1", PS_DATE_UNREADABLE, ""},
    {"2024-02-01 25:00", PS_DATE_UNREADABLE, ""},
    {"2024-02-01 12:60", PS_DATE_UNREADABLE, ""},
    {"2024-02-01 12", PS_DATE_UNREADABLE, ""},
    {"2024-02-01T", PS_DATE_UNREADABLE, ""},
    {"2024-02-0112:34", PS_DATE_UNREADABLE, ""},
    {"2024-02-01T12:34:56+99:00", PS_DATE_UNREADABLE, ""},
    {"2024-02-01T12:34:56 JST?", PS_DATE_UNREADABLE, ""},
    {"2024-02-01 yesterday", PS_DATE_UNREADABLE, ""},
    {"2024/2/1 13:04 PM", PS_DATE_UNREADABLE, ""},
    {"-2024-02-01", PS_DATE_UNREADABLE, ""},
    {"yes", PS_DATE_UNREADABLE, ""},
    {"1", PS_DATE_UNREADABLE, ""},
    {"45323", PS_DATE_UNREADABLE, ""},
    {"\xff\xfe", PS_DATE_UNREADABLE, ""},
    {"2024-02-01\xe3", PS_DATE_UNREADABLE, ""},
};

static void test_date_read(void **state)
{
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_day day = PS_DAY_NONE;
        char text[PS_DAY_TEXT_SIZE];
        print_message("  \"%s\"\n", cases[i].cell);
        assert_int_equal(ps_date_read(ps_span_of(cases[i].cell), PS_DATE_FORM_AUTO, *state, &day), cases[i].result);
        ps_day_text(day, text);
        assert_string_equal(text, cases[i].day);
    }
}

static void test_forms(void **state)
{
    ps_day day;

    assert_int_equal(ps_date_read(ps_span_of("2024-02-01"), PS_DATE_FORM_ISO, *state, &day), PS_DATE_READ);
    assert_int_equal(ps_date_read(ps_span_of("2024/2/1"), PS_DATE_FORM_ISO, *state, &day), PS_DATE_UNREADABLE);
    assert_int_equal(ps_date_read(ps_span_of("2024/2/1"), PS_DATE_FORM_YMD, *state, &day), PS_DATE_READ);
    assert_int_equal(ps_date_read(ps_span_of("なし"), PS_DATE_FORM_ISO, *state, &day), PS_DATE_MISSING);
}

// No cell makes the scanner read beyond it (run under a sanitizer), and each prefix of a date is read or refused.
static void test_prefixes(void **state)
{
    const char *whole = "２０２４年２月１日(木) 午後12時34分56秒 +09:00";
    size_t len = strlen(whole);

    for (size_t i = 0; i <= len; i++) {
        ps_day day;
        char *copy = malloc(i + 1);
        assert_non_null(copy);
        memcpy(copy, whole, i);
        (void)ps_date_read((ps_span){copy, i}, PS_DATE_FORM_AUTO, *state, &day);
        free(copy);
    }
    ps_day day;
    assert_int_equal(ps_date_read(ps_span_of(whole), PS_DATE_FORM_AUTO, *state, &day), PS_DATE_READ);
    char blanks[5000];
    memset(blanks, ' ', sizeof blanks);
    assert_int_equal(ps_date_read((ps_span){blanks, sizeof blanks}, PS_DATE_FORM_AUTO, *state, &day), PS_DATE_MISSING);
    memset(blanks, '2', sizeof blanks);
    assert_int_equal(ps_date_read((ps_span){blanks, sizeof blanks}, PS_DATE_FORM_AUTO, *state, &day),
                     PS_DATE_UNREADABLE);
}

static int open_zone(void **state)
{
    ps_zone *zone = NULL;
    ps_error err = {.status = PS_OK};

    if (ps_zone_new("Asia/Tokyo", &zone, &err) != PS_OK) return -1;
    *state = zone;
    return 0;
}

static int close_zone(void **state)
{
    ps_zone_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_date_read),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_prefixes),
    };
    return cmocka_run_group_tests(tests, open_zone, close_zone);
}
