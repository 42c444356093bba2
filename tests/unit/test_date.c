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

// Cells in forms that AUTO may not take, or that only the job can tell.
static const struct {
    const char *cell;
    ps_date_form form;
    ps_date_result result;
    const char *day; // in Asia/Tokyo
} formed[] = {
    // eras, each from its first day to its last
    {"令和6年2月1日", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-02-01"},
    {"令和６年２月１日", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-02-01"},
    {"令和元年5月1日", PS_DATE_FORM_AUTO, PS_DATE_READ, "2019-05-01"},
    {"令和1年5月1日", PS_DATE_FORM_ERA, PS_DATE_READ, "2019-05-01"},
    {"令和元年4月30日", PS_DATE_FORM_ERA, PS_DATE_UNREADABLE, ""},
    {"平成31年4月30日", PS_DATE_FORM_ERA, PS_DATE_READ, "2019-04-30"},
    {"平成31年5月1日", PS_DATE_FORM_ERA, PS_DATE_UNREADABLE, ""},
    {"平成元年1月8日", PS_DATE_FORM_ERA, PS_DATE_READ, "1989-01-08"},
    {"平成元年1月7日", PS_DATE_FORM_ERA, PS_DATE_UNREADABLE, ""},
    {"昭和64年1月7日", PS_DATE_FORM_AUTO, PS_DATE_READ, "1989-01-07"},
    {"昭和64年1月8日", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"昭和元年12月25日", PS_DATE_FORM_ERA, PS_DATE_READ, "1926-12-25"},
    {"昭和元年12月24日", PS_DATE_FORM_ERA, PS_DATE_UNREADABLE, ""},
    {"R6.2.1", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-02-01"},
    {"R06/02/01", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-02-01"},
    {"R6-2-1 午後3:04", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-02-01"},
    {"Ｒ６．２．１", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-02-01"},
    {"H31.4.30", PS_DATE_FORM_AUTO, PS_DATE_READ, "2019-04-30"},
    {"S64.1.7", PS_DATE_FORM_AUTO, PS_DATE_READ, "1989-01-07"},
    {"㋿6年2月1日", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-02-01"},
    {"令和6年2月30日", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"令和0年2月1日", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"令和6年", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"R6", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"明治45年7月29日", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"2024/2/1", PS_DATE_FORM_ERA, PS_DATE_UNREADABLE, ""},
    // digits alone
    {"20240201", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-02-01"},
    {"'20240201", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-02-01"},
    {"20240201123456", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-02-01"},
    {"２０２４０２０１", PS_DATE_FORM_COMPACT, PS_DATE_READ, "2024-02-01"},
    {"20240230", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"20241301", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"02012024", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"2024020", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"202402011", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"202402011234", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"20240201246060", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"00000000", PS_DATE_FORM_COMPACT, PS_DATE_MISSING, ""},
    {"00000000000000", PS_DATE_FORM_AUTO, PS_DATE_MISSING, ""},
    {"19700101", PS_DATE_FORM_AUTO, PS_DATE_MISSING, ""},
    {"99991231", PS_DATE_FORM_AUTO, PS_DATE_MISSING, ""},
    // epoch: 2024-02-01 00:00 UTC is 09:00 in Tokyo
    {"1706745600", PS_DATE_FORM_EPOCH, PS_DATE_READ, "2024-02-01"},
    {"1706799599", PS_DATE_FORM_EPOCH, PS_DATE_READ, "2024-02-01"},
    {"1706799600", PS_DATE_FORM_EPOCH, PS_DATE_READ, "2024-02-02"},
    {"1706745600000", PS_DATE_FORM_EPOCH, PS_DATE_READ, "2024-02-01"},
    {"1706745600000000", PS_DATE_FORM_EPOCH, PS_DATE_READ, "2024-02-01"},
    {"1706745600.25", PS_DATE_FORM_EPOCH, PS_DATE_READ, "2024-02-01"},
    {"978307200", PS_DATE_FORM_EPOCH, PS_DATE_READ, "2001-01-01"},
    {"946684799", PS_DATE_FORM_EPOCH, PS_DATE_UNREADABLE, ""},
    {"17067456000", PS_DATE_FORM_EPOCH, PS_DATE_UNREADABLE, ""},
    {"17067456000000000", PS_DATE_FORM_EPOCH, PS_DATE_UNREADABLE, ""},
    {"-1706745600", PS_DATE_FORM_EPOCH, PS_DATE_UNREADABLE, ""},
    {"0", PS_DATE_FORM_EPOCH, PS_DATE_MISSING, ""},
    {"0000000000", PS_DATE_FORM_EPOCH, PS_DATE_MISSING, ""},
    {"1706745600", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    // day or month first
    {"03/04/2021", PS_DATE_FORM_DMY, PS_DATE_READ, "2021-04-03"},
    {"03/04/2021", PS_DATE_FORM_MDY, PS_DATE_READ, "2021-03-04"},
    {"12-04-2022 09:30", PS_DATE_FORM_DMY, PS_DATE_READ, "2022-04-12"},
    {"1.2.2024", PS_DATE_FORM_DMY, PS_DATE_READ, "2024-02-01"},
    {"1/2/2024 3:04 PM", PS_DATE_FORM_MDY, PS_DATE_READ, "2024-01-02"},
    {"1/2/2024 3:04\u202fPM", PS_DATE_FORM_MDY, PS_DATE_READ, "2024-01-02"},
    {"1/2/2024 23:00:00Z", PS_DATE_FORM_MDY, PS_DATE_READ, "2024-01-03"},
    {"１／２／２０２４", PS_DATE_FORM_DMY, PS_DATE_READ, "2024-02-01"},
    {"13/02/2024", PS_DATE_FORM_MDY, PS_DATE_UNREADABLE, ""},
    {"02/13/2024", PS_DATE_FORM_DMY, PS_DATE_UNREADABLE, ""},
    {"1/2/24", PS_DATE_FORM_DMY, PS_DATE_UNREADABLE, ""},
    {"1/2-2024", PS_DATE_FORM_DMY, PS_DATE_UNREADABLE, ""},
    {"2024-02-01", PS_DATE_FORM_DMY, PS_DATE_UNREADABLE, ""},
    {"03/04/2021", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"00/00/0000", PS_DATE_FORM_DMY, PS_DATE_MISSING, ""},
    {"00/00/0000", PS_DATE_FORM_AUTO, PS_DATE_MISSING, ""},
    {"0000-00-00", PS_DATE_FORM_MDY, PS_DATE_MISSING, ""},
    {"01/01/1970", PS_DATE_FORM_MDY, PS_DATE_MISSING, ""},
    {"31/12/9999", PS_DATE_FORM_DMY, PS_DATE_MISSING, ""},
    // English
    {"Fri, 21 Oct 2011 11:02:55 GMT", PS_DATE_FORM_AUTO, PS_DATE_READ, "2011-10-21"},
    {"Fri, 21 Oct 2011 16:02:55 GMT", PS_DATE_FORM_RFC5322, PS_DATE_READ, "2011-10-22"},
    {"21 Oct 2011 23:02:55 +0900", PS_DATE_FORM_AUTO, PS_DATE_READ, "2011-10-21"},
    {"Fri, 1 Oct 2021 23:02 -0500 (EST)", PS_DATE_FORM_AUTO, PS_DATE_READ, "2021-10-02"},
    {"Fri, 1 Oct 2021 23:02:03 EST", PS_DATE_FORM_AUTO, PS_DATE_READ, "2021-10-02"},
    {"Feb 1, 2024 3:04 PM", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-02-01"},
    {"February 1, 2024", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-02-01"},
    {"Thursday, February 1, 2024, 3:04:05 p.m.", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-02-01"},
    {"feb. 1 2024", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-02-01"},
    {"01-FEB-2024 12:00:00", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-02-01"},
    {"Thu Feb 01 2024 23:30:00 GMT+0900 (JST)", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-02-01"},
    {"Sept 30, 2024", PS_DATE_FORM_AUTO, PS_DATE_READ, "2024-09-30"},
    {"Febr 30, 2024", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"Fri, 21 Oct 11 11:02:55 GMT", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"Foo 1, 2024", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"Feb 1, 2024 3:04 PM maybe", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"Fri, ", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    {"May", PS_DATE_FORM_AUTO, PS_DATE_UNREADABLE, ""},
    // a spreadsheet's serials
    {"45323", PS_DATE_FORM_EXCEL, PS_DATE_READ, "2024-02-01"},
    {"45323.75", PS_DATE_FORM_EXCEL, PS_DATE_READ, "2024-02-01"},
    {"61", PS_DATE_FORM_EXCEL, PS_DATE_READ, "1900-03-01"},
    {"59", PS_DATE_FORM_EXCEL, PS_DATE_READ, "1900-02-28"},
    {"60", PS_DATE_FORM_EXCEL, PS_DATE_UNREADABLE, ""},
    {"0", PS_DATE_FORM_EXCEL, PS_DATE_MISSING, ""},
    {"2958466", PS_DATE_FORM_EXCEL, PS_DATE_UNREADABLE, ""},
    {"2024-02-01", PS_DATE_FORM_EXCEL, PS_DATE_UNREADABLE, ""},
    // named forms take nothing else
    {"2024/2/1", PS_DATE_FORM_ISO, PS_DATE_UNREADABLE, ""},
    {"2024/02/01", PS_DATE_FORM_ISO, PS_DATE_UNREADABLE, ""},
    {"2024-02-01", PS_DATE_FORM_YMD, PS_DATE_READ, "2024-02-01"},
    {"2024-02-01", PS_DATE_FORM_COMPACT, PS_DATE_UNREADABLE, ""},
    {"R6.2.1", PS_DATE_FORM_YMD, PS_DATE_UNREADABLE, ""},
    {"なし", PS_DATE_FORM_EXCEL, PS_DATE_MISSING, ""},
};

static void test_formed(void **state)
{
    for (size_t i = 0; i < PS_COUNT_OF(formed); i++) {
        ps_day day = PS_DAY_NONE;
        ps_date_form form = PS_DATE_FORM_COUNT;
        char text[PS_DAY_TEXT_SIZE];
        print_message("  \"%s\" as %s\n", formed[i].cell, ps_date_form_word(formed[i].form));
        assert_int_equal(ps_date_read_form(ps_span_of(formed[i].cell), formed[i].form, *state, &day, &form),
                         formed[i].result);
        ps_day_text(day, text);
        assert_string_equal(text, formed[i].day);
        if (formed[i].result != PS_DATE_READ) continue;
        assert_int_not_equal(form, PS_DATE_FORM_AUTO);
        if (formed[i].form != PS_DATE_FORM_AUTO && formed[i].form != PS_DATE_FORM_YMD)
            assert_int_equal(form, formed[i].form);
    }
}

// A sanitizer's run is slow, and what a day means it cannot say better than the debug build.
enum { DAYS_STRIDE = PS_TEST_SANITIZED ? 37 : 1 };

// A cell, and the same behind an apostrophe, which takes it the long way: both read alike.
static void check_both_ways(const char *cell, ps_date_form form, const ps_zone *zone)
{
    char guarded[64];
    ps_day short_day = PS_DAY_NONE, long_day = PS_DAY_NONE;
    ps_date_form short_form = PS_DATE_FORM_COUNT, long_form = PS_DATE_FORM_COUNT;

    snprintf(guarded, sizeof guarded, "'%.62s", cell);
    ps_date_result result = ps_date_read_form(ps_span_of(cell), form, zone, &short_day, &short_form);
    ps_date_result other = ps_date_read_form(ps_span_of(guarded), form, zone, &long_day, &long_form);
    if (result == other && short_day == long_day && short_form == long_form) return;
    fail_msg("\"%s\" as %s: the short way says %d (day %d, form %d), the long way %d (%d, %d)", cell,
             ps_date_form_word(form), result, short_day, short_form, other, long_day, long_form);
}

static void test_common_shapes(void **state)
{
    static const char *const tails[] = {
        "",
        " 00:00",
        " 23:59:59",
        "T12:34:56",
        " 1:02",
        "T23:30:00Z",
        " 23:30:00+09:00",
        " 8:05Z",
        "T00:30-0330",
        " 24:00",
        " 12:60",
        " 12:34:60",
        " 12:34:567",
        " 12:34:56.7",
        " 12:34:56.",
        "T12:34+15:00",
        " 12:3",
        " 12:34:56.5Z",
        " 12",
        "T",
        " ",
        "x",
        " 12:34x",
        " 12:34:5",
        "T12:34:56+09:",
        "T12:34:56+0960",
        " 12:34:56 Z",
        "Z",
    };
    static const ps_date_form forms[] = {PS_DATE_FORM_ISO, PS_DATE_FORM_YMD, PS_DATE_FORM_DMY, PS_DATE_FORM_MDY,
                                         PS_DATE_FORM_COMPACT};
    size_t turn = 0;

    for (ps_day day = ps_day_of(1968, 12, 1); day < ps_day_of(2205, 1, 1); day += DAYS_STRIDE) {
        int year, month, day_of_month;
        char cells[10][64];
        const char *tail = tails[turn % PS_COUNT_OF(tails)];
        ps_date_form form = forms[turn++ / PS_COUNT_OF(tails) % PS_COUNT_OF(forms)];
        ps_day_split(day, &year, &month, &day_of_month);
        snprintf(cells[0], sizeof cells[0], "%04d-%02d-%02d%s", year, month, day_of_month, tail);
        snprintf(cells[1], sizeof cells[1], "%d/%d/%d%s", year, month, day_of_month, tail);
        snprintf(cells[2], sizeof cells[2], "%d/%d/%d%s", month, day_of_month, year, tail);
        snprintf(cells[3], sizeof cells[3], "%02d-%02d-%04d%s", day_of_month, month, year, tail);
        snprintf(cells[4], sizeof cells[4], "%04d%02d%02d%s", year, month, day_of_month, tail);
        snprintf(cells[5], sizeof cells[5], "%04d/%02d/%02d%s", year, month, day_of_month + (int)(turn % 5), tail);
        snprintf(cells[6], sizeof cells[6], "%04d-%d-%02d%s", year, month, day_of_month, tail);
        snprintf(cells[7], sizeof cells[7], "%04d/%02d/%d%s", year, month, day_of_month + (int)(turn % 5), tail);
        snprintf(cells[8], sizeof cells[8], "%d年%d月%d日%s", year, month, day_of_month + (int)(turn % 5), tail);
        snprintf(cells[9], sizeof cells[9], "%04d年%02d月%02d日", year, month, day_of_month);
        for (size_t i = 0; i < PS_COUNT_OF(cells); i++) {
            check_both_ways(cells[i], PS_DATE_FORM_AUTO, *state);
            check_both_ways(cells[i], form, *state);
        }
    }
}

// Any byte in any place of the shapes that have a short way, and each of them cut off anywhere.
static void test_damaged_shapes(void **state)
{
    static const char *const shapes[] = {
        "2024-02-01",          "2024/2/1",         "2024/12/1",          "2024/2/10",
        "2024/12/10",          "2024/2/1 9:05",    "2024/12/1 9:05",     "2024/2/10 12:34",
        "2024/12/10 12:34:56", "2024-2-1T9:05:07", "2024-02-01T23:59Z",  "2024-02-01 12:34:56Z",
        "2024/2/1 9:05+09:00", "1/2/2024",         "12-10-2024 9:05:07", "20240201",
        "2024年2月1日",        "2024年12月10日",
    };
    static const ps_date_form forms[] = {PS_DATE_FORM_AUTO, PS_DATE_FORM_ISO, PS_DATE_FORM_YMD,
                                         PS_DATE_FORM_DMY,  PS_DATE_FORM_MDY, PS_DATE_FORM_COMPACT};

    for (size_t i = 0; i < PS_COUNT_OF(shapes) * PS_COUNT_OF(forms); i++) {
        const char *shape = shapes[i / PS_COUNT_OF(forms)];
        ps_date_form form = forms[i % PS_COUNT_OF(forms)];
        char cell[64];
        for (size_t at = 0; at < strlen(shape); at++) {
            snprintf(cell, sizeof cell, "%.*s", (int)at, shape);
            check_both_ways(cell, form, *state);
            snprintf(cell, sizeof cell, "%s", shape);
            for (int byte = 1; byte < 256; byte++) {
                cell[at] = (char)byte;
                bool trimmed = at == 0 && (byte <= ' ' || byte == '\''); // not behind the apostrophe
                if (!trimmed) check_both_ways(cell, form, *state);
            }
        }
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
        cmocka_unit_test(test_date_read),      cmocka_unit_test(test_formed), cmocka_unit_test(test_common_shapes),
        cmocka_unit_test(test_damaged_shapes), cmocka_unit_test(test_forms),  cmocka_unit_test(test_prefixes),
    };
    return cmocka_run_group_tests(tests, open_zone, close_zone);
}
