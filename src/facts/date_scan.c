#include "facts/date_scan.h"

#include <string.h>

#include "base/text.h"

enum {
    MINUTE_S = 60,
    HOUR_S = 3600,
    OFFSET_HOURS_MAX = 15,
    WORD_LEAST = 3, // Feb, Fri
    COMPACT_YEAR_LEAST = 1900, // eight digits that begin otherwise are some number
    COMPACT_YEAR_MOST = 2100
};

typedef struct scanner {
    const char *at, *end;
} scanner;

// ---- pieces

static bool take(scanner *s, const char *text)
{
    size_t len = strlen(text);

    if ((size_t)(s->end - s->at) < len || memcmp(s->at, text, len) != 0) return false;
    s->at += len;
    return true;
}

static bool take_any(scanner *s, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (take(s, texts[i])) return true;
    }
    return false;
}

static size_t take_blanks(scanner *s)
{
    const char *from = s->at;

    while (s->at < s->end && *s->at == ' ')
        s->at++;
    return (size_t)(s->at - from);
}

static bool at_digit(const scanner *s)
{
    return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

static bool at_letter(const scanner *s)
{
    return s->at < s->end && ((*s->at >= 'a' && *s->at <= 'z') || (*s->at >= 'A' && *s->at <= 'Z'));
}

// A number of `least` to `most` digits.
static bool take_number(scanner *s, int least, int most, int *out)
{
    int digits = 0, value = 0;

    for (; digits < most && at_digit(s); digits++)
        value = value * 10 + (*s->at++ - '0');
    if (digits < least) return false;
    *out = value;
    return true;
}

// A word that is one of these names, or begins one with three letters at least; its index, or -1.
static int take_name(scanner *s, const char *const *names, size_t count)
{
    scanner word = *s;

    while (at_letter(&word))
        word.at++;
    size_t len = (size_t)(word.at - s->at);
    for (size_t i = 0; i < count && len >= WORD_LEAST; i++) {
        if (len > strlen(names[i]) || !ps_ascii_equal_fold((ps_span){s->at, len}, (ps_span){names[i], len})) continue;
        *s = word;
        return (int)i;
    }
    return -1;
}

// ---- the time of day

static bool take_fraction(scanner *s)
{
    if (!take(s, ".") && !take(s, ",")) return true;
    if (!at_digit(s)) return false;
    while (at_digit(s))
        s->at++;
    return true;
}

// 12:34, 12:34:56, 12:34:56.789
static bool take_clock_tail(scanner *s, ps_written *out)
{
    if (!take_number(s, 2, 2, &out->minute)) return false;
    if (!take(s, ":")) return true;
    return take_number(s, 2, 2, &out->second) && take_fraction(s);
}

// 12時, 12時34分, 12時34分56秒
static bool take_kanji_tail(scanner *s, ps_written *out)
{
    if (!at_digit(s)) return true;
    if (!take_number(s, 1, 2, &out->minute) || !take(s, "分")) return false;
    if (!at_digit(s)) return true;
    return take_number(s, 1, 2, &out->second) && take(s, "秒");
}

// 午後 and PM; 0 for a 24-hour clock, 1 for the morning, 2 for the afternoon.
static int take_half(scanner *s)
{
    static const char *const mornings[] = {"午前", "AM", "am", "A.M.", "a.m."};
    static const char *const afternoons[] = {"午後", "PM", "pm", "P.M.", "p.m."};

    if (take_any(s, mornings, PS_COUNT_OF(mornings))) return 1;
    return take_any(s, afternoons, PS_COUNT_OF(afternoons)) ? 2 : 0;
}

static bool apply_half(int half, ps_written *out)
{
    if (half == 0) return true;
    if (out->hour > 12) return false;
    out->hour = out->hour % 12 + (half == 2 ? 12 : 0); // 12 AM is midnight
    return true;
}

static bool take_time(scanner *s, ps_written *out)
{
    int half = take_half(s);

    take_blanks(s);
    if (!take_number(s, 1, 2, &out->hour)) return false;
    if (!(take(s, ":") ? take_clock_tail(s, out) : take(s, "時") && take_kanji_tail(s, out))) return false;
    if (half == 0) {
        scanner before = *s;
        take_blanks(s);
        half = take_half(s);
        if (half == 0) *s = before;
    }
    return apply_half(half, out) && out->hour <= 23 && out->minute <= 59 && out->second <= 60; // a leap second
}

// +09:00, +0900, +09
static bool take_offset(scanner *s, int *out_s)
{
    int hours = 0, minutes = 0, sign = take(s, "-") ? -1 : 1;

    if (sign == 1 && !take(s, "+")) return false;
    if (!take_number(s, 2, 2, &hours)) return false;
    if ((take(s, ":") || at_digit(s)) && !take_number(s, 2, 2, &minutes)) return false;
    *out_s = sign * (hours * HOUR_S + minutes * MINUTE_S);
    return hours <= OFFSET_HOURS_MAX && minutes <= 59;
}

// Names that mean one offset: those of RFC 5322 section 4.3, and Japan's.
static bool take_zone_name(scanner *s, int *out_s)
{
    static const struct {
        const char *name;
        int hours;
    } names[] = {
        {"UTC", 0},  {"GMT", 0},  {"JST", 9},  {"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5},
        {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}, {"UT", 0},   {"Z", 0},    {"z", 0},
    };

    for (size_t i = 0; i < PS_COUNT_OF(names); i++) {
        if (!take(s, names[i].name)) continue;
        *out_s = names[i].hours * HOUR_S;
        return true;
    }
    return false;
}

// Nothing, Z, +09:00, GMT, GMT+0900 (JST).
static bool take_zone(scanner *s, ps_written *out)
{
    take_blanks(s);
    if (s->at == s->end) return true;
    out->has_offset = true;
    bool named = take_zone_name(s, &out->offset_s);
    if (named && s->at == s->end) return true;
    bool signed_on = s->at < s->end && (*s->at == '+' || *s->at == '-');
    if ((signed_on || !named) && !take_offset(s, &out->offset_s)) return false;
    take_blanks(s);
    if (s->at < s->end && *s->at == '(' && s->end[-1] == ')') s->at = s->end; // a comment: the zone's name again
    return s->at == s->end;
}

// 2024年2月1日(木)
static void take_weekday(scanner *s)
{
    static const char *const days[] = {"(月)", "(火)", "(水)", "(木)", "(金)", "(土)", "(日)"};

    (void)take_any(s, days, PS_COUNT_OF(days)); // may stand there or not
}

// What may follow the date: nothing, or T or blanks and a time.
static bool take_rest(scanner *s, ps_written *out)
{
    if (s->at == s->end) return true;
    take_weekday(s);
    bool apart = take(s, "T") || take(s, "t") || take_blanks(s) > 0;
    if (s->at == s->end) return !apart;
    bool kanji = s->at[-1] < 0; // 2024年2月1日12時34分 needs no blank
    return (apart || kanji) && take_time(s, out) && take_zone(s, out);
}

// ---- year, month, day

// What stands after each of the three.
static const struct separators {
    const char *first, *second, *third;
} separator_table[] = {
    {"-", "-", ""},
    {"/", "/", ""},
    {".", ".", ""},
    {"年", "月", "日"},
};
enum { SEPARATORS_ISO = 1, SEPARATORS_SIGNS = 3, SEPARATORS_ALL = PS_COUNT_OF(separator_table) };

static bool take_month_day(scanner *s, size_t separators, ps_written *out)
{
    for (size_t i = 0; i < separators; i++) {
        const struct separators *between = &separator_table[i];
        if (!take(s, between->first)) continue;
        return take_number(s, 1, 2, &out->month) && take(s, between->second) && take_number(s, 1, 2, &out->day) &&
               take(s, between->third);
    }
    return false;
}

static bool scan_iso(scanner *s, ps_written *out)
{
    return take_number(s, 4, 4, &out->year) && take_month_day(s, SEPARATORS_ISO, out) && take_rest(s, out);
}

static bool scan_ymd(scanner *s, ps_written *out)
{
    return take_number(s, 4, 4, &out->year) && take_month_day(s, SEPARATORS_ALL, out) && take_rest(s, out);
}

// Two numbers in either order, then the year in full.
static bool scan_two(scanner *s, int *first, int *second, ps_written *out)
{
    if (!take_number(s, 1, 2, first)) return false;
    for (size_t i = 0; i < SEPARATORS_SIGNS; i++) {
        if (!take(s, separator_table[i].first)) continue;
        return take_number(s, 1, 2, second) && take(s, separator_table[i].second) && take_number(s, 4, 4, &out->year) &&
               take_rest(s, out);
    }
    return false;
}

static bool scan_dmy(scanner *s, ps_written *out)
{
    return scan_two(s, &out->day, &out->month, out);
}

static bool scan_mdy(scanner *s, ps_written *out)
{
    return scan_two(s, &out->month, &out->day, out);
}

// ---- eras

static const struct era {
    const char *names[5];
    int year; // the one before its first
    int begin[3], end[3]; // its first and last day
} eras[] = {
    {{"令和", "R", "r", "㋿", NULL}, 2018, {2019, 5, 1}, {9999, 12, 31}},
    {{"平成", "H", "h", "㍻", NULL}, 1988, {1989, 1, 8}, {2019, 4, 30}},
    {{"昭和", "S", "s", "㍼", NULL}, 1925, {1926, 12, 25}, {1989, 1, 7}},
};

static const struct era *take_era(scanner *s)
{
    for (size_t i = 0; i < PS_COUNT_OF(eras); i++) {
        for (size_t n = 0; eras[i].names[n] != NULL; n++) {
            if (take(s, eras[i].names[n])) return &eras[i];
        }
    }
    return NULL;
}

static ps_day day_of(const int date[3])
{
    return ps_day_of(date[0], date[1], date[2]);
}

// 令和元年5月1日, R6.2.1. The last of 昭和 is 64年1月7日: a day outside its era is somebody's slip.
static bool scan_era(scanner *s, ps_written *out)
{
    int year = 1;
    const struct era *era = take_era(s);

    if (era == NULL) return false;
    take_blanks(s);
    if (!take(s, "元") && !take_number(s, 1, 2, &year)) return false;
    if (!take_month_day(s, SEPARATORS_ALL, out)) return false;
    out->year = era->year + year;
    ps_day day = ps_day_of(out->year, out->month, out->day);
    return day != PS_DAY_NONE && day >= day_of(era->begin) && day <= day_of(era->end) && take_rest(s, out);
}

// ---- digits alone

static size_t count_digits(const scanner *s)
{
    scanner digits = *s;

    while (at_digit(&digits))
        digits.at++;
    return (size_t)(digits.at - s->at);
}

// 20240201, 20240201123456; also 00000000 and 99991231, which stand for nothing.
static bool scan_compact(scanner *s, ps_written *out)
{
    enum { DATE_DIGITS = 8, TIME_DIGITS = 14 };
    size_t digits = count_digits(s);

    if ((digits != DATE_DIGITS && digits != TIME_DIGITS) || s->at + digits != s->end) return false;
    bool taken =
        take_number(s, 4, 4, &out->year) && take_number(s, 2, 2, &out->month) && take_number(s, 2, 2, &out->day);
    if (digits == TIME_DIGITS) {
        taken = taken && take_number(s, 2, 2, &out->hour) && take_number(s, 2, 2, &out->minute) &&
                take_number(s, 2, 2, &out->second);
    }
    bool plausible =
        (out->year >= COMPACT_YEAR_LEAST && out->year <= COMPACT_YEAR_MOST) || out->year == 0 || out->year == 9999;
    return taken && plausible && out->hour <= 23 && out->minute <= 59 && out->second <= 60;
}

// Seconds, milliseconds or microseconds since 1970, by their number of digits; from 2000 on.
static bool scan_epoch(scanner *s, ps_written *out)
{
    enum { SECOND_DIGITS = 10, DIGITS_MORE = 3, DIGITS_MOST = 16, YEAR_2000_S = 946684800 };
    size_t digits = count_digits(s);
    int64_t unit = 1;

    if (digits < SECOND_DIGITS - 1 || digits > DIGITS_MOST || digits % DIGITS_MORE > 1) return false;
    for (size_t unit_digits = SECOND_DIGITS; unit_digits < digits; unit_digits += DIGITS_MORE)
        unit *= 1000;
    for (; at_digit(s); s->at++)
        out->number = out->number * 10 + (*s->at - '0');
    out->kind = PS_WRITTEN_INSTANT;
    out->number /= unit;
    // Zeros stand for nothing, as 1970 does everywhere.
    return (out->number >= YEAR_2000_S || out->number == 0) && take_fraction(s) && s->at == s->end;
}

// A spreadsheet's serial number: 1 is 1900-01-01, and 60 a 29th of February that never was.
static bool scan_excel(scanner *s, ps_written *out)
{
    enum { NO_DAY = 60, LAST = 2958465, DAY_0 = 25569 }; // 9999-12-31; 1899-12-30 before 1970
    int serial = 0;

    if (!take_number(s, 1, 7, &serial) || !take_fraction(s) || s->at != s->end) return false;
    out->kind = PS_WRITTEN_DAY;
    out->number = serial - DAY_0 + (serial < NO_DAY);
    return serial > 0 && serial != NO_DAY && serial <= LAST;
}

// ---- English

static const char *const month_names[] = {"january", "february", "march",     "april",   "may",      "june",
                                          "july",    "august",   "september", "october", "november", "december"};

static bool take_month(scanner *s, ps_written *out)
{
    out->month = take_name(s, month_names, PS_COUNT_OF(month_names)) + 1;
    (void)take(s, "."); // Feb. and Feb are the same
    return out->month > 0;
}

// 21 Oct 2011, 21-Oct-2011
static bool take_day_month(scanner *s, ps_written *out)
{
    if (!take_number(s, 1, 2, &out->day)) return false;
    if (take_blanks(s) == 0 && !take(s, "-")) return false;
    if (!take_month(s, out)) return false;
    bool comma = take(s, ",");
    return comma || take_blanks(s) > 0 || take(s, "-");
}

// Feb 1, 2024; Feb 1 2024
static bool take_month_day_name(scanner *s, ps_written *out)
{
    if (!take_month(s, out)) return false;
    take_blanks(s);
    if (!take_number(s, 1, 2, &out->day)) return false;
    bool comma = take(s, ",");
    return take_blanks(s) > 0 || comma;
}

// Fri, 21 Oct 2011 11:02:55 GMT (RFC 5322) and Feb 1, 2024 3:04 PM
static bool scan_english(scanner *s, ps_written *out)
{
    static const char *const days[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

    if (take_name(s, days, PS_COUNT_OF(days)) >= 0) {
        (void)take(s, ","); // may stand there or not
        take_blanks(s);
    }
    if (!(at_digit(s) ? take_day_month(s, out) : take_month_day_name(s, out))) return false;
    take_blanks(s);
    if (!take_number(s, 4, 4, &out->year)) return false;
    (void)take(s, ","); // Feb 1, 2024, 3:04 PM
    return take_rest(s, out);
}

// ---- the whole

static bool (*const scanners[PS_DATE_FORM_COUNT])(scanner *, ps_written *) = {
    [PS_DATE_FORM_ISO] = scan_iso,     [PS_DATE_FORM_YMD] = scan_ymd,     [PS_DATE_FORM_DMY] = scan_dmy,
    [PS_DATE_FORM_MDY] = scan_mdy,     [PS_DATE_FORM_ERA] = scan_era,     [PS_DATE_FORM_COMPACT] = scan_compact,
    [PS_DATE_FORM_EPOCH] = scan_epoch, [PS_DATE_FORM_EXCEL] = scan_excel, [PS_DATE_FORM_RFC5322] = scan_english,
};

bool ps_date_scan(ps_span text, ps_date_form form, ps_written *out)
{
    scanner s = {text.bytes, text.bytes + text.len};

    *out = (ps_written){.kind = PS_WRITTEN_CIVIL};
    return text.len > 0 && scanners[form](&s, out);
}
